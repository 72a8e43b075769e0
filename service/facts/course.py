"""The state of the leukaemia now, and the number of its remission."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, cast

from service.facts.catalogue import Kind, derive
from service.facts.choose import newest_date, report, settle, stated
from service.facts.events import signals
from service.facts.given import treatments
from service.facts.little_residual import unless_little_since
from service.facts.lost_relapse import unless_relapsed_since, unless_told_since
from service.facts.marrow_course import looks_like_regeneration
from service.facts.residual import residuals
from service.facts.response import marrows
from service.facts.signal import CLINICAL, CODED, MARROW, Signal
from service.facts.stated import count
from service.logic.dates import PartialDate
from service.logic.fact import Evidence, Fact, Gap, known, unknown
from service.logic.interval import Interval
from service.logic.truth import Truth

if TYPE_CHECKING:
    from service.facts.catalogue import View

from service.facts.clinician import STATES, stated_state, stated_status
from service.facts.course_start import new_diagnosis
from service.facts.relapses import MERGED, TOLD_BY

_STATE_OF = {"relapse": "relapsed", "suspected": "suspected-relapse"}
_OPEN = {"failed": "induction-failure", "unclear": "refractory-or-relapse", "marrow-clear": "site-not-cleared"}


@derive("disease_state", Kind.WORD, values=STATES, reads=("disease-state",))
def disease_state(view: View) -> Fact[object]:
    """The state of the leukaemia now: the newest of the signals, unless a statement of the same day or later says more.

    A marrow outranks a recorded status of about the same time; that disagreement is reported.
    Unknown: nothing about the response is recorded (`not-recorded`); one induction has failed, which some call refractory and
    others do not (`ambiguous`, flag `induction-failure`); the marrow is clear and another site of the relapse was not looked at
    again (`ambiguous`, flag `site-not-cleared`); a first remission is told after a relapse, which it denies (`ambiguous`, flag
    `conflict`); little residual leukaemia was found after a relapse, in a marrow whose blasts were not counted (`ambiguous`, flag
    `marrow-not-counted`); a relapse that cannot be read may have come after the remission (`unreadable`, flag
    `relapse-unreadable`); a later status is not understood (`unreadable`, flag `status-unreadable`), or is of a remission without
    recovery of the blood counts (`ambiguous`, flag `remission-without-recovery`). An old assessment is kept and flagged `stale`;
    one that CAR-T cells have followed is flagged `response-not-assessed`, a remission soon after them `before-day-28`.
    """
    statement = stated_state(view)
    derived = _derived_state(view)
    settled = settle(view, "disease_state", derived, cast("Fact[object] | None", statement))
    if settled.value == "remission" and (since := _relapse_told_since(view, newest_date(settled))):
        return _relapsed_since(settled.evidence, since)
    settled = _unless_perhaps_since(view, unless_told_since(view, unless_relapsed_since(view, settled)))
    settled = unless_little_since(view, settled)
    if settled.is_known:
        last = marrows(view)
        if last and last[-1].when is not None and looks_like_regeneration(view, last[-1]):
            settled = settled.flagged("possible-regeneration")
        day = newest_date(settled)
        days = int(view.limits.number("status_stale_after_days"))
        if day is not None:
            settled = settled.flagged(*_since_car_t(view, settled, day))
        if day is not None and (view.today.high - day.low).days > days:
            return settled.flagged("stale")
    return settled


def _unless_perhaps_since(view: View, state: Fact[object]) -> Fact[object]:
    """Return a stated state; unknown where dates leave open whether a signal that contradicts it came after it."""
    day = newest_date(state) if state.is_known and state.rule == "stated" else None
    if day is None:
        return state
    perhaps = [
        s.evidence
        for s in signals(view)
        if s.when is not None and s.when.high > day.low and (s.says == "remission") is not (state.value == "remission")
    ]
    if not perhaps:
        return state
    return unknown(Gap.AMBIGUOUS, "disease_state", evidence=(*state.evidence, *perhaps), rule="stated")


def _since_car_t(view: View, state: Fact[object], day: PartialDate) -> tuple[str, ...]:
    """Return what CAR-T cells say about a state of that day: not judged since, or judged too early."""
    cells = view.limits.treatments().cells
    infusions = [one.when for one in treatments(view) if not one.concepts.isdisjoint(cells) and one.sure]
    if not infusions:
        return ()
    last = infusions[-1]
    if day.on_or_before(last) is Truth.YES:
        return ("response-not-assessed",)
    early = (day.low - last.high).days < view.limits.number("car_t_response_from_day")
    return ("before-day-28",) if early and state.value == "remission" else ()


def _derived_state(view: View) -> Fact[object]:
    told = signals(view)
    if not told:
        phrase = stated_status(view)
        if phrase is not None and phrase.value == "refractory":
            return known("refractory", phrase.evidence, rule="relapse-status")
        fresh = new_diagnosis(view)
        if fresh is not None:
            return known("newly-diagnosed", fresh, rule="newly-diagnosed", flags=("computed",))
        return unknown(Gap.NOT_RECORDED, "disease_state", rule="course")
    last = told[-1]
    unsettled = _unsettled(view, last)
    if unsettled is not None:
        return unsettled
    latest = max((s.when.low for s in told if s.says == "relapse" and s.when is not None), default=date.min)
    undated = [s for s in told if _has_no_day(view, s, latest) and _contradict(s, last)]
    if undated and (last.when is not None or any(s.evidence.reference != last.evidence.reference for s in undated if last.later)):
        evidence = (*(s.evidence for s in undated), last.evidence)
        return unknown(Gap.AMBIGUOUS, "relapse_date", evidence=evidence, rule="course")
    rivals = [s for s in told if s.says != last.says and _within(view, s, last)]
    stronger = [s for s in rivals if s.tier < last.tier and not (last.counted and _is_before(s, last))]
    if stronger and _contradict(stronger[-1], last):
        winner = stronger[-1]
        report(view, (winner.evidence, last.evidence), "Marrow or disease status and a recorded code disagree")
        return known(_word(winner), (winner.evidence,), rule="course", flags=("conflict",), set_aside=(last.evidence,))
    torn = _torn_day(view, told, last, rivals) or _not_in_order(told, last)
    if torn is not None:
        return torn
    if last.says == "relapse":
        last = _still_refractory(view, told, last)
    together = tuple(s.evidence for s in told if s.says == last.says and _within(view, s, last))
    if last.says == "suspected":  # the remission before makes it one: without that it would be the old disease
        together = (*[s.evidence for s in told if s.says == "remission"][-1:], *together)
    return known(_word(last), together, rule="course", flags=_flags(view, told, last))


def _has_no_day(view: View, signal: Signal, latest: date) -> bool:
    """Return whether no day of a signal is told; that of a first entry is none, unless a relapse of later may be the one.

    `latest`: the first day of the latest relapse.
    """
    if not signal.begun or signal.when is None:
        return signal.when is None and not signal.later
    return latest <= signal.when.high + timedelta(days=int(view.limits.number("relapse_merge_days")))


def _is_before(one: Signal, other: Signal) -> bool:
    return one.when is not None and other.when is not None and one.when.before(other.when) is Truth.YES


def _unsettled(view: View, last: Signal) -> Fact[object] | None:
    """Return why the last signal does not tell the state by itself; None where it does."""
    if last.says == "remission" and (since := _relapse_told_since(view, last.when)):
        return _relapsed_since((last.evidence,), since)
    if last.says == "denied":
        both = (*[s.evidence for s in signals(view) if s.says == "relapse"][-1:], last.evidence)
        report(view, both, "A first remission is told after a relapse, which it denies")
        return unknown(Gap.AMBIGUOUS, "disease_state", evidence=both, rule="course", flags=("conflict",))
    if last.says not in _OPEN:
        return None
    return unknown(Gap.AMBIGUOUS, "disease_state", evidence=(last.evidence,), rule="course", flags=(_OPEN[last.says],))


def _not_in_order(told: list[Signal], last: Signal) -> Fact[object] | None:
    """Return why the state is not told where another signal, of a month, a year or a period, may be the later one."""
    when = last.when
    if when is None:
        return None
    perhaps = [s for s in told if s.when is not None and _not_surely_earlier(s.when, when) and _contradict(s, last)]
    if not perhaps:
        return None
    evidence = (*(s.evidence for s in perhaps), last.evidence)
    return unknown(Gap.AMBIGUOUS, "disease_state", evidence=evidence, rule="course")


def _not_surely_earlier(one: PartialDate, other: PartialDate) -> bool:
    """Return whether a date of other days than another one may be of the same day as it, or later: their order is not told."""
    return (one.low, one.high) != (other.low, other.high) and one.before(other) is not Truth.YES


def _torn_day(view: View, told: list[Signal], last: Signal, rivals: list[Signal]) -> Fact[object] | None:
    """Return the state on a day of which two records disagree; a marrow or a judgement of it stands against a code alone."""
    same_day = [s for s in rivals if s.when == last.when and _contradict(s, last)]
    equal = [s for s in same_day if s.tier == last.tier]
    if equal:
        report(view, (equal[-1].evidence, last.evidence), "Two records of one day disagree on the state of the disease")
        return unknown(
            Gap.AMBIGUOUS, "disease_state", evidence=(equal[-1].evidence, last.evidence), rule="course", flags=("conflict",)
        )
    codes = [s for s in same_day if s.tier >= CODED]
    if not codes or last.says != "remission" or last.tier >= CLINICAL:
        return None
    report(view, (last.evidence, codes[-1].evidence), "Marrow or disease status and a recorded code disagree")
    aside = tuple(s.evidence for s in codes)
    return known(_word(last), (last.evidence,), rule="course", flags=(*_flags(view, told, last), "conflict"), set_aside=aside)


def _relapse_told_since(view: View, remission: PartialDate | None) -> tuple[Evidence, ...]:
    """Return the statement of a relapse after a remission of that day or of an untold one, of which nothing else tells.

    It gives the day of the relapse; or it gives none and was made when the remission was no fresh finding any more.
    """
    told = view.fact("relapse_told_by")
    if told.rule == MERGED or not isinstance(told.value, PartialDate):
        return ()
    if remission is None:  # it may be the one before
        return told.evidence
    days = int(view.limits.number("status_stale_after_days")) if told.rule == TOLD_BY else 0
    return told.evidence if (told.value.low - remission.high).days > days else ()


def _relapsed_since(remission: tuple[Evidence, ...], since: tuple[Evidence, ...]) -> Fact[object]:
    evidence = tuple(dict.fromkeys((*remission, *since)))
    return unknown(Gap.AMBIGUOUS, "disease_state", evidence=evidence, rule="course", flags=("relapse-told-since",))


def _still_refractory(view: View, told: list[Signal], last: Signal) -> Signal:
    """Return the resistance seen shortly before a relapse was written down: only a remission ends it."""
    days = int(view.limits.number("relapse_merge_days"))
    before = next((s for s in reversed(told) if s.says in {"refractory", "remission"}), None)
    if before is None or before.says != "refractory" or before.when is None or last.when is None:
        return last
    return before if (last.when.low - before.when.high).days <= days else last


def _flags(view: View, told: list[Signal], last: Signal) -> tuple[str, ...]:
    if last.tier != MARROW or last.when is None:
        return ()
    if last.says == "refractory":
        return ("computed",)
    if last.says != "remission":
        return ()
    limit = view.limits.number("relapse_marrow_two_tests_from_percent")
    deep = [
        r.percent for r in residuals(view) if r.when is not None and (r.when.low, r.when.high) == (last.when.low, last.when.high)
    ]
    # some groups call it a remission only below this limit by other tests too
    some = ("definition-dependent",) if any(p is not None and p.at_least(limit) is Truth.YES for p in deep) else ()
    late = [s.says for s in told if s.says in {"failed", "relapse"}][-1:] == ["failed"]
    return (*some, *(("late-remission",) if late else ()))


def _word(signal: Signal) -> str:
    return _STATE_OF.get(signal.says, signal.says)


def _contradict(one: Signal, other: Signal) -> bool:
    # a relapse seen in a marrow and coded later as refractory is a course, not a contradiction
    # a remission that denies the relapse contradicts no other one
    # and no marrow tells that nothing is left outside of it
    if MARROW in {one.tier, other.tier} and (one.outside_only or other.outside_only):
        return False
    says = {one.says, other.says}
    return len(says) > 1 and "remission" in says and "denied" not in says


def _within(view: View, one: Signal, other: Signal) -> bool:
    days = int(view.limits.number("status_conflict_within_days"))
    if one.when is None or other.when is None:
        return one.when is other.when
    return abs((one.when.low - other.when.low).days) <= days


@derive("remission_number", Kind.COUNT, reads=("remission-number",))
def remission_number(view: View) -> Fact[object]:
    """How many complete remissions were reached, the present one included: CR1 is the one with no relapse before it.

    Unknown: neither stated nor to be told from relapses and the present state.
    """
    statement = stated(view, "remission_number", "remission-number", count)
    relapsed, state = view.fact("relapse_count"), view.fact("disease_state")
    derived: Fact[object] = unknown(Gap.NOT_RECORDED, "remission_number", rule="relapse-count")
    if isinstance(relapsed.value, Interval) and relapsed.value.low is not None:
        number = relapsed.value
        evidence = (*relapsed.evidence, *state.evidence)
        if state.value == "remission":
            more = Interval(cast("Decimal", number.low) + 1, None if number.high is None else number.high + 1)
            derived = known(more, evidence, rule="relapse-count", flags=("computed",))
        elif (
            state.value == "relapsed"
            or (state.value == "newly-diagnosed" and number.exact == 0)
            or (state.value == "refractory" and "computed" in state.flags)
        ):
            derived = known(number, evidence, rule="relapse-count", flags=("computed",))
    if statement is None or not statement.is_known:
        return derived
    relapse = view.fact("relapse_told_by").value
    day = newest_date(statement)
    if isinstance(relapse, PartialDate) and day is not None and day.before(relapse) is not Truth.NO:
        return (
            derived if derived.is_known else unknown(Gap.TOO_OLD, "remission_number", evidence=statement.evidence, rule="stated")
        )
    return cast("Fact[object]", statement)
