"""A relapse that could not be read, or is not understood: what others tell of the course is open where it may have changed."""

from __future__ import annotations

from operator import methodcaller
from typing import TYPE_CHECKING, cast

from service.facts.choose import newest_date, with_concept
from service.facts.disease import VAGUE, disease_of
from service.facts.disease_names import ALL_KINDS
from service.facts.events import signals, status_of
from service.facts.layout import OWN_SYSTEM
from service.facts.relapse_hints import begun_again, hints_now, hints_of_more, suspicions_of_more
from service.facts.response import unread_marrows
from service.facts.told_relapses import told_relapses
from service.facts.unread import may_be_since, not_before
from service.logic.fact import Gap, known, unknown
from service.logic.interval import Interval
from service.logic.truth import Truth
from service.record.relapse_words import NONE_SEEN, REMISSION_TOLD

if TYPE_CHECKING:
    from service.facts.catalogue import View
    from service.logic.dates import PartialDate
    from service.logic.fact import Evidence, Fact
    from service.record.record import Reading, Unread

FLAG = "relapse-unreadable"
_STATUSES = frozenset({"disease-status", "disease-state", "relapse-status", "relapse-number", "relapse-date", "relapse-site"})
_WORSE = frozenset({"status-worsened", "status-progression"})
_RETURNED = _WORSE | {"status-no-remission"}  # after a remission the ALL has perhaps come back
_NO_REMISSION = _RETURNED | {"status-partial-remission"}
_WITHOUT_RECOVERY = frozenset({"status-remission-without-recovery"})
_STATUS = methodcaller("startswith", ("status-", "no-relapse"))
_RELAPSE = frozenset({"status-relapse"})
_PARTLY = "disease status: remission without full recovery of the blood"
_STATED = frozenset({"stated", "relapse-status", "remission-number"})  # rules of a number that counts until its own day


def unless_relapsed_since(view: View, state: Fact[object]) -> Fact[object]:
    """Return a state; unknown (`unreadable`) where a relapse that cannot be read may have come after a remission.

    So it is with a status of the disease that is not understood, or that is none of a complete remission. Before a remission
    there is no relapse to be seen in a marrow; a new diagnosis is none where anything else tells of one.
    """
    if state.value not in {"remission", "newly-diagnosed"}:
        return state
    in_remission = state.value == "remission"
    day = newest_date(state) if in_remission else None
    lost = not_before(view, _lost(view), day)
    lost += _unclear_statuses(view, day, _NO_REMISSION if in_remission else frozenset())
    lost += hints_now(view, day)
    if in_remission:
        lost += unread_marrows(view, day)
    if not lost:
        return state
    return unknown(Gap.UNREADABLE, "disease_state", evidence=(*state.evidence, *lost), rule=state.rule, flags=(FLAG,))


def unless_told_since(view: View, state: Fact[object]) -> Fact[object]:
    """Return a state of active disease; unknown where a later status of the disease may tell a remission.

    One that is not understood may, and so may a marrow, or a report that names one (`unreadable`); whether a complete remission
    without recovery of the blood counts is one is not settled (`ambiguous`), in a new disease either. Source:
    risk-and-relapse.md 4.1.
    """
    if not state.is_known or state.value == "remission":
        return state
    day = newest_date(state)
    later = [r for r in with_concept(view, "disease-status") if _may_be_later(r.when, day)]
    partly = tuple(r.evidence(_PARTLY) for r in later if not _WITHOUT_RECOVERY.isdisjoint(r.answers))
    if partly:
        evidence = (*state.evidence, *partly)
        return unknown(Gap.AMBIGUOUS, "disease_state", evidence=evidence, rule=state.rule, flags=("remission-without-recovery",))
    unclear = [r for r in later if not (_is_stated(r) or _tells_nothing(r) or _tells_disease(r))]
    marrows = [one for one in unread_marrows(view, day) if _may_be_later(one.date, day)]
    named = _remissions_named_after(view, day)
    if not (unclear or marrows or named):
        return state
    evidence = (*state.evidence, *(r.evidence("disease status: not understood") for r in unclear), *marrows, *named)
    return unknown(Gap.UNREADABLE, "disease_state", evidence=evidence, rule=state.rule, flags=("status-unreadable",))


def _remissions_named_after(view: View, day: PartialDate | None) -> tuple[Evidence, ...]:
    """Return the reports that name a remission so long after a day that it is not the one before what was seen then."""
    days = view.limits.number("status_conflict_within_days")
    return tuple(
        r.evidence("remission named in a report")
        for r in with_concept(view, REMISSION_TOLD)
        if r.when is None or day is None or (r.when.high - day.low).days > days
    )


def _tells_disease(status: Reading) -> bool:
    """Return whether a status is understood, and does not say that nothing was seen: that may be a remission."""
    return NONE_SEEN.isdisjoint(status.answers) and _is_understood(status)


def _may_be_later(when: PartialDate | None, day: PartialDate | None) -> bool:
    return when is None or day is None or when.high > day.low


