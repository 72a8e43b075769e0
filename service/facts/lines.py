"""Lines of therapy counted from dated treatments, marrows and relapses, where nobody stated their number."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from service.facts.events import signals
from service.facts.given import STEROIDS, TKIS, Given, treatments
from service.facts.molecular import mrd_stays
from service.facts.regimens import courses
from service.facts.relapses import relapses, told_from_start
from service.facts.response import marrows
from service.facts.signal import MARROW
from service.logic.dates import PartialDate
from service.logic.fact import Fact, known
from service.logic.interval import Interval
from service.logic.truth import Truth

if TYPE_CHECKING:
    from service.facts.catalogue import View

RULE = "lines-by-record"


@dataclass(frozen=True, slots=True)
class Lines:
    """The least and the greatest number of lines of one episode, and why they differ."""

    low: int
    high: int
    flags: tuple[str, ...] = ()


def lines_by_record(view: View) -> Fact[object] | None:
    """Return the lines that a record tells which is complete from the diagnosis on; None where it is not.

    One line for each episode (the diagnosis, each relapse) in which something systemic and more than a steroid was given, and
    one more for each failure that something new followed. Open between two numbers: an episode before the last without a
    recorded treatment; a short course that may be bridging; cells or antibodies after a re-induction or a molecular failure
    that may be its consolidation (`line-uncertain`); a change of kinase inhibitor for no recorded reason.
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
    episodes = [_lines_in(view, given, start, end) for start, end in zip(starts, ends, strict=True)]
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
    return known(value, tuple(one.evidence() for one in given), rule=RULE, flags=flags)


def _ends_in_remission(view: View) -> bool:
    """Return whether the course ends in a remission: without a treatment there is none, recorded or not."""
    return [s.says for s in signals(view) if s.says in {"remission", "relapse"}][-1:] == ["remission"]


def _lines_in(view: View, given: list[Given], start: PartialDate, end: PartialDate | None) -> Lines:
    """Return the lines between the diagnosis or a relapse and the next relapse."""
    inside = [one for one in given if not _before(one, start) and (end is None or _before(one, end))]
    systemic = [one for one in inside if not one.concepts <= STEROIDS]
    if not systemic:
        return Lines(0, 0)
    first = min((one.when for one in systemic), key=lambda day: day.low)
    failures = _failures(view, first, end)
    low = high = 1
    flags: list[str] = []
    relapsed = view.fact("diagnosis_date").value is not start  # what is given first after the diagnosis is the first line
    if end is None and relapsed and _may_be_bridging(view, systemic):
        low, flags = 0, ["bridging"]
    if failures:
        after = _new_after(systemic, failures)
        low, high = low + after, high + after
    elif _may_be_more(view, systemic, start, end):
        high, flags = high + 1, [*flags, "line-uncertain"]
    resisted, unexplained = _kinase_inhibitor_lines(systemic)
    if not failures:
        low, high = low + resisted, high + resisted + unexplained
    return Lines(low, high, tuple(flags))


def _failures(view: View, first: PartialDate, end: PartialDate | None) -> list[PartialDate]:
    """Return the days on which a marrow showed, late enough after the first treatment, that there was no remission."""
    number = view.limits.number
    remissions = [s.when for s in signals(view) if s.says == "remission" and s.when is not None]
    return [
        marrow.when
        for marrow in marrows(view)
        if marrow.when is not None and marrow.percent is not None and (end is None or marrow.when.before(end) is Truth.YES)
        if (marrow.when.low - first.high).days >= number("treatment_failure_from_day")
        if marrow.percent.at_least(number("remission_blasts_below_percent")) is Truth.YES
        if not any(first.before(day) is Truth.YES and day.before(marrow.when) is Truth.YES for day in remissions)
    ]


def _new_after(systemic: list[Given], failures: list[PartialDate]) -> int:
    """Return how many failures were followed by something that had not been given in the episode before."""
    lines = 0
    for place, failure in enumerate(failures):
        until = failures[place + 1] if place + 1 < len(failures) else None
        used = {concept for one in systemic if _before(one, failure) for concept in one.concepts}
        later = [one for one in systemic if not _before(one, failure) and (until is None or _before(one, until))]
        lines += any(one.concepts - used - STEROIDS for one in later)
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
    other = [day for day in other if any(one.when.before(day) is Truth.YES for one in chemotherapy)]
    if not other:
        return False
    remissions = [
        s.when
        for s in signals(view)
        if s.says == "remission" and s.when is not None and start.before(s.when) is Truth.YES
        if s.when.before(other[0]) is Truth.YES and (end is None or s.when.before(end) is Truth.YES)
    ]
    return not remissions or mrd_stays(view, remissions[0], other[0])


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
