"""From what a result comes: the specimen, its site, the name of the test, its method, or a note."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.record.codes import Coded, coded
from service.record.days import NEVER, Taken, taken_on
from service.record.tolerant import Json, mapping, text

if TYPE_CHECKING:
    from service.record.record import Specimen
    from service.record.shelf import Shelf

_SPECIMENS: tuple[tuple[str, Specimen], ...] = (
    ("specimen-marrow", "marrow"),
    ("bone-marrow-sampling", "marrow"),
    ("specimen-blood", "blood"),
    ("specimen-csf", "csf"),
    ("specimen-urine", "other"),
)

_SPOILT = frozenset({"unsatisfactory", "entered-in-error"})


def specimen_of(resource: Json, shelf: Shelf) -> tuple[Specimen | None, Taken]:
    """Return the specimen of a result, `unclear` where one is told that we do not know, and when it was taken."""
    if "specimen" not in resource and "bodySite" not in resource:
        return None, NEVER
    pointer = mapping(resource, "specimen")
    found = shelf.resolve(text(pointer, "reference", "specimen."), resource)
    collection = mapping(found, "collection")
    taken = taken_on(found, collection)
    sites = (
        coded(found, "type", shelf.terms),
        coded(collection, "bodySite", shelf.terms),
        coded(resource, "bodySite", shelf.terms),
    )
    for site in sites:
        named = named_specimen(site)
        if named is not None:
            return named, taken
    shown = text(pointer, "display", "specimen.")
    named = _specimen_in(frozenset(shelf.terms.names_in(shown))) if shown else None
    unclear: Specimen | None = "unclear" if any(site.codings or site.text for site in sites) else None
    return named or unclear, taken


def is_spoilt(resource: Json, shelf: Shelf) -> bool:
    """Return whether the specimen of a result is said to be of no use, or entered in error."""
    if "specimen" not in resource:
        return False
    found = shelf.resolve(text(mapping(resource, "specimen"), "reference", "specimen."), resource)
    return text(found, "status", "specimen.") in _SPOILT


def named_specimen(code: Coded, named: frozenset[str] = frozenset()) -> Specimen | None:
    """Return the specimen that the name of a test tells of; `named`: what stands in the name of a test with a code.

    A code for residual disease may be that of any specimen: then the words beside it count.
    """
    return _specimen_in(code.concepts | named if "mrd" in code.concepts else code.concepts)


def specimen_in_words(holder: Json, noted: str, shelf: Shelf) -> Specimen | None:
    """Return the specimen that the method names, or a note that names blood or cerebrospinal fluid and no marrow."""
    method = coded(holder, "method", shelf.terms)
    named = _specimen_in(method.concepts.union(shelf.terms.names_in(method.text)) if method.text else method.concepts)
    if named is not None or not noted:
        return named
    beside = _specimen_in(frozenset(shelf.terms.names_in(noted)))
    return None if beside == "marrow" else beside


def _specimen_in(concepts: frozenset[str]) -> Specimen | None:
    return next((kind for concept, kind in _SPECIMENS if concept in concepts), None)
