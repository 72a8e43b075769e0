"""A relapse that could not be read: what others tell of the course is then open where it may have changed that."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from service.facts.choose import newest_date
from service.facts.disease import ALL_KINDS, VAGUE, disease_of
from service.facts.events import signals
from service.facts.response import marrows
from service.facts.unread import not_before
from service.logic.fact import Gap, known, unknown
from service.logic.interval import Interval
from service.logic.truth import Truth

if TYPE_CHECKING:
    from service.facts.catalogue import View
    from service.logic.dates import PartialDate
    from service.logic.fact import Evidence, Fact
    from service.record.record import Unread

FLAG = "relapse-unreadable"
_STATUSES = frozenset({"disease-status", "disease-state", "relapse-status", "relapse-number", "relapse-date", "relapse-site"})
_STATED = frozenset({"stated", "relapse-status", "remission-number"})  # rules of a number that counts until its own day


def unless_relapsed_since(view: View, state: Fact[object]) -> Fact[object]:
    """Return a state; unknown (`unreadable`) where a relapse that cannot be read may have come after a remission.

    Before a remission there is no relapse to be seen in a marrow; a new diagnosis is none where anything else tells of one.
    """
    if state.value not in {"remission", "newly-diagnosed"}:
        return state
    in_remission = state.value == "remission"
    day = newest_date(state) if in_remission else None
    lost = not_before(view, _lost(view), day)
    if in_remission:
        lost += _marrows(view, day)
    if not lost:
        return state
    return unknown(Gap.UNREADABLE, "disease_state", evidence=(*state.evidence, *lost), rule=state.rule, flags=(FLAG,))


def unless_more(view: View, number: Fact[object]) -> Fact[object]:
    """Return a number of relapses; the least there were where one that cannot be read may be another, and unknown for none.

    What a clinician stated counts until the day of the statement.
    """
    if not (number.is_known and view.record.unreadable):
        return number
    until = newest_date(number) if number.rule in _STATED else None
    lost = not_before(view, _lost(view), until)
    remission = next((signal for signal in signals(view) if signal.says == "remission"), None)
    if remission is not None:
        lost += not_before(view, view.layout.broken.of("marrow-blasts"), until or remission.when)
    if not lost:
        return number
    low, evidence, flags = cast("Interval", number.value).low, (*number.evidence, *lost), (*number.flags, FLAG)
    if low:
        return known(Interval(low, None), evidence, rule=number.rule, flags=flags)
    return unknown(Gap.UNREADABLE, "relapse_count", evidence=evidence, rule=number.rule, flags=flags)


def _lost(view: View) -> list[Unread]:
    """Return what cannot be read and may tell a relapse or refractory disease: a Condition, a status or a statement."""
    return [
        one for one in view.record.unreadable if (one.relapsed and _may_be_of_all(one)) or not _STATUSES.isdisjoint(one.concepts)
    ]


def _may_be_of_all(condition: Unread) -> bool:
    named = condition.concepts
    return (
        bool(condition.lost) or "refractory-malignancy" in named or not VAGUE.isdisjoint(named) or disease_of(named) in ALL_KINDS
    )


def _marrows(view: View, day: PartialDate | None) -> tuple[Evidence, ...]:
    """Return the marrows whose count cannot be read, or is not understood, not surely of before a day."""
    counts = (m for m in marrows(view) if m.percent is None)
    unclear = [m.evidence for m in counts if m.when is None or day is None or m.when.before(day) is not Truth.YES]
    return (*not_before(view, view.layout.broken.of("marrow-blasts"), day), *unclear)
