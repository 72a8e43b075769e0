"""The number of relapses: stated, told by a phrase or a remission, or counted from what the course shows."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, cast

from service.facts.catalogue import Kind, derive, is_yes
from service.facts.choose import newest_date, report, settle, stated
from service.facts.clinician import stated_state, stated_status
from service.facts.course_start import is_failure, new_diagnosis, told_from_start
from service.facts.denied_relapse import denied_by
from service.facts.disease import of_all
from service.facts.events import signals
from service.facts.lost_relapse import unless_more, unless_one_more
from service.facts.outside import remissions_of
from service.facts.relapses import MERGED, relapses
from service.facts.signal import CODED, JUDGED
from service.facts.stated import count
from service.facts.told_relapses import Told, second_remission, told_before, told_in_words, told_relapses
from service.logic.fact import Evidence, Fact, Gap, known, unknown
from service.logic.interval import Interval
from service.logic.truth import Truth

if TYPE_CHECKING:
    from service.facts.catalogue import View
    from service.facts.relapses import Relapse
    from service.logic.dates import PartialDate


def _point(number: int) -> Interval:
    return Interval.point(Decimal(number))


def _at_least(number: int) -> Interval:
    return Interval(Decimal(number), None)


@derive("relapse_count", Kind.COUNT, reads=("relapse-number",))
def relapse_count(view: View) -> Fact[object]:
    """How many haematological relapses there were; an interval where the record may not show all of them.

    A molecular (MRD) relapse does not count. A stated number stands for its own date; relapses after it add to it.
    Exact without a statement only where diagnosis, remission and relapse are all told, or no relapse can have been.
    A relapse that is suspected leaves open whether it is one more.
    Unknown: neither relapse nor remission number nor a new diagnosis is recorded, or one that cannot be read may be the only one.
    """
    return unless_one_more(view, unless_more(view, _told_count(view)))


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
    later, perhaps = _later(view, statement, found), _perhaps_later(view, statement, found)
    if later:
        evidence = (*statement.evidence, *(item for relapse in later for item in relapse.evidence))
        report(view, evidence, "A relapse was recorded after the stated number of relapses")
        return known(_perhaps_with(_with(view, statement, later), perhaps), evidence, rule="stated", flags=("conflict",))
    evidence = (*statement.evidence, *(item for relapse in found for item in relapse.evidence))
    value = _perhaps_with(number, perhaps)
    if number.exact == 0 and found:
        report(view, evidence, "No relapse is stated, and a relapse is recorded")
        return known(value, evidence, rule="stated", flags=("conflict",))
    return known(value, evidence, rule="stated", flags=statement.flags)


def _later(view: View, statement: Fact[Interval], found: list[Relapse]) -> list[Relapse]:
    """Return the relapses seen after a stated number: signs soon after it are of the relapse it tells, if it tells of one."""
    day, number = newest_date(statement), cast("Interval", statement.value)
    if day is None:
        return []
    merge = int(view.limits.number("relapse_merge_days")) if number.exact != 0 else 0
    return [r for r in found if r.when is not None and (r.when.low - day.high).days > merge]


def _perhaps_later(view: View, statement: Fact[Interval], found: list[Relapse]) -> list[Relapse]:
    """Return the relapses of which a month, a year or a period leaves open whether they came after a stated number."""
    day, number = newest_date(statement), cast("Interval", statement.value)
    merge = int(view.limits.number("relapse_merge_days")) if number.exact != 0 else 0
    surely = _later(view, statement, found)
    return [
        r for r in found if r not in surely and day is not None and r.when is not None and (r.when.high - day.low).days > merge
    ]


def _perhaps_with(number: Interval, perhaps: list[Relapse]) -> Interval:
    return Interval(number.low, None if number.high is None else number.high + len(perhaps))


def _with(view: View, statement: Fact[Interval], later: list[Relapse]) -> Interval:
    """Return a number of relapses with later ones; the first of these may be an old one unless a remission stood before it.

    That remission is one since the statement: a clear marrow at its time is none after it.
    """
    number, day, first = cast("Interval", statement.value), newest_date(statement), later[0].when
    blind = int(view.limits.number("relapse_site_union_days"))
    since = (
        later[0].separate
        and day is not None
        and first is not None
        and remissions_of(signals(view)).any_within(day.high.toordinal() + blind + 1, first.low.toordinal() - 1)
    )
    low = None if number.low is None else number.low + since + sum(relapse.separate for relapse in later[1:])
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
        if value.exact != 0:  # that there was none is settled against what was seen
            value = _perhaps_with(value, _perhaps_later(view, phrase, found))
        return known(value, statement.evidence, rule="relapse-status", flags=statement.flags)
    evidence = (*statement.evidence, *(item for relapse in later for item in relapse.evidence))
    report(view, evidence, "A relapse was recorded after the stated phrase")
    number = _with(view, phrase, later)
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
    if remission is None:
        remission = second_remission(view)
    if remission is not None and remission.is_known:
        value = cast("Interval", remission.value)
        if value.exact is not None and value.exact >= 1:
            return _count_of_remission(view, remission, value.exact - 1, found)
    if found:
        denying = denied_by(view, found[0].when) if len(found) == 1 and found[0].tier >= CODED else ()
        if denying:
            both = (*found[0].evidence, *denying)
            return unknown(Gap.AMBIGUOUS, "relapse_count", evidence=both, rule=MERGED, flags=("conflict",))
        return _not_less_than_told(view, _counted(view, found))
    state = stated_state(view)
    if state is not None and state.value == "relapsed":
        return known(_at_least(1), state.evidence, rule=MERGED)
    none = _none_seen(view, state)
    told = [one for one in told_relapses(view) if _may_follow(none, one)]
    if told and none.gap is not Gap.NOT_RECORDED:
        least = max(one.least for one in told)
        return known(_at_least(least), tuple(one.evidence for one in told), rule=MERGED)
    return none


def _not_less_than_told(view: View, number: Fact[object]) -> Fact[object]:
    """Return a number of relapses that were seen; at least as many as a disease status tells in words."""
    told = [one for one in told_in_words(view) if cast("Interval", number.value).at_least(Decimal(one.least)) is not Truth.YES]
    if not told:
        return number
    evidence = (*number.evidence, *(one.evidence for one in told))
    return known(_at_least(max(one.least for one in told)), evidence, rule=MERGED)


def _count_of_remission(view: View, remission: Fact[Interval], before: Decimal, found: list[Relapse]) -> Fact[object]:
    """Return the relapses before a stated remission, with those seen or told after it; perhaps more where more were seen."""
    day = newest_date(remission)
    since = [r for r in found if day is not None and r.when is not None and r.when.low > day.high]
    told = [one for one in told_relapses(view) if day is not None and one.by is not None and one.by.low > day.high]
    perhaps = sum(r.when is not None and day is not None and r.when.high > day.low for r in found) - len(since)
    evidence = (*remission.evidence, *(item for relapse in since for item in relapse.evidence))
    low = before + _surely(since)
    high, flags = before + len(since) + perhaps, tuple[str, ...]()
    earlier = [r for r in found if day is not None and r.when is not None and r.when.high < day.low]
    if (seen := _surely(earlier)) > before:
        evidence = (*evidence, *(item for relapse in earlier for item in relapse.evidence))
        report(view, evidence, "More relapses are recorded than the number of the remission tells")
        high, flags = high + seen - before, ("conflict",)
    least = Decimal(max((one.least for one in told), default=0))
    if least > low:
        value = Interval(least, high if high >= least else None)
        return known(value, (*evidence, *(one.evidence for one in told)), rule="remission-number", flags=flags)
    return known(Interval(low, high), evidence, rule="remission-number", flags=flags)


def _surely(relapses_: list[Relapse]) -> int:
    """Return how many relapses these are at least: those without a remission between may be one."""
    return min(len(relapses_), 1) + sum(relapse.separate for relapse in relapses_[1:])


def _none_seen(view: View, state: Fact[str] | None) -> Fact[object]:
    """Return that there was no relapse, where the record tells the course and shows none; else that this is not recorded."""
    if state is not None and state.value == "newly-diagnosed":
        return known(_point(0), state.evidence, rule="newly-diagnosed")
    if (fresh := new_diagnosis(view)) is not None:
        return known(_point(0), fresh, rule="newly-diagnosed", flags=("computed",))
    failures = tuple(signal.evidence for signal in signals(view) if is_failure(signal))
    if failures and all(is_failure(signal) for signal in signals(view)):
        return known(_point(0), failures, rule="never-in-remission", flags=("computed",))
    if told_from_start(view):
        if supports := _treated_as_relapse(view):
            return unknown(Gap.AMBIGUOUS, "relapse_count", evidence=supports, rule="treated-as-relapse")
        evidence = tuple(signal.evidence for signal in signals(view) if signal.says == "remission")
        return known(_point(0), evidence, rule=MERGED, flags=("computed",))
    return unknown(Gap.NOT_RECORDED, "relapse_count", rule=MERGED)


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
    if isinstance(dates, tuple) and not _may_be_one_transplant(dates):
        found += grafts.evidence
    return tuple(found)


def _may_be_one_transplant(dates: tuple[PartialDate, ...]) -> bool:
    """Return whether all dates are of one day, or of its month; a year is long enough for a relapse between two."""
    if len(set(dates)) == 1:
        return True
    overlap = max(when.low for when in dates) <= min(when.high for when in dates)
    return overlap and all(when.precision != "year" for when in dates)


def _counted(view: View, found: list[Relapse]) -> Fact[object]:
    evidence = tuple(item for relapse in found for item in relapse.evidence)
    names = frozenset(name for diagnosis in of_all(view) for name in (*diagnosis.named, *diagnosis.noted))
    if len(found) == 1 and {"first-relapse", "second-or-later-relapse"} & names == {"first-relapse"}:
        return known(_point(1), evidence, rule=MERGED, flags=("from-text",))
    if len(found) == 1 and "second-or-later-relapse" in names:
        return known(_at_least(2), evidence, rule=MERGED, flags=("from-text",))
    separate = sum(relapse.separate and relapse.tier < CODED for relapse in found[1:])
    seen = found[0].tier <= JUDGED  # a code that is written down late may be that of the relapse that was stated
    earlier = told_before(view, found[0].when, remissions_of(signals(view))) if seen else []
    if earlier:  # a remission stood between these and the first relapse that was seen
        told = max(one.least for one in earlier) + 1 + separate
        return known(_at_least(told), (*(one.evidence for one in earlier), *evidence), rule=MERGED)
    if told_from_start(view) and all(relapse.tier < CODED for relapse in found) and found[0].separate:
        return known(Interval(Decimal(1 + separate), Decimal(len(found))), evidence, rule=MERGED, flags=("computed",))
    return known(_at_least(1 + separate), evidence, rule=MERGED, flags=("computed",))
