"""Relapses: signals merged into episodes, their dates and their number."""

from __future__ import annotations

from bisect import bisect_right
from decimal import Decimal
from itertools import accumulate
from typing import TYPE_CHECKING, cast

import msgspec
from msgspec.structs import replace

from service.facts.catalogue import Kind, derive, is_yes
from service.facts.choose import newest_date, report, settle, stated
from service.facts.clinician import stated_state, stated_status
from service.facts.denied_relapse import denied_by
from service.facts.disease import of_all
from service.facts.events import signals
from service.facts.lost_relapse import unless_more
from service.facts.outside import remissions_of
from service.facts.per_view import per_view
from service.facts.signal import CODED, JUDGED, MARROW, NOTED, Signal
from service.facts.stated import count
from service.facts.told_relapses import Told, told_before, told_relapses
from service.logic.dates import PartialDate, Span, reached
from service.logic.fact import Evidence, Fact, Gap, known, unknown
from service.logic.interval import Interval
from service.logic.truth import Truth

if TYPE_CHECKING:
    from service.facts.catalogue import View


def _point(number: int) -> Interval:
    return Interval.point(Decimal(number))


def _at_least(number: int) -> Interval:
    return Interval(Decimal(number), None)


class Relapse(msgspec.Struct, frozen=True, gc=False):
    """One relapse: merged signals with no remission between them; `separate` tells that a remission stood before it."""

    when: PartialDate | None
    last: PartialDate | None  # the newest sign of the episode
    evidence: tuple[Evidence, ...]
    tier: int
    separate: bool
    sites: frozenset[str]
    later_sites: frozenset[str] = frozenset()  # found in the same episode, and too late to be the site of the relapse


@per_view
def relapses(view: View) -> list[Relapse]:
    """Return the relapses that the signals tell, oldest first.

    Signs close together are one, and two where a remission stands between them that is told as surely as the first; whether a
    weaker sign after it is new or the old one written down late stays open. Later ones without a remission may be another.
    """
    merge = int(view.limits.number("relapse_merge_days"))
    found: list[Relapse] = []
    seen: list[list[Evidence]] = []  # of each relapse; one may have ever so many signs
    remission_since = False
    surest = NOTED  # the tier of the surest remission since the last relapse
    suspicion: Signal | None = None  # a marrow that was suspicious and is confirmed by what follows dates the relapse
    for signal in signals(view):
        if signal.says == "remission":
            remission_since, suspicion, surest = True, None, min(surest, signal.tier)
        elif signal.says == "suspected" and signal.tier == MARROW:
            suspicion = suspicion or signal
        elif signal.says in {"refractory", "failed"} and found and signal.tier == MARROW:
            found[-1] = replace(found[-1], last=signal.when)
        elif signal.says == "relapse":
            last = found[-1] if found else None
            first = _dating(suspicion, signal, merge)
            suspicion = None
            near = last is not None and _close(last.last, signal.when, merge)
            cleared = last is not None and surest <= last.tier
            told = [signal.evidence] if first is signal else list(dict.fromkeys((first.evidence, signal.evidence)))
            if last is not None and ((near and not cleared) or (not remission_since and signal.tier >= CODED)):
                found[-1] = _joined(view, last, first, signal)
                seen[-1] += told
            else:
                separate = remission_since and not (near and signal.tier > JUDGED)
                found.append(Relapse(first.when, signal.when, (), signal.tier, separate, signal.sites))
                seen.append(told)
            remission_since, surest = False, NOTED
    return [replace(relapse, evidence=tuple(told)) for relapse, told in zip(found, seen, strict=True)]


def _joined(view: View, last: Relapse, first: Signal, signal: Signal) -> Relapse:
    """Return an episode with one more sign, without the evidence; what is found too late is not the site of the relapse."""
    when = last.when if last.tier == MARROW or signal.tier != MARROW else first.when or last.when
    days = int(view.limits.number("relapse_site_union_days"))
    apart = when is not None and signal.when is not None and (signal.when.low - when.high).days > days
    late = apart and bool(last.sites or signal.places)
    return Relapse(
        when,
        signal.when or last.last,
        (),
        min(last.tier, signal.tier),
        last.separate,
        last.sites if late else last.sites | signal.sites,
        last.later_sites | signal.sites if late else last.later_sites,
    )


def _dating(suspicion: Signal | None, relapse: Signal, merge: int) -> Signal:
    """Return the sign that dates a relapse: the suspicious marrow that it confirms, if that is near, else its own."""
    return suspicion if suspicion is not None and _close(suspicion.when, relapse.when, merge) else relapse


def _close(one: PartialDate | None, other: PartialDate | None, days: int) -> bool:
    return one is not None and other is not None and (other.low - one.high).days <= days