def unless_more(view: View, number: Fact[object]) -> Fact[object]:
    """Return a number of relapses; the least there were where one that cannot be read may be another, and unknown for none.

    So it is with what may tell one: words, a result that is not used, or the ALL diagnosed again with an onset after a remission.
    What a clinician stated counts until the day of the statement.
    """
    if not number.is_known:
        return number
    until = newest_date(number) if number.rule in _STATED else None
    lost = not_before(view, _lost(view), until) + hints_of_more(view, cast("Interval", number.value), until)
    none_so_far = not cast("Interval", number.value).low
    remission = next((signal for signal in signals(view) if signal.says == "remission"), None)
    if remission is not None:
        lost += unread_marrows(view, until or remission.when)
        lost += _unclear_statuses(view, until or remission.when, _RETURNED if none_so_far else frozenset())
        lost += begun_again(view, until or remission.when)
        if none_so_far:
            lost += _refractory_since(view, until or remission.when)
    elif number.rule == "newly-diagnosed":
        lost += begun_again(view, None)
    if not lost:
        return _perhaps_one_more(number, suspicions_of_more(view, until))
    low, evidence, flags = cast("Interval", number.value).low, (*number.evidence, *lost), (*number.flags, FLAG)
    if low:
        return known(Interval(low, None), evidence, rule=number.rule, flags=flags)
    return unknown(Gap.UNREADABLE, "relapse_count", evidence=evidence, rule=number.rule, flags=flags)


def unless_one_more(view: View, number: Fact[object]) -> Fact[object]:
    """Return a number of relapses; perhaps one more where a relapse is suspected now, unless only a code was carried on.

    What a clinician stated counts until the day of the statement.
    """
    state = view.fact("disease_state")
    if not (number.is_known and _is_suspected_now(view, state)):
        return number
    if number.rule in _STATED and not may_be_since(newest_date(state), newest_date(number)):
        return number
    suspicions = [signal for signal in signals(view) if signal.says == "suspected"]
    if suspicions and suspicions[-1].carried:
        return number
    return _perhaps_one_more(number, state.evidence)


def _is_suspected_now(view: View, state: Fact[object]) -> bool:
    """Return whether a relapse is suspected now; also where a status since leaves open whether it is one."""
    if state.value == "suspected-relapse":
        return True
    return "status-unreadable" in state.flags and any(signal.says == "suspected" for signal in signals(view)[-1:])


def _perhaps_one_more(number: Fact[object], suspected: tuple[Evidence, ...]) -> Fact[object]:
    value = cast("Interval", number.value)
    if not suspected or value.high is None:
        return number
    more = Interval(value.low, value.high + 1)
    return known(more, tuple(dict.fromkeys((*number.evidence, *suspected))), rule=number.rule, flags=number.flags)


def _refractory_since(view: View, day: PartialDate | None) -> tuple[Evidence, ...]:
    """Return what tells refractory disease of surely after the first remission: it is of a relapse that nothing tells."""
    return tuple(
        signal.evidence
        for signal in signals(view)
        if signal.says == "refractory" and signal.when is not None and day is not None and day.before(signal.when) is Truth.YES
    )


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


def _unclear_statuses(view: View, day: PartialDate | None, also: frozenset[str]) -> tuple[Evidence, ...]:
    """Return the statuses of the disease that are not understood, and these `also`, not surely of before a day."""
    return tuple(
        reading.evidence(f"disease status: {'no complete remission' if also & reading.answers else 'not understood'}")
        for reading in with_concept(view, "disease-status")
        if not _is_stated(reading)
        if (also & reading.answers)
        or not (_tells_nothing(reading) or _is_understood(reading))
        or (reading.since is not None and _leaves_open(view, reading, reading.since))
        if may_be_since(reading.when, day)
    )


def _leaves_open(view: View, status: Reading, since: PartialDate) -> bool:
    """Return whether a status by which nothing was seen since a day is of no remission that is known, or against a relapse.

    What was before that day it does not tell; until soon after a remission there was nothing to tell.
    """
    if NONE_SEEN.isdisjoint(status.answers) or status_of(status) is not None:
        return False
    days, when = int(view.limits.number("relapse_merge_days")), status.when
    remissions = [s.when for s in signals(view) if s.says == "remission" and s.when is not None and not _is_later(s.when, when)]
    relapses = [*(s.when for s in signals(view) if s.says == "relapse"), *(one.by for one in told_relapses(view))]
    if any(day is None or (day.high >= since.low and not _is_later(day, when)) for day in relapses):
        return True
    return not any((since.high - day.high).days <= days for day in remissions)


def _is_stated(status: Reading) -> bool:
    return (OWN_SYSTEM, "disease-state") in status.code_codings


def _is_understood(status: Reading) -> bool:
    return status_of(status) is not None or any(map(_STATUS, status.answers - _RELAPSE))


def _tells_nothing(reading: Reading) -> bool:
    return not reading.coded and (reading.absent or not (reading.words or reading.note))


def _is_later(one: PartialDate, other: PartialDate | None) -> bool:
    """Return whether a day is surely later than another one that is told."""
    return other is not None and one.low > other.high
