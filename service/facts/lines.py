"""Lines of therapy counted from dated treatments, marrows and relapses, where nobody stated their number."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from msgspec.structs import replace

from service.facts.course_start import told_from_start
from service.facts.days import Days
from service.facts.events import signals
from service.facts.given import STEROIDS, TKIS, Given, treatments
from service.facts.molecular import mrd_stays
from service.facts.per_view import per_view
from service.facts.regimens import courses
from service.facts.relapses import relapses
from service.facts.response import marrows
from service.facts.signal import MARROW
from service.logic.dates import PartialDate
from service.logic.fact import Fact, known
from service.logic.interval import Interval
from service.logic.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Iterable

    from service.facts.catalogue import View

RULE = "lines-by-record"


@dataclass(frozen=True, slots=True)
class Lines:
    """The least and the greatest number of lines of one episode, and why they differ."""

    low: int
    high: int
    flags: tuple[str, ...] = ()
    running: bool = False  # the last of them has not failed so far


def lines_by_record(view: View) -> Fact[object] | None:
    """Return the lines that a record tells which is complete from the diagnosis on; None where it is not.

    One line for each episode (the diagnosis, each relapse) in which something systemic and more than a steroid was given, and
    one more for each failure that something new followed. Open between two numbers: an episode before the last without a
    recorded treatment; a short course that may be bridging; cells or antibodies after a re-induction or a molecular failure
    that may be its consolidation (`line-uncertain`); a change of kinase inhibitor for no recorded reason. Beside it: running,
    how many of them are going on, not having failed.
    Source: limits/treatment.yaml, limits/regimens.yaml, limits/marrow.yaml.
    """
    diagnosed = view.fact("diagnosis_date").value
    given = [one for one in treatments(view) if one.sure]
    told = signals(view)
    failed = any(s.tier == MARROW and s.says in {"failed", "refractory", "unclear"} for s in told)
    new = view.fact("disease_state").value == "newly-diagnosed"
    if not isinstance(diagnosed, PartialDate) or not given or not (told_from_start(view) or failed or new):
        return None
    starts = [diagnosed, *(relapse.when for relapse in relapses(view) if relapse.when is not None)]
    if len(starts) != 1 + len(relapses(view)):
        return None
    ends: list[PartialDate | None] = [*starts[1:], None]
    by_end = _ByEnd(given)
    episodes = [_lines_in(view, by_end, start, end) for start, end in zip(starts, ends, strict=True)]
    if not (told_from_start(view) or new) and len(episodes) == 1 and episodes[0].high < 2:  # noqa: PLR2004 - a second line
        return None  # neither a remission nor a change of treatment is recorded
    gaps = any(lines.high == 0 for lines in (episodes if _ends_in_remission(view) else episodes[:-1]))
    low = sum(max(lines.low, 1) for lines in episodes[:-1]) + episodes[-1].low
    high = sum(max(lines.high, 1) for lines in episodes[:-1]) + episodes[-1].high
    possible = not all(relapse.separate for relapse in relapses(view)[1:])  # what looks like a relapse may be the one before
    if possible:
        low = min(low, 1 + len(relapses(view)) - sum(not relapse.separate for relapse in relapses(view)[1:]))
    value = Interval(Decimal(low), None if gaps else Decimal(high))
    flags = tuple(dict.fromkeys(("computed", *(flag for lines in episodes for flag in lines.flags))))
    last = episodes[-1]
    running = (("running", Interval(Decimal(min(last.low, 1)), Decimal(1))),) if last.running else ()
    return known(value, tuple(one.evidence() for one in given), rule=RULE, flags=flags, beside=running)


def earlier_lines(view: View) -> Fact[object] | None:
    """Return the lines up to the present relapse, without the one that is going on against it; None where none is.

    Labels and trials ask for these. Source: prior line, one planned sequence up to relapse or refractoriness.
    """
    lines = view.fact("prior_lines")
    running, number = dict(lines.beside).get("running"), lines.value
    if not isinstance(running, Interval) or not isinstance(number, Interval) or view.fact("disease_state").value != "relapsed":
        return None
    low, high = number.low or Decimal(0), number.high
    value = Interval(low - (running.low or Decimal(0)), None if high is None else high - 1)
    return replace(lines, value=value, beside=())


def _ends_in_remission(view: View) -> bool:
    """Return whether the course ends in a remission: without a treatment there is none, recorded or not."""
    return [s.says for s in signals(view) if s.says in {"remission", "relapse"}][-1:] == ["remission"]


class _ByEnd:
    """Treatments by the last day on which they may have been begun."""

    def __init__(self, given: list[Given]) -> None:
        self.given = given
        self._places = sorted(range(len(given)), key=lambda place: given[place].when.high)
        self._highs = [given[place].when.high for place in self._places]

    def between(self, start: PartialDate, end: PartialDate | None) -> list[Given]:
        """Return those not surely begun before a day and, where there is an end, surely before that, in their order."""
        until = None if end is None else bisect_left(self._highs, end.low)
        return [self.given[place] for place in sorted(self._places[bisect_left(self._highs, start.low) : until])]


def _lines_in(view: View, given: _ByEnd, start: PartialDate, end: PartialDate | None) -> Lines:
    """Return the lines between the diagnosis or a relapse and the next relapse."""
    systemic = [one for one in given.between(start, end) if not one.concepts <= STEROIDS]
    if not systemic:
        return Lines(0, 0)
    first = min((one.when for one in systemic), key=lambda day: day.low)
    failures = _failures(view, first, end)
    low = high = 1
    flags: list[str] = []
    relapsed = view.fact("diagnosis_date").value is not start  # what is given first after the diagnosis is the first line
    if end is None and relapsed and _may_be_bridging(view, systemic):
        low, flags = 0, ["bridging"]
    running = end is None
    if failures:
        after = _new_after(systemic, failures)
        low, high = low + after, high + after
        running = running and _new_after(systemic, failures[-1:]) > 0
    elif _may_be_more(view, systemic, start, end):
        high, flags = high + 1, [*flags, "line-uncertain"]
    resisted, unexplained = _kinase_inhibitor_lines(systemic)
    if not failures:
        low, high = low + resisted, high + resisted + unexplained
    return Lines(low, high, tuple(flags), running)


def _failures(view: View, first: PartialDate, end: PartialDate | None) -> list[PartialDate]:
    """Return the days on which a marrow showed, late enough after the first treatment, that there was no remission."""
    late = first.high.toordinal() + int(view.limits.number("treatment_failure_from_day"))
    lows, full = _full_marrows(view)
    remissions = _remissions(view).days
    return [
        when
        for when in full[bisect_left(lows, late) : None if end is None else bisect_left(lows, end.low.toordinal())]
        if (end is None or when.before(end) is Truth.YES) and not remissions.any_between(first, when)
    ]


@per_view
def _full_marrows(view: View) -> tuple[list[int], list[PartialDate]]:
    """Return the days of the marrows that are surely no remission, oldest first; and of each the first it may be, as a number."""
    limit = view.limits.number("remission_blasts_below_percent")
    counted = [(m.when, m.percent) for m in marrows(view) if m.when is not None and m.percent is not None]
    full = [when for when, percent in counted if percent.at_least(limit) is Truth.YES]
    return [when.low.toordinal() for when in full], full


class _Remissions:
    """The days of the remissions."""

    def __init__(self, told: Iterable[PartialDate]) -> None:
        found = {(when.low, when.high): when for when in told}
        self.days = Days.of(found.values())
        self._told = [found[dates] for dates in sorted(found)]
        self._lows = [when.low for when in self._told]

    def first_between(self, start: PartialDate, ends: Iterable[PartialDate]) -> PartialDate | None:
        """Return the first that is surely after a day, and surely before others."""
        until = min(end.low for end in ends)
        places = range(bisect_right(self._lows, start.high), bisect_left(self._lows, until))
        # a month or a year that has begun may not be over: at most of one of each
        return next((self._told[place] for place in places if self._told[place].high < until), None)


@per_view
def _remissions(view: View) -> _Remissions:
    return _Remissions(s.when for s in signals(view) if s.says == "remission" and s.when is not None)


def _new_after(systemic: list[Given], failures: list[PartialDate]) -> int:
    """Return how many failures were followed by something that had not been given in the episode before."""
    lines = 0
    by_end, place = sorted(systemic, key=lambda one: one.when.high), 0
    highs, used = [one.when.high for one in by_end], set(STEROIDS)
    for failure, until in zip(failures, [*failures[1:], None], strict=True):
        while place < len(by_end) and _before(by_end[place], failure):
            used |= by_end[place].concepts
            place += 1
        stop = None if until is None else bisect_left(highs, until.low)
        lines += any(not one.concepts <= used for one in by_end[place:stop])
    return lines


def _may_be_bridging(view: View, systemic: list[Given]) -> bool:
    """Return whether all that was given in the present episode is so short, and so unlike a backbone, that it may bridge only."""
    begin = systemic[0].when
    # a backbone of which a drug was only ordered says nothing of what was given
    if any(course.sure and course.when.before(begin) is not Truth.YES for course in courses(view)):
        return False
    days = 7 * int(view.limits.number("bridging_to_weeks"))
    lasting = view.limits.treatments().immunotherapies.union(TKIS)
    cells = any(not one.concepts.isdisjoint(lasting) for one in systemic)
    return not cells and (max(one.last for one in systemic) - begin.low).days <= days


def _may_be_more(view: View, systemic: list[Given], start: PartialDate, end: PartialDate | None) -> bool:
    """Return whether antibodies or cells came after chemotherapy that may have failed: no marrow tells, or the MRD stayed."""
    immunotherapies = view.limits.treatments().immunotherapies
    chemotherapy = [one for one in systemic if one.concepts.isdisjoint(immunotherapies)]
    other = [one.when for one in systemic if not one.concepts.isdisjoint(immunotherapies)]
    before = Days.of(one.when for one in chemotherapy)
    other = [day for day in other if before.any_before(day)]
    if not other:
        return False
    remission = _remissions(view).first_between(start, (other[0],) if end is None else (other[0], end))
    return remission is None or mrd_stays(view, remission, other[0])


def _kinase_inhibitor_lines(systemic: list[Given]) -> tuple[int, int]:
    """Return how many kinase inhibitors followed one that had failed, and how many followed one for no recorded reason."""
    resisted = unexplained = 0
    seen: dict[str, Given] = {}
    for one in systemic:
        for name in sorted(one.concepts.intersection(TKIS)):
            if name not in seen and seen:
                last = list(seen.values())
                resisted += any(before.resisted for before in last)
                unexplained += not any(before.resisted or before.not_tolerated for before in last)
            if name not in seen or one.resisted or one.not_tolerated:
                seen[name] = one
    return resisted, unexplained


def _before(one: Given, day: PartialDate) -> bool:
    return one.when.before(day) is Truth.YES