@derive("relapse_date", Kind.DATE, reads=("relapse-date",))
def relapse_date(view: View) -> Fact[object]:
    """The day of the latest relapse: the stated one, else the first sign of it. Unknown: no relapse recorded, or undated."""
    statement = stated(view, "relapse_date", "relapse-date", lambda reading: reading.day, show=lambda day: day.text)
    dated = [relapse for relapse in relapses(view) if relapse.when is not None]
    derived: Fact[PartialDate] = (
        known(cast("PartialDate", dated[-1].when), dated[-1].evidence, rule=MERGED)
        if dated
        else unknown(Gap.NOT_RECORDED, "relapse_date", rule=MERGED)
    )
    if statement is not None and statement.is_known and derived.is_known and derived.value != statement.value:
        # a stated date is not contradicted by an earlier or later relapse: the later of the two is the latest relapse
        return derived if cast("PartialDate", derived.value).low > cast("PartialDate", statement.value).high else statement
    return statement if statement is not None and statement.is_known else derived


@derive("relapse_count", Kind.COUNT, reads=("relapse-number",))
def relapse_count(view: View) -> Fact[object]:
    """How many haematological relapses there were; an interval where the record may not show all of them.

    A molecular (MRD) relapse does not count. A stated number stands for its own date; relapses after it add to it.
    Exact without a statement only where diagnosis, remission and relapse are all told, or no relapse can have been.
    Unknown: neither relapse nor remission number nor a new diagnosis is recorded, or one that cannot be read may be the only one.
    """
    return unless_more(view, _told_count(view))


def _told_count(view: View) -> Fact[object]:
    statement = stated(view, "relapse_count", "relapse-number", count)
    found = relapses(view)
    if statement is not None and statement.is_known:
        return _stated_count(view, statement, found)
    by_phrase = _count_of_phrase(view, found)
    derived = _derived_count(view, found)
    if by_phrase is None:
        return cast("Fact[object]", statement) if statement is not None and derived.gap is Gap.NOT_RECORDED else derived
    if derived.is_known and by_phrase.is_known:
        return _narrowed(view, by_phrase, cast("Fact[Interval]", derived))
    return by_phrase


def _stated_count(view: View, statement: Fact[Interval], found: list[Relapse]) -> Fact[object]:
    number = cast("Interval", statement.value)
    later = _later(view, statement, found)
    if later:
        evidence = (*statement.evidence, *(item for relapse in later for item in relapse.evidence))
        report(view, evidence, "A relapse was recorded after the stated number of relapses")
        return known(_with(number, later), evidence, rule="stated", flags=("conflict",))
    if number.exact == 0 and found:
        evidence = (*statement.evidence, *(item for relapse in found for item in relapse.evidence))
        report(view, evidence, "No relapse is stated, and a relapse is recorded")
        return known(number, evidence, rule="stated", flags=("conflict",))
    return known(number, (*statement.evidence, *(i for r in found for i in r.evidence)), rule="stated", flags=statement.flags)


def _later(view: View, statement: Fact[Interval], found: list[Relapse]) -> list[Relapse]:
    """Return the relapses seen after a stated number: signs soon after it are of the relapse it tells, if it tells of one."""
    day, number = newest_date(statement), cast("Interval", statement.value)
    if day is None:
        return []
    merge = int(view.limits.number("relapse_merge_days")) if number.exact != 0 else 0
    return [r for r in found if r.when is not None and (r.when.low - day.high).days > merge]


def _with(number: Interval, later: list[Relapse]) -> Interval:
    """Return a number of relapses with later ones; the first of these may be an old one unless a remission stood before it."""
    low = None if number.low is None else number.low + sum(relapse.separate for relapse in later)
    if number.exact == 0:  # whatever was seen after that is a relapse, and the first one
        low = max(Decimal(1), low or Decimal(0))
    return Interval(low, None if number.high is None else number.high + len(later))


def _count_of_phrase(view: View, found: list[Relapse]) -> Fact[object] | None:
    statement = stated_status(view)
    if statement is None or not statement.is_known:
        return None
    values = {
        "first-relapse": _point(1),
        "second-or-later-relapse": _at_least(2),
        "relapse-after-hsct": _at_least(1),
        "no-relapse": _point(0),
    }
    value = values.get(str(statement.value))
    if value is None:
        return None
    phrase = known(value, statement.evidence, rule="relapse-status", flags=statement.flags)
    later = _later(view, phrase, found)
    if not later:
        return cast("Fact[object]", phrase)
    evidence = (*statement.evidence, *(item for relapse in later for item in relapse.evidence))
    report(view, evidence, "A relapse was recorded after the stated phrase")
    number = _with(value, later)
    if value.exact == 0:  # the phrase counts no relapses: how many there were since is told by what was seen
        number = Interval(number.low, None)
    return known(number, evidence, rule="relapse-status", flags=("conflict",))


