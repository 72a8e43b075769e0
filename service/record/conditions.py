"""Conditions and allergies: those that count, with their codes, status and dates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.record.codes import NOTHING, Coded, coded, concept_of
from service.record.observations import findings_in
from service.record.record import Diagnosis, Sensitivity
from service.record.tolerant import Json, day, mapping, mappings, notes, period, text
from service.record.wanted import names_of

if TYPE_CHECKING:
    from service.record.shelf import Shelf

DENIED = frozenset({"entered-in-error", "refuted"})
DOUBTFUL = frozenset({"provisional", "differential", "unconfirmed"})
OVER = frozenset({"inactive", "resolved"})


def _status(resource: Json, key: str, shelf: Shelf) -> str:
    """Return the code of a status element; the word alone where an older version wrote a plain string."""
    value = resource.get(key)
    if isinstance(value, str):
        return value
    codings = coded(resource, key, shelf.terms, named=False).codings
    return codings[0][1] if codings else text(mapping(resource, key), "text", f"{key}.")


def read_condition(resource: Json, reference: str, shelf: Shelf) -> Diagnosis | None:
    """Return one diagnosis; None where it was refuted or entered in error."""
    verification = _status(resource, "verificationStatus", shelf)
    if verification in DENIED:
        return None
    code = coded(resource, "code", shelf.terms)
    morphology = _morphology(resource, shelf)
    sites = [concept_of(site, shelf.terms, f"bodySite[{position}].") for position, site in mappings(resource, "bodySite")]
    note = notes(resource)
    said = f"{code.text} | {note}".strip(" |")
    onset, _ = period(resource, "onsetPeriod")
    abated, _ = period(resource, "abatementPeriod")
    return Diagnosis(
        reference=reference,
        concepts=code.concepts | morphology.concepts,
        coded=code.codings + morphology.codings,
        text=code.text,
        clinical=_status(resource, "clinicalStatus", shelf),
        certain=verification not in DOUBTFUL,
        onset=day(resource, "onsetDateTime") or onset,
        recorded=day(resource, "recordedDate"),
        abated=day(resource, "abatementDateTime") or abated,
        sites=frozenset(concept for site in sites for concept in site.concepts),
        note=note,
        named=frozenset(names_of(code.text, shelf.terms)),
        says_relapse=_says_relapse(code.text, shelf),
        noted=frozenset(shelf.terms.names_in(note)),
        findings=findings_in(said, shelf),
    )


def _says_relapse(said: str, shelf: Shelf) -> bool:
    """Return whether a text speaks of a relapse without denying or doubting it."""
    finding = shelf.vocabulary.phrases.finding(said, shelf.vocabulary.markers["status-relapse"]) if said else None
    return finding is not None and not finding.contradictory and finding.answer in {None, "positive"}


def _morphology(resource: Json, shelf: Shelf) -> Coded:
    """Return the histology that profiles write into an extension of the Condition."""
    found = NOTHING
    for position, extension in mappings(resource, "extension"):
        if extension.get("valueCodeableConcept") is not None:
            more = coded(extension, "valueCodeableConcept", shelf.terms, f"extension[{position}].", named=False)
            found = Coded(found.concepts | more.concepts, found.codings + more.codings, found.text)
    return found


def read_allergy(resource: Json, reference: str, shelf: Shelf) -> Sensitivity | None:
    """Return one allergy or intolerance; None where it was refuted or is over."""
    if _status(resource, "verificationStatus", shelf) in DENIED or _status(resource, "clinicalStatus", shelf) in OVER:
        return None
    code = coded(resource, "code", shelf.terms)
    when = day(resource, "onsetDateTime") or day(resource, "recordedDate")
    return Sensitivity(reference, code.concepts, code.text, when)
