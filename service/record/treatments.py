"""Drugs and procedures: what was given, ordered or done; what was only planned never counts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypedDict

from service.logic.dates import PartialDate
from service.record.codes import NOTHING, Coded, coded
from service.record.record import NOT_TOLD, Doubt, Drug
from service.record.relapse_words import TRANSPLANTS
from service.record.tolerant import (
    MISTAKEN,
    MODIFIERS,
    Json,
    Unreadable,
    day,
    mapping,
    mappings,
    note_texts,
    notes,
    period,
    refuse_modified,
    text,
)
from service.record.wanted import names_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Set as AbstractSet

    from service.record.shelf import Shelf

ORDERED = frozenset({"active", "completed", "on-hold", "stopped", "unknown"})
FIRM_INTENTS = frozenset({"", "order", "original-order", "reflex-order", "filler-order", "instance-order"})
GIVEN = frozenset({"completed", "in-progress", "stopped"})
TAKEN = frozenset({"active", "completed", "stopped"})
STOPPED = "stopped"
PERHAPS = frozenset({"on-hold", "unknown"})  # may have been given: like a finished order, never certainly
DISPENSED = frozenset({"completed"})
PERHAPS_DISPENSED = PERHAPS | {"in-progress", "stopped"}  # ready to be fetched, or ended before all of it was handed over
TAKEN_BACK = "taken-back"  # no status of FHIR's: recorded as done, and denied beside it
_IN_DOUBT = PERHAPS | {TAKEN_BACK}
PERHAPS_GIVEN, _PERHAPS_TAKEN, _DISPENSED_AT_ALL = GIVEN | PERHAPS, TAKEN | PERHAPS, DISPENSED | PERHAPS_DISPENSED
# Statuses that take a resource out. What is neither counted nor of these is no status that FHIR has: nobody knows what it says.
_NOT_ORDERED = frozenset({"draft", "cancelled", "entered-in-error"})
_NOT_GIVEN = frozenset({"not-done", "entered-in-error"})
_NOT_TAKEN = frozenset({"not-taken", "intended", "entered-in-error"})
_NOT_DISPENSED = frozenset({"preparation", "cancelled", "declined", "entered-in-error"})
Span = tuple["PartialDate | None", "PartialDate | None"]
"""Start and end, as far as they are told."""
INTRATHECAL = frozenset({"route-intrathecal", "intrathecal-chemotherapy"})


def read_nowhere(_reference: str) -> Json | None:
    """Return nothing: where no record server may be asked, a reference leads nowhere."""
    return None


def counts(status: str, counted: AbstractSet[str], taken_out: AbstractSet[str]) -> bool:
    """Return whether a status lets a resource count. Raises: Unreadable where it is missing, or none that FHIR has."""
    if status not in counted and status not in taken_out:
        raise Unreadable("status")
    return status in counted


def named_drug(resource: Json, shelf: Shelf, read: Callable[[str], Json | None] = read_nowhere) -> Coded:
    """Return what an order, a dose or a statement says of its drug, as it says it.

    The drug may stand in the resource, be contained in it, be on the shelf under its address, or be had by `read`.
    """
    refuse_modified(resource)
    if resource.get("medicationCodeableConcept") is not None:
        return coded(resource, "medicationCodeableConcept", shelf.terms)
    pointer = mapping(resource, "medicationReference")
    reference = text(pointer, "reference", "medicationReference.")
    found = shelf.resolve(reference, resource)
    if not found and reference and not reference.startswith("#"):
        found = read(reference) or {}
    code = _of_medication(found, resource, shelf)
    if code.codings or code.text:
        return code
    shown = text(pointer, "display", "medicationReference.")
    named = frozenset(shelf.terms.names_in(shown)) if shown else frozenset()
    return Coded(named, (), shown, by_name=bool(named))


def _of_medication(medication: Json, around: Json, shelf: Shelf) -> Coded:
    """Return what a Medication says of itself, and of what is in it: what a pharmacy prepares may have no other name.

    One that was entered in error, or whose sense may be turned, says nothing.
    """
    if medication.get("status") == MISTAKEN or any(map(medication.get, MODIFIERS)):
        return NOTHING
    code = coded(medication, "code", shelf.terms)
    inside = [_ingredient(item, n, medication, around, shelf) for n, item in mappings(medication, "ingredient")]
    telling = [one for one in inside if one.concepts]
    if not telling:
        return code
    if code.concepts:
        telling.insert(0, code)
    concepts = frozenset(concept for one in telling for concept in one.concepts)
    words = " | ".join(dict.fromkeys(one.text for one in (code, *telling) if one.text))
    codings = (*code.codings, *(coding for one in telling if one is not code for coding in one.codings))
    return Coded(concepts, codings, words, by_name=all(one.by_name for one in telling))


def _ingredient(item: Json, number: int, medication: Json, around: Json, shelf: Shelf) -> Coded:
    """Return what one ingredient is: said by itself, or by the resource to which it points."""
    path = f"ingredient[{number}]."
    if item.get("itemCodeableConcept") is not None:
        return coded(item, "itemCodeableConcept", shelf.terms, path)
    reference = text(mapping(item, "itemReference", path), "reference", f"{path}itemReference.")
    return coded(shelf.resolve(reference, medication) or shelf.resolve(reference, around), "code", shelf.terms)


def drug_of(resource: Json, shelf: Shelf) -> Coded:
    """Return the drug of an order, a dose or a statement.

    One to which the resource only points, and of which nothing tells what it is, has a concept of its own.
    Raises: Unreadable, also where the drug is not there at all, or stands where R5 has it: it may be any.
    """
    if resource.get("medicationCodeableConcept") is None and resource.get("medicationReference") is None:
        raise Unreadable("medication" if "medication" in resource else "medication[x]")
    code = named_drug(resource, shelf)
    if code == NOTHING and resource.get("medicationCodeableConcept") is None:
        shelf.not_told = True
        return replace(code, concepts=frozenset({NOT_TOLD}))
    return _given(code, shelf)


def _given(code: Coded, shelf: Shelf) -> Coded:
    """Return a treatment without its concepts where words alone name it and say that it is prepared, planned or declined."""
    return replace(code, concepts=frozenset()) if code.by_name and shelf.vocabulary.phrases.is_not_given(code.text) else code


class _Reasons(TypedDict):
    reason: str
    resisted: bool
    not_tolerated: bool


NO_REASONS = _Reasons(reason="", resisted=False, not_tolerated=False)


def _reasons(resource: Json, shelf: Shelf) -> _Reasons:
    reason = _reason(resource, shelf)
    phrases = shelf.vocabulary.phrases
    return {
        "reason": reason,
        "resisted": bool(reason) and phrases.tells_resistance(reason),
        "not_tolerated": bool(reason) and phrases.tells_intolerance(reason),
    }


def _reason(resource: Json, shelf: Shelf) -> str:
    return " ".join((_status_reason(resource, shelf), notes(resource))).strip()


def _status_reason(resource: Json, shelf: Shelf) -> str:
    reason = resource.get("statusReason")
    if resource.get("statusReasonCodeableConcept") is not None:  # a dispense
        return coded(resource, "statusReasonCodeableConcept", shelf.terms, named=False).text
    if isinstance(reason, list):
        return " ".join(coded({"r": item}, "r", shelf.terms, named=False).text for item in reason if isinstance(item, dict))
    return coded(resource, "statusReason", shelf.terms, named=False).text


def is_taken_back(resource: Json, status: str, code: Coded, shelf: Shelf) -> bool:
    """Return whether the words beside a treatment say that it was planned, declined or not given; one that stopped was begun."""
    if status == STOPPED:
        return False
    given = shelf.vocabulary.given
    outcome = coded(resource, "outcome", shelf.terms, named=False).text if "outcome" in resource else ""
    said = (code.text, _status_reason(resource, shelf), text(resource, "performedString"), outcome)
    if any(map(given.takes_back, said)) or _is_something_else(code, shelf):
        return True
    if any(map(given.note_takes_back, _dosage_texts(resource))):
        return True
    told = [note for note in note_texts(resource) if note]
    patterns = [shelf.vocabulary.names.get(concept) for concept in code.concepts] if told else []
    names = [pattern for pattern in patterns if pattern is not None]
    return any(given.note_takes_back(note, names) for note in told)


def _is_something_else(code: Coded, shelf: Shelf) -> bool:
    """Return whether a treatment against the leukaemia that words alone name is perhaps another one."""
    if not code.by_name:
        return False
    meant = code.concepts & (shelf.vocabulary.told_before | TRANSPLANTS)
    patterns = [shelf.vocabulary.names.get(concept) for concept in meant]
    return bool(meant) and shelf.vocabulary.given.is_something_else(code.text, [one for one in patterns if one is not None])


def _dosage_texts(resource: Json) -> list[str]:
    """Return the words of the dosage of a dose or of a statement, where it has any."""
    written = resource.get("dosage")
    dosages = written if isinstance(written, list) else [written]
    return [said for one in dosages if isinstance(one, dict) and isinstance(said := one.get("text"), str) and said]


def begun(start: PartialDate | None, end: PartialDate | None, code: Coded, shelf: Shelf) -> PartialDate | None:
    """Return when a treatment was begun: a course on its first day; cells and a graft are given on any one of a period."""
    if end is None or code.concepts.isdisjoint(shelf.vocabulary.at_once):
        return start
    return PartialDate.of_period(start, end)


def still_to_come(status: str, end: PartialDate | None, code: Coded, shelf: Shelf) -> bool:
    """Return whether what is given on one day is recorded as done by a day that has not come."""
    to_come = status == "completed" and end is not None and end.low > shelf.today.high
    return to_come and not code.concepts.isdisjoint(shelf.vocabulary.at_once)


def ends_later(start: PartialDate | None, end: PartialDate | None, shelf: Shelf) -> bool:
    """Return whether all that is told of the days of a treatment is an end that has not come."""
    return start is None and end is not None and end.low > shelf.today.high


def perhaps(reference: str, code: Coded, shelf: Shelf) -> str:
    """Return the status of what is recorded as done and is perhaps not; it is noted as a problem."""
    if code.concepts:
        said = "Recorded as done, and what stands beside it says that it perhaps was not; counted as perhaps given"
        shelf.problem("warning", "perhaps-not-done", f"{reference} status", said)
    return TAKEN_BACK


def _doubt(status: str) -> Doubt:
    return "denied" if status == TAKEN_BACK else ""


def intrathecal(resource: Json, key: str, drug: Coded, shelf: Shelf) -> bool:
    """Return whether a drug goes into the cerebrospinal fluid: by its name, or by the route of every dosage that has one."""
    if not INTRATHECAL.isdisjoint(drug.concepts) or not INTRATHECAL.isdisjoint(names_of(drug.text, shelf.terms)):
        return True
    written = resource.get(key)
    # a dosage of another shape tells no route; that is no reason to lose the drug
    dosages = [item for item in (written if isinstance(written, list) else [written]) if isinstance(item, dict)]
    routes = [coded(item, "route", shelf.terms, f"{key}.").concepts for item in dosages if isinstance(item.get("route"), dict)]
    return bool(routes) and all(not INTRATHECAL.isdisjoint(route) for route in routes)


def read_request(resource: Json, reference: str, shelf: Shelf) -> Drug | None:
    """Return one order; None for drafts, cancelled ones, plans, proposals and orders not to give."""
    status = text(resource, "status")
    refrain = resource.get("doNotPerform")
    if refrain is not None and not isinstance(refrain, bool):
        raise Unreadable("doNotPerform")
    if not counts(status, ORDERED, _NOT_ORDERED) or text(resource, "intent") not in FIRM_INTENTS or refrain:
        return None
    code = drug_of(resource, shelf)
    when, into_csf = day(resource, "authoredOn"), intrathecal(resource, "dosageInstruction", code, shelf)
    return ordered(reference, status, code, when, _reasons(resource, shelf), into_csf=into_csf)


def ordered(  # noqa: PLR0913 - all that an order says
    reference: str, status: str, code: Coded, when: PartialDate | None, reasons: _Reasons, *, into_csf: bool
) -> Drug:
    """Return an order that counts."""
    return Drug(
        reference, code.concepts, code.text, "request", when, None, given=False,
        finished=status in {"completed", "stopped", "unknown"}, ongoing=status == "active",
        intrathecal=into_csf, **reasons,
    )  # fmt: skip


def read_administration(resource: Json, reference: str, shelf: Shelf) -> Drug | None:
    """Return one administration; None where it was not done."""
    status = text(resource, "status")
    if not counts(status, PERHAPS_GIVEN, _NOT_GIVEN):
        return None
    code = drug_of(resource, shelf)
    start, end = period(resource, "effectivePeriod")
    start = begun(day(resource, "effectiveDateTime") or start, end, code, shelf)
    into_csf = intrathecal(resource, "dosage", code, shelf)
    doubted = is_of_nothing(resource.get("dosage")) or is_taken_back(resource, status, code, shelf)
    if doubted or ends_later(start, end, shelf) or still_to_come(status, end, code, shelf):
        status = perhaps(reference, code, shelf)
    return administered(reference, status, code, (start, end), _reasons(resource, shelf), into_csf=into_csf)


def is_of_nothing(dosage: object) -> bool:
    """Return whether every dose and rate that is told is zero."""
    if not isinstance(dosage, dict):
        return False
    rate = dosage.get("rateRatio")
    given = (dosage.get("dose"), dosage.get("rateQuantity"), rate.get("numerator") if isinstance(rate, dict) else None)
    told = [amount for amount in given if isinstance(amount, dict)]
    values = [value for amount in told if (value := amount.get("value")) is not None]
    return bool(values) and all(value == 0 for value in values)


def administered(  # noqa: PLR0913 - all that an administration says
    reference: str, status: str, code: Coded, when: Span, reasons: _Reasons, *, into_csf: bool
) -> Drug:
    """Return an administration that counts."""
    return Drug(
        reference, code.concepts, code.text, "administration", *when, given=status in GIVEN,
        finished=status in _IN_DOUBT, intrathecal=into_csf, doubt=_doubt(status), **reasons,
    )  # fmt: skip


def read_statement(resource: Json, reference: str, shelf: Shelf) -> Drug | None:
    """Return one statement of use; None where the drug was not taken or is only intended."""
    status = text(resource, "status")
    if not counts(status, _PERHAPS_TAKEN, _NOT_TAKEN):
        return None
    code = drug_of(resource, shelf)
    start, end = period(resource, "effectivePeriod")
    start = begun(day(resource, "effectiveDateTime") or start or day(resource, "dateAsserted"), end, code, shelf)
    if is_taken_back(resource, status, code, shelf) or still_to_come(status, end, code, shelf):
        status = perhaps(reference, code, shelf)
    into_csf = intrathecal(resource, "dosage", code, shelf)
    return stated(reference, status, code, (start, end), _reasons(resource, shelf), into_csf=into_csf)


def stated(  # noqa: PLR0913 - all that a statement says
    reference: str, status: str, code: Coded, when: Span, reasons: _Reasons, *, into_csf: bool
) -> Drug:
    """Return a statement of use that counts."""
    return Drug(
        reference, code.concepts, code.text, "statement", *when, given=status in TAKEN,
        ongoing=status == "active" and when[1] is None, finished=status in _IN_DOUBT,
        intrathecal=into_csf, doubt=_doubt(status), **reasons,
    )  # fmt: skip


def read_dispense(resource: Json, reference: str, shelf: Shelf) -> Drug | None:
    """Return one dispense; None where nothing was handed over or made ready.

    One that is not completed is given back like a finished order: perhaps taken, never certainly.
    """
    status = text(resource, "status")
    if not counts(status, _DISPENSED_AT_ALL, _NOT_DISPENSED):
        return None
    code = drug_of(resource, shelf)
    when = day(resource, "whenHandedOver") or day(resource, "whenPrepared")
    if mapping(resource, "quantity").get("value") == 0 or is_taken_back(resource, status, code, shelf):
        status = perhaps(reference, code, shelf)
    return Drug(
        reference, code.concepts, code.text, "dispense", when, None, given=status in DISPENSED,
        finished=status not in DISPENSED, doubt=_doubt(status),
        intrathecal=intrathecal(resource, "dosageInstruction", code, shelf), **_reasons(resource, shelf),
    )  # fmt: skip