def _narrowed(view: View, phrase: Fact[object], derived: Fact[Interval]) -> Fact[object]:
    """Return the numbers on which phrase and derived count agree; where they cannot agree, the newer one, and a conflict.

    That the record shows fewer relapses than the phrase tells is no conflict: it may not show all of them.
    """
    one, other = cast("Interval", phrase.value), cast("Interval", derived.value)
    low = max((bound for bound in (one.low, other.low) if bound is not None), default=None)
    high = min((bound for bound in (one.high, other.high) if bound is not None), default=None)
    if low is not None and high is not None and low > high:
        if one.low == low:
            return phrase
        return settle(view, "relapse_count", cast("Fact[object]", derived), phrase)
    return known(Interval(low, high), (*phrase.evidence, *derived.evidence), rule="relapse-status", flags=phrase.flags)


def _derived_count(view: View, found: list[Relapse]) -> Fact[object]:
    remission = stated(view, "remission_number", "remission-number", count)
    if remission is not None and remission.is_known:
        value = cast("Interval", remission.value)
        if value.exact is not None and value.exact >= 1:
            return _count_of_remission(view, remission, value.exact - 1, found)
    if found:
        denying = denied_by(view, found[0].when) if len(found) == 1 and found[0].tier >= CODED else ()
        if denying:
            both = (*found[0].evidence, *denying)
            return unknown(Gap.AMBIGUOUS, "relapse_count", evidence=both, rule="relapse-merge", flags=("conflict",))
        return _counted(view, found)
    state = stated_state(view)
    if state is not None and state.value == "relapsed":
        return known(_at_least(1), state.evidence, rule="relapse-merge")
    none = _none_seen(view, state)
    told = [one for one in told_relapses(view) if _may_follow(none, one)]
    if told and none.gap is not Gap.NOT_RECORDED:
        least = max(one.least for one in told)
        return known(_at_least(least), tuple(one.evidence for one in told), rule="relapse-merge")
    return none


def _count_of_remission(view: View, remission: Fact[Interval], before: Decimal, found: list[Relapse]) -> Fact[object]:
    """Return the relapses before a stated remission, with those seen or told after it."""
    day = newest_date(remission)
    since = [r for r in found if day is not None and r.when is not None and r.when.low > day.high]
    told = [one for one in told_relapses(view) if day is not None and one.by is not None and one.by.low > day.high]
    evidence = (*remission.evidence, *(item for relapse in since for item in relapse.evidence))
    low = before + sum(relapse.separate for relapse in since[1:]) + min(len(since), 1)
    least = Decimal(max((one.least for one in told), default=0))
    if least > low:
        high = before + len(since)
        value = Interval(least, high if high >= least else None)
        return known(value, (*evidence, *(one.evidence for one in told)), rule="remission-number")
    return known(Interval(low, before + len(since)), evidence, rule="remission-number")


def _none_seen(view: View, state: Fact[str] | None) -> Fact[object]:
    """Return that there was no relapse, where the record tells the course and shows none; else that this is not recorded."""
    if state is not None and state.value == "newly-diagnosed":
        return known(_point(0), state.evidence, rule="newly-diagnosed")
    if (fresh := new_diagnosis(view)) is not None:
        return known(_point(0), fresh, rule="newly-diagnosed", flags=("computed",))
    failures = tuple(signal.evidence for signal in signals(view) if _failure(signal))
    if failures and all(_failure(signal) for signal in signals(view)):
        return known(_point(0), failures, rule="never-in-remission", flags=("computed",))
    if told_from_start(view):
        if supports := _treated_as_relapse(view):
            return unknown(Gap.AMBIGUOUS, "relapse_count", evidence=supports, rule="treated-as-relapse")
        evidence = tuple(signal.evidence for signal in signals(view) if signal.says == "remission")
        return known(_point(0), evidence, rule="relapse-merge", flags=("computed",))
    return unknown(Gap.NOT_RECORDED, "relapse_count", rule="relapse-merge")


def _may_follow(none: Fact[object], told: Told) -> bool:
    """Return whether a stated relapse may have come after what shows that there was none; a newer statement of none stands."""
    day = newest_date(none) if none.rule == "newly-diagnosed" and "computed" not in none.flags else None
    return day is None or told.by is None or told.by.low > day.high


