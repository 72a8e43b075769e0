"""Plain drugs: orders, doses and statements that name their drug and say nothing besides, read without unpacking the rest.

Most of a record are such. What is given here is exactly what the readers of treatments give; anything else is left to them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import orjson

from service.logic.dates import PartialDate
from service.record.bundle import NOTHING, UNREADABLE
from service.record.shelf import Dosed
from service.record.tolerant import Unreadable
from service.record.treatments import (
    FIRM_INTENTS,
    GIVEN,
    NO_REASONS,
    ORDERED,
    PERHAPS,
    STOPPED,
    TAKEN,
    administered,
    begun,
    drug_of,
    ends_later,
    intrathecal,
    is_of_nothing,
    is_taken_back,
    ordered,
    perhaps,
    stated,
    still_to_come,
)

if TYPE_CHECKING:
    from service.record.record import Drug
    from service.record.shelf import Shelf


class _Period(msgspec.Struct, gc=False):
    start: str = ""
    end: str = ""


class _Plain(msgspec.Struct, gc=False):
    """What a plain drug has, and below the line what it must not have."""

    status: str
    medicationCodeableConcept: msgspec.Raw  # noqa: N815 - FHIR's own name
    intent: str = ""
    doNotPerform: bool = False  # noqa: N815 - FHIR's own name
    authoredOn: str = ""  # noqa: N815 - FHIR's own name
    effectiveDateTime: str = ""  # noqa: N815 - FHIR's own name
    effectivePeriod: _Period | None = None  # noqa: N815 - FHIR's own name
    dateAsserted: str = ""  # noqa: N815 - FHIR's own name
    dosage: msgspec.Raw = NOTHING
    dosageInstruction: msgspec.Raw = NOTHING  # noqa: N815 - FHIR's own name

    modifierExtension: None = None  # noqa: N815 - FHIR's own name
    implicitRules: None = None  # noqa: N815 - FHIR's own name
    note: None = None
    statusReason: None = None  # noqa: N815 - FHIR's own name
    statusReasonCodeableConcept: None = None  # noqa: N815 - FHIR's own name
    # of an older FHIR, in which a completed dose may be one that was not given (service/record/kinds.py)
    notGiven: None = None  # noqa: N815 - FHIR's own name
    wasNotGiven: None = None  # noqa: N815 - FHIR's own name
    wasNotTaken: None = None  # noqa: N815 - FHIR's own name
    taken: None = None
    notDone: None = None  # noqa: N815 - FHIR's own name
    notPerformed: None = None  # noqa: N815 - FHIR's own name


_decode = msgspec.json.Decoder(_Plain).decode
_BROKEN = (*UNREADABLE, Unreadable)


def read_plain_drug(kind: str, raw: msgspec.Raw, reference: str, shelf: Shelf) -> Drug | None:
    """Return the drug of a plain order, dose or statement; None for everything else, what does not count included."""
    read = _READERS.get(kind)
    if read is None:
        return None
    try:
        return read(_decode(raw), reference, shelf)
    except _BROKEN:
        return None


def _ordered(plain: _Plain, reference: str, shelf: Shelf) -> Drug | None:
    if plain.status not in ORDERED or plain.intent not in FIRM_INTENTS or plain.doNotPerform:
        return None
    said = _dosed(plain.medicationCodeableConcept, plain.dosageInstruction, shelf)
    return ordered(reference, plain.status, said.drug, _day(plain.authoredOn), NO_REASONS, into_csf=said.intrathecal)


def _administered(plain: _Plain, reference: str, shelf: Shelf) -> Drug | None:
    if plain.status not in GIVEN and plain.status not in PERHAPS:
        return None
    said = _dosed(plain.medicationCodeableConcept, plain.dosage, shelf)
    start, end = _period(plain.effectivePeriod)
    start = begun(_day(plain.effectiveDateTime) or start, end, said.drug, shelf)
    doubted = said.of_nothing or (said.taken_back and plain.status != STOPPED) or ends_later(start, end, shelf)
    doubted = doubted or still_to_come(plain.status, end, said.drug, shelf)
    status = perhaps(reference, said.drug, shelf) if doubted else plain.status
    return administered(reference, status, said.drug, (start, end), NO_REASONS, into_csf=said.intrathecal)


def _stated(plain: _Plain, reference: str, shelf: Shelf) -> Drug | None:
    if plain.status not in TAKEN and plain.status not in PERHAPS:
        return None
    said = _dosed(plain.medicationCodeableConcept, plain.dosage, shelf)
    start, end = _period(plain.effectivePeriod)
    start = begun(_day(plain.effectiveDateTime) or start or _day(plain.dateAsserted), end, said.drug, shelf)
    doubted = (said.taken_back and plain.status != STOPPED) or still_to_come(plain.status, end, said.drug, shelf)
    status = perhaps(reference, said.drug, shelf) if doubted else plain.status
    return stated(reference, status, said.drug, (start, end), NO_REASONS, into_csf=said.intrathecal)


_READERS = {"MedicationRequest": _ordered, "MedicationAdministration": _administered, "MedicationStatement": _stated}


def _dosed(concept: msgspec.Raw, dosage: msgspec.Raw, shelf: Shelf) -> Dosed:
    """Return what a concept and a dosage say; the same few come with each dose of a record. Raises: Unreadable."""
    written = bytes(concept), bytes(dosage)
    found = shelf.dosed.get(written)
    if found is None:
        resource = {"medicationCodeableConcept": orjson.loads(written[0])}
        if not resource["medicationCodeableConcept"]:
            raise Unreadable("medicationCodeableConcept")  # the long way looks for the drug elsewhere
        if written[1]:
            resource["dosage"] = orjson.loads(written[1])
        drug = drug_of(resource, shelf)
        found = shelf.dosed[written] = Dosed(
            drug, intrathecal(resource, "dosage", drug, shelf), is_of_nothing(resource.get("dosage")),
            is_taken_back(resource, "", drug, shelf),
        )  # fmt: skip
    return found


def _day(written: str) -> PartialDate | None:
    """Return a date; None where it is missing. Raises: Unreadable."""
    if not written:
        return None
    found = PartialDate.parse(written)
    if found is None:
        raise Unreadable("date")
    return found


def _period(written: _Period | None) -> tuple[PartialDate | None, PartialDate | None]:
    """Return start and end. Raises: Unreadable."""
    if written is None:
        return None, None
    start, end = _day(written.start), _day(written.end)
    if start is not None and end is not None and end.high < start.low:
        raise Unreadable("effectivePeriod")
    return start, end
