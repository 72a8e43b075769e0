"""Whose a result is: the patient's, or that of a relative, a donor, an unborn child, a group or a thing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from service.record.bundle import type_in
from service.record.disease_words import OF_THE_ALL
from service.record.signs import plain
from service.record.tolerant import Json, mapping, mappings, text

if TYPE_CHECKING:
    from service.record.shelf import Shelf

OTHERS = frozenset({"RelatedPerson", "Group", "Location", "Device"})
"""Types that are never the patient."""

_ADDRESS = re.compile("[/:#]")
_NOT_OF_RECORD = OTHERS | {"Patient"}


def of_somebody_else(resource: Json, shelf: Shelf) -> bool:
    """Return whether a result is about a relative, a group or another patient, though it came with the patient's data.

    A focus is what it is about where that is not the patient; one of which nobody can tell what it is may be anybody.
    """
    subject = mapping(resource, "subject")
    owner = text(subject, "reference", "subject.")
    kind = _type_of(owner, resource, shelf) or text(subject, "type", "subject.")
    if kind in OTHERS:
        return True
    return any(_is_other(focus, f"focus[{place}].", owner, resource, shelf) for place, focus in mappings(resource, "focus"))


def conditions_in(resource: Json, shelf: Shelf) -> tuple[str, ...]:
    """Return the Conditions on which a result is focused, each as evidence names it; one that words alone tell by its place."""
    found: list[str] = []
    for place, focus in mappings(resource, "focus"):
        reference = text(focus, "reference", f"focus[{place}].")
        if reference:
            found.append(shelf.condition(reference))
        elif text(focus, "type", f"focus[{place}].") in {"", "Condition"} and not _names_the_all(_shown(focus, place), shelf):
            found.append(f"focus[{place}]" if focus else "")
    return tuple(address for address in found if address)


def _is_other(focus: Json, path: str, owner: str, resource: Json, shelf: Shelf) -> bool:
    reference = text(focus, "reference", path)
    if not reference:
        return _is_other_in_words(focus, path, shelf)
    if not _ADDRESS.search(reference):
        return False  # no reference of FHIR's: it says nothing
    kind = _type_of(reference, resource, shelf)
    if kind == "Patient":
        return reference != owner
    return kind in OTHERS or not (kind or shelf.knows(reference) or reference == owner)


def _is_other_in_words(focus: Json, path: str, shelf: Shelf) -> bool:
    """Return whether a focus without an address is a person, or may be one: its words name no condition."""
    kind, shown = text(focus, "type", path), text(focus, "display", path)
    if kind in _NOT_OF_RECORD or shelf.vocabulary.persons.search(plain(shown)):
        return True
    return bool(focus) and not kind and not shelf.terms.names_in(shown)


def _type_of(reference: str, resource: Json, shelf: Shelf) -> str:
    """Return the type to which a reference leads; '' where it does not tell it, `Group` where what is contained is not there."""
    if reference.startswith("#"):
        kind = shelf.resolve(reference, resource).get("resourceType", "Group")
        return kind if isinstance(kind, str) else "Group"
    return type_in(reference)


def _shown(focus: Json, place: int) -> str:
    return text(focus, "display", f"focus[{place}].")


def _names_the_all(shown: str, shelf: Shelf) -> bool:
    return any(concept.startswith(OF_THE_ALL) for concept in shelf.terms.names_in(shown))
