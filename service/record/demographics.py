"""What the Patient resource says of the patient: birth, death, and whether another one replaced it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.record.tolerant import Unreadable, day

if TYPE_CHECKING:
    from service.logic.dates import PartialDate
    from service.record.owner import Owner
    from service.record.shelf import Shelf


def born(patient: Owner, today: PartialDate, shelf: Shelf) -> PartialDate | None:
    """Return the day of birth; None where none is told, or none that can be (noted as a problem)."""
    try:
        birth = day(patient.resource, "birthDate")
    except Unreadable:
        shelf.problem("error", "unreadable", f"{patient.reference} birthDate", "The birth date is not a date; set aside")
        return None
    if birth is not None and birth.low > today.high:
        shelf.problem(
            "error", "unreadable", f"{patient.reference} birthDate", "The birth date is after the day asked for; set aside"
        )
        return None
    return birth


def is_deceased(patient: Owner, today: PartialDate, shelf: Shelf) -> bool:
    """Return whether a death is recorded that is not surely after the day asked for; it is noted as a problem.

    A day of death that is none tells of a death all the same; a `deceasedBoolean` that is neither true nor false tells nothing.
    """
    told, written = patient.resource.get("deceasedBoolean"), patient.resource.get("deceasedDateTime")
    if told is not None and not isinstance(told, bool):
        where = f"{patient.reference} deceasedBoolean"
        shelf.problem("error", "unreadable", where, "Neither true nor false; whether the patient is deceased is not known")
    if told is not True and not written:
        return False
    where, died = f"{patient.reference} {'deceasedDateTime' if written else 'deceasedBoolean'}", None
    try:
        died = day(patient.resource, "deceasedDateTime")
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
    links = patient.resource.get("link")
    types = [link.get("type") for link in links if isinstance(link, dict)] if isinstance(links, list) else []
    if "replaced-by" not in types:
        return False
    said = "Another Patient replaced this one: what was recorded since may stand with that one"
    shelf.problem("warning", "replaced", f"{patient.reference} link", said)
    return True
