"""What the Patient says of the patient: birth, sex, death, and whether another one replaced it.

Several resources of the one Patient may have come: what they tell differently is not known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.record.tolerant import MODIFIERS, Unreadable, day, mapping, mappings

if TYPE_CHECKING:
    from service.logic.dates import PartialDate
    from service.record.owner import Owner
    from service.record.shelf import Shelf
    from service.record.tolerant import Json

_REASON_WHY_NONE = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
_SEXES = frozenset({"male", "female"})


def born(patient: Owner, today: PartialDate, shelf: Shelf) -> PartialDate | None:
    """Return the day of birth; None where none is told, none that can be, or several that differ (noted as a problem)."""
    where = f"{patient.reference} birthDate"
    told = [birth for one in _understood(patient) if (birth := _born(one, today, where, shelf)) is not None]
    closest = min(told, key=lambda birth: birth.high - birth.low, default=None)
    if closest is not None and any(birth.low > closest.low or birth.high < closest.high for birth in told):
        shelf.problem("error", "conflict", where, "Several Patient resources tell different birth dates; none is used")
        return None
    return closest


def _born(resource: Json, today: PartialDate, where: str, shelf: Shelf) -> PartialDate | None:
    try:
        birth = None if _has_reason_why_none(resource) else day(resource, "birthDate")
    except Unreadable:
        shelf.problem("error", "unreadable", where, "The birth date is not a date; set aside")
        return None
    if birth is None and resource.get("birthDate"):
        shelf.problem("error", "unreadable", where, "The birth date stands beside the reason why there is none; set aside")
    if birth is not None and birth.low > today.high:
        shelf.problem("error", "unreadable", where, "The birth date is after the day asked for; set aside")
        return None
    return birth


def _has_reason_why_none(resource: Json) -> bool:
    return any(item.get("url") == _REASON_WHY_NONE for _, item in mappings(mapping(resource, "_birthDate"), "extension"))


def sex_of(patient: Owner, shelf: Shelf) -> str:
    """Return the recorded sex; '' where none is told, another word, or both (noted as a problem)."""
    told = {sex for one in _understood(patient) if isinstance(sex := one.get("gender"), str) and sex in _SEXES}
    if len(told) > 1:
        said = "Several Patient resources tell different sexes; none is used"
        shelf.problem("error", "conflict", f"{patient.reference} gender", said)
        return ""
    return told.pop() if told else ""


def _understood(patient: Owner) -> list[Json]:
    """Return the resources but those whose sense may be turned."""
    return [resource for resource in patient.resources if not any(map(resource.get, MODIFIERS))]


def note_modified(patient: Owner, shelf: Shelf) -> None:
    """Note whatever may turn the sense of a Patient resource: of such a one neither birth nor sex is used."""
    for key in dict.fromkeys(key for resource in patient.resources for key in MODIFIERS if resource.get(key)):
        said = "This may turn the sense of the Patient, whose birth date and sex are not used"
        shelf.problem("error", "unreadable", f"{patient.reference} {key}", said)


def is_deceased(patient: Owner, today: PartialDate, shelf: Shelf) -> bool:
    """Return whether a death is recorded that is not surely after the day asked for; it is noted as a problem.

    A day of death that is none tells of a death all the same; a `deceasedBoolean` that is neither true nor false tells nothing.
    """
    died = [_has_died(resource, patient.reference, today, shelf) for resource in patient.resources]  # each notes what is wrong
    return any(died)


def _has_died(resource: Json, reference: str, today: PartialDate, shelf: Shelf) -> bool:
    told, written = resource.get("deceasedBoolean"), resource.get("deceasedDateTime")
    if told is not None and not isinstance(told, bool):
        where = f"{reference} deceasedBoolean"
        shelf.problem("error", "unreadable", where, "Neither true nor false; whether the patient is deceased is not known")
    if told is not True and not written:
        return False
    where, died = f"{reference} {'deceasedDateTime' if written else 'deceasedBoolean'}", None
    try:
        died = day(resource, "deceasedDateTime")
    except Unreadable:
        shelf.problem("error", "unreadable", where, "The day of death is not a date; set aside")
    if died is not None and died.low > today.high:
        return False
    sure = told is True if died is None else died.high <= today.high
    said = "Recorded as deceased by the day asked for" if sure else "Recorded as deceased, perhaps by the day asked for"
    shelf.problem("information", "deceased", where, said)
    return True


def is_replaced(patient: Owner, shelf: Shelf) -> bool:
    """Return whether the Patient says that another one replaced it; it is noted as a problem."""
    links = [links for resource in patient.resources if isinstance(links := resource.get("link"), list)]
    types = [link.get("type") for some in links for link in some if isinstance(link, dict)]
    if "replaced-by" not in types:
        return False
    said = "Another Patient replaced this one; what was recorded since may stand with that one"
    shelf.problem("warning", "replaced", f"{patient.reference} link", said)
    return True
