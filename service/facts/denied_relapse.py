"""A relapse that a code alone tells, and that a remission of about the same day denies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.facts.events import signals
from service.facts.signal import CLINICAL, CODED
from service.facts.told_relapses import told_relapses
from service.logic.truth import Truth

if TYPE_CHECKING:
    from service.facts.catalogue import View
    from service.facts.relapses import Relapse
    from service.logic.fact import Evidence


def denied_relapse(view: View, found: list[Relapse]) -> tuple[Evidence, ...]:
    """Return the evidence of the only relapse, and of the remission by a marrow or a judgement that denies it; else nothing.

    The remission is of the day of the code or shortly before; one after it leaves the relapse in the history.
    """
    relapse = found[0]
    if len(found) > 1 or relapse.tier < CODED or relapse.when is None or told_relapses(view):
        return ()
    days = int(view.limits.number("status_conflict_within_days"))
    near = [
        signal.evidence
        for signal in signals(view)
        if signal.says == "remission" and signal.tier < CLINICAL and signal.when is not None
        if signal.when.on_or_before(relapse.when) is Truth.YES and (relapse.when.low - signal.when.high).days <= days
    ]
    return (*relapse.evidence, *near) if near else ()
