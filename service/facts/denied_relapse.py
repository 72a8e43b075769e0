"""A relapse that a code alone tells, and that a remission of about the same day denies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.facts.events import signals
from service.facts.signal import CLINICAL
from service.facts.told_relapses import told_relapses
from service.logic.truth import Truth

if TYPE_CHECKING:
    from service.facts.catalogue import View
    from service.logic.dates import PartialDate
    from service.logic.fact import Evidence


def denied_by(view: View, code: PartialDate | None) -> tuple[Evidence, ...]:
    """Return the remissions by a marrow or a judgement that deny a relapse which a code of a day alone tells; else nothing.

    The remission is of the day of the code or shortly before; one after it leaves the relapse in the history, and so does a
    statement of a relapse.
    """
    if code is None or told_relapses(view):
        return ()
    days = int(view.limits.number("status_conflict_within_days"))
    return tuple(
        signal.evidence
        for signal in signals(view)
        if signal.says == "remission" and signal.tier < CLINICAL and signal.when is not None
        if signal.when.on_or_before(code) is Truth.YES and (code.low - signal.when.high).days <= days
    )