def _treated_as_relapse(view: View) -> tuple[Evidence, ...]:
    """Return treatments that are mostly given after a relapse: they prove none, but the record may not show all.

    Source: the fifth tier of evidence.
    """
    found: list[Evidence] = []
    for name in ("prior_inotuzumab", "prior_cd19_car_t"):
        fact = view.fact(name)
        found += fact.evidence if is_yes(fact) else ()
    grafts = view.fact("prior_allo_hsct")
    dates = dict(grafts.beside).get("dates")
    if isinstance(dates, tuple) and len(set(dates)) > 1:
        found += grafts.evidence
    return tuple(found)


@derive("relapse_told_by", Kind.DATE)
def relapse_told_by(view: View) -> Fact[object]:
    """The day from which data tell of the latest relapse: what is older may be from before it.

    An internal fact beside the assessment's own. It is the day of the relapse; where statements tell of one that nothing
    dates, the day on which that was first stated. Unknown: no relapse is recorded, or none with a day.
    """
    dated = view.fact("relapse_date")
    days = [relapse.when for relapse in relapses(view) if relapse.when is not None]
    if isinstance(dated.value, PartialDate) and dated.value not in days:
        days.append(dated.value)
    latest, with_days = dated, _WithDays(days)
    for by, one in first_told(view):
        before = isinstance(latest.value, PartialDate) and by.low <= latest.value.high
        if not before and not with_days.has(one, by, int(view.limits.number("relapse_merge_days"))):
            latest = known(by, (one.evidence,), rule=TOLD_BY)
    return latest


def first_told(view: View) -> list[tuple[PartialDate, Told]]:
    """Return the first dated statement of each number of relapses, with its day."""
    found: dict[int, tuple[PartialDate, Told]] = {}
    for one in told_relapses(view):
        if (
            one.by is not None
            and one.code not in _DATED_OTHERWISE
            and (one.least not in found or one.by.low < found[one.least][0].low)
        ):
            found[one.least] = (one.by, one)
    return list(found.values())


class _WithDays:
    """The relapses that have a day."""

    def __init__(self, days: list[PartialDate]) -> None:
        by_begin = sorted((day.low.toordinal(), day.high.toordinal()) for day in days)
        self._lows, self._latest = [low for low, _ in by_begin], list(accumulate((high for _, high in by_begin), max))

    def has(self, told: Told, by: PartialDate, merge: int) -> bool:
        """Return whether a relapse that was stated is among them: one about then, or as many until then."""
        until = bisect_right(self._lows, by.high.toordinal() + merge)
        return until >= told.least or (until > 0 and by.low.toordinal() - self._latest[until - 1] <= merge)


MERGED = "relapse-merge"  # what the signals of the course tell
TOLD_BY = "relapse-told-by"
_DATED_OTHERWISE = frozenset({"relapse-date", "remission-number"})  # the relapse was on that day, or before that remission


def _counted(view: View, found: list[Relapse]) -> Fact[object]:
    evidence = tuple(item for relapse in found for item in relapse.evidence)
    names = frozenset(name for diagnosis in of_all(view) for name in (*diagnosis.named, *diagnosis.noted))
    if len(found) == 1 and {"first-relapse", "second-or-later-relapse"} & names == {"first-relapse"}:
        return known(_point(1), evidence, rule="relapse-merge", flags=("from-text",))
    if len(found) == 1 and "second-or-later-relapse" in names:
        return known(_at_least(2), evidence, rule="relapse-merge", flags=("from-text",))
    separate = sum(relapse.separate and relapse.tier < CODED for relapse in found[1:])
    seen = found[0].tier <= JUDGED  # a code that is written down late may be that of the relapse that was stated
    earlier = told_before(view, found[0].when, remissions_of(signals(view))) if seen else []
    if earlier:  # a remission stood between these and the first relapse that was seen
        told = max(one.least for one in earlier) + 1 + separate
        return known(_at_least(told), (*(one.evidence for one in earlier), *evidence), rule="relapse-merge")
    if told_from_start(view) and all(relapse.tier < CODED for relapse in found) and found[0].separate:
        return known(Interval(Decimal(1 + separate), Decimal(len(found))), evidence, rule="relapse-merge", flags=("computed",))
    return known(_at_least(1 + separate), evidence, rule="relapse-merge", flags=("computed",))


def told_from_start(view: View) -> bool:
    """Return whether the record tells the course from its start: a first remission soon after a dated diagnosis."""
    diagnosed = view.fact("diagnosis_date").value
    # an induction that failed before it belongs to the start
    first = next((s for s in signals(view) if s.when is not None and not _failure(s)), None)
    if not isinstance(diagnosed, PartialDate) or first is None or first.when is None or first.says != "remission":
        return False
    months = int(view.limits.number("first_remission_within_months"))
    return diagnosed.before(first.when) is Truth.YES and reached(diagnosed, Span(months, 1), first.when) is Truth.NO


def _failure(signal: Signal) -> bool:
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
