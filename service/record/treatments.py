"""Drugs and procedures: what was given, ordered or done; what was only planned never counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from service.record.codes import Coded, coded
from service.record.record import Drug, Treatment
from service.record.tolerant import Json, Unreadable, day, mapping, notes, period, text

if TYPE_CHECKING:
    from service.record.shelf import Shelf

ORDERED = frozenset({"active", "completed", "on-hold", "stopped"})
FIRM_INTENTS = frozenset({"", "order", "original-order", "reflex-order", "filler-order", "instance-order"})
GIVEN = frozenset({"completed", "in-progress", "stopped"})
TAKEN = frozenset({"active", "completed", "stopped"})
DISPENSED = frozenset({"completed"})


def _drug(resource: Json, shelf: Shelf) -> Coded:
    if resource.get("medicationCodeableConcept") is not None:
        return coded(resource, "medicationCodeableConcept", shelf.terms)
    pointer = mapping(resource, "medicationReference")
    found = shelf.resolve(text(pointer, "reference", "medicationReference."), resource)
    code = coded(found, "code", shelf.terms)
    if code.codings or code.text:
        return code
    shown = text(pointer, "display", "medicationReference.")
    named = frozenset(shelf.terms.names_in(shown)) if shown else frozenset()
    return Coded(named, (), shown, by_name=bool(named))


class _Reasons(TypedDict):
    reason: str
    resisted: bool


def _reasons(resource: Json, shelf: Shelf) -> _Reasons:
    reason = _reason(resource, shelf)
    return {"reason": reason, "resisted": bool(reason) and shelf.vocabulary.phrases.tells_resistance(reason)}


def _reason(resource: Json, shelf: Shelf) -> str:
    reason = resource.get("statusReason")
    if isinstance(reason, list):
        texts = [coded({"r": item}, "r", shelf.terms, named=False).text for item in reason if isinstance(item, dict)]
        return " ".join((*texts, notes(resource))).strip()
    return " ".join((coded(resource, "statusReason", shelf.terms, named=False).text, notes(resource))).strip()


def read_request(resource: Json, reference: str, shelf: Shelf) -> Drug | None:
    """Return one order; None for drafts, cancelled ones, plans, proposals and orders not to give."""
    status = text(resource, "status")
    refrain = resource.get("doNotPerform")
    if refrain is not None and not isinstance(refrain, bool):
        raise Unreadable("doNotPerform")
    if status not in ORDERED or text(resource, "intent") not in FIRM_INTENTS or refrain:
        return None
    code = _drug(resource, shelf)
    return Drug(
        reference, code.concepts, code.text, "request", day(resource, "authoredOn"), None, given=False,
        stopped=status == "stopped", finished=status in {"completed", "stopped"}, **_reasons(resource, shelf),
    )  # fmt: skip


def read_administration(resource: Json, reference: str, shelf: Shelf) -> Drug | None:
    """Return one administration; None where it was not done."""
    status = text(resource, "status")
    if status not in GIVEN:
        return None
    code = _drug(resource, shelf)
    start, end = period(resource, "effectivePeriod")
    start = day(resource, "effectiveDateTime") or start
    return Drug(
        reference, code.concepts, code.text, "administration", start, end, given=True,
        stopped=status == "stopped", **_reasons(resource, shelf),
    )  # fmt: skip


def read_statement(resource: Json, reference: str, shelf: Shelf) -> Drug | None:
    """Return one statement of use; None where the drug was not taken or is only intended."""
    status = text(resource, "status")
    if status not in TAKEN:
        return None
    code = _drug(resource, shelf)
    start, end = period(resource, "effectivePeriod")
    start = day(resource, "effectiveDateTime") or start or day(resource, "dateAsserted")
    return Drug(
        reference, code.concepts, code.text, "statement", start, end, given=True,
        stopped=status == "stopped", **_reasons(resource, shelf),
    )  # fmt: skip


def read_dispense(resource: Json, reference: str, shelf: Shelf) -> Drug | None:
    """Return one completed dispense."""
    if text(resource, "status") not in DISPENSED:
        return None
    code = _drug(resource, shelf)
    when = day(resource, "whenHandedOver") or day(resource, "whenPrepared")
    return Drug(reference, code.concepts, code.text, "dispense", when, None, given=True)


def read_procedure(resource: Json, reference: str, shelf: Shelf) -> Treatment | None:
    """Return one procedure that was done or begun; None where it was not, or is only prepared."""
    status = text(resource, "status")
    if status not in GIVEN:
        return None
    code = coded(resource, "code", shelf.terms)
    start, end = period(resource, "performedPeriod")
    start = day(resource, "performedDateTime") or start
    return Treatment(reference, code.concepts, code.text, start, end, done=status == "completed")
