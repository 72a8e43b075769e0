"""Whether the record tells the course from its start: a new diagnosis, or a first remission soon after one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.facts.disease import of_all
from service.facts.events import signals
from service.facts.signal import MARROW, Signal
from service.logic.dates import PartialDate, Span, reached
from service.logic.truth import Truth

if TYPE_CHECKING:
    from service.facts.catalogue import View
    from service.logic.fact import Evidence


def told_from_start(view: View) -> bool:
    """Return whether the record tells the course from its start: a first remission soon after a dated diagnosis."""
    diagnosed = view.fact("diagnosis_date").value
    # an induction that failed before it belongs to the start
    first = next((s for s in signals(view) if s.when is not None and not is_failure(s)), None)
    if not isinstance(diagnosed, PartialDate) or first is None or first.when is None or first.says != "remission":
        return False
    months = int(view.limits.number("first_remission_within_months"))
    return diagnosed.before(first.when) is Truth.YES and reached(diagnosed, Span(months, 1), first.when) is Truth.NO


def is_failure(signal: Signal) -> bool:
    """Return whether a marrow shows that a treatment did not lead to a remission."""
    return signal.tier == MARROW and signal.says in {"failed", "refractory"}


def new_diagnosis(view: View) -> tuple[Evidence, ...] | None:
    """Return the evidence of a diagnosis so fresh that no remission can have been, with nothing told against it."""
    diagnosed = view.fact("diagnosis_date")
    if signals(view) or not isinstance(diagnosed.value, PartialDate):
        return None
    if "recorded-date" in diagnosed.flags and not any("all-not-in-remission" in diagnosis.concepts for diagnosis in of_all(view)):
        return None  # the day of recording dates the disease only where the code itself says: no remission yet
    weeks = int(view.limits.number("not_in_remission_code_new_for_weeks"))
    if reached(diagnosed.value, Span(0, 7 * weeks + 1), view.today) is not Truth.NO:
        return None
    return diagnosed.evidence
