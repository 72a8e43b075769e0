"""What the series of marrows says: remission, failure, relapse, its suspicion, or mere regeneration."""

from __future__ import annotations

from bisect import bisect_right
from decimal import Decimal
from operator import attrgetter
from typing import TYPE_CHECKING

import msgspec

from service.facts.choose import in_time, statements
from service.facts.days import Days, Newest
from service.facts.given import first_begun_between, treated_between
from service.facts.layout import OWN_SYSTEM
from service.facts.per_view import per_view
from service.facts.residual import residuals
from service.facts.response import marrows
from service.facts.signal import MARROW, Says, Signal
from service.facts.stated import count
from service.logic.dates import PartialDate
from service.logic.truth import Truth
from service.record.vocabulary import RELAPSES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from service.facts.catalogue import View
    from service.facts.response import Marrow
    from service.logic.fact import Evidence
    from service.logic.interval import Interval

    Day = tuple[date, date]

_SITE = frozenset({"marrow"})
_DAYS = attrgetter("low", "high")
_LIMITS = (
    "relapse_marrow_certain_from_percent",
    "relapse_marrow_one_test_from_percent",
    "relapse_marrow_two_tests_from_percent",
)
_ONE_METHOD = {"pcr": "pcr/ngs", "ngs": "pcr/ngs"}  # both look for the same rearrangements: not independent of each other


class Others(msgspec.Struct, frozen=True, gc=False):
    """What methods other than the count of blasts found in the marrow of one day.

    `number`: of those that surely found the two-tests limit; whether any surely found the one-test limit, or the certain one.
    """

    number: int
    one_test: bool
    certain: bool


class Sample(msgspec.Struct, frozen=True, gc=False):
    """The marrow of one day: one count of blasts, or none, and what other methods found; None where there are no others."""

    when: PartialDate
    blasts: Interval | None
    others: Others | None
    evidence: Evidence
    marrow: Marrow | None = None

    @property
    def tests(self) -> int:
        """How many other methods surely found the two-tests limit or more."""
        return 0 if self.others is None else self.others.number


def marrow_signals(view: View, told: list[Signal]) -> list[Signal]:
    """Return the signals of the marrows, given those of other evidence.

    After diagnosis or relapse: below the limit a remission; above it, late enough after a treatment and with no room for a
    remission between, its failure. After a remission, by the consensus table: relapse at once from the certain limit, with one
    further test from the one-test limit, with two from the two-tests limit; else suspected, until two tests of a later marrow
    confirm it. A count of blasts below the one-test limit is normal by itself: there a test for the leukaemia has to lead.
    Source: limits/marrow.yaml, limits/relapse.yaml, limits/regimens.yaml.
    """
    samples = _samples(view)
    if not samples:
        return []
    walk = _Walk(view, told)
    return [signal for sample in samples if (signal := walk.read(sample)) is not None]


def _samples(view: View) -> list[Sample]:
    """Return the dated marrows, oldest first: one for each count of blasts, one for a day with other tests only."""
    by_method: dict[Day, dict[str, Interval]] = {}
    first: dict[Day, tuple[PartialDate, Evidence]] = {}
    for residual in residuals(view):
        if residual.blood or residual.percent is None or residual.when is None:
            continue
        day = (residual.when.low, residual.when.high)
        name = _ONE_METHOD.get(residual.method, residual.method) or residual.evidence.reference
        kept = by_method.setdefault(day, {}).get(name)
        if kept is None or _least(residual.percent) > _least(kept):
            by_method[day][name] = residual.percent
        first.setdefault(day, (residual.when, residual.evidence))
    others = {day: _others(view, found.values()) for day, found in by_method.items()}
    found: list[Sample] = []
    for marrow in marrows(view):
        if marrow.percent is not None and marrow.when is not None:
            day = (marrow.when.low, marrow.when.high)
            found.append(Sample(marrow.when, marrow.percent, others.get(day), marrow.evidence, marrow))
            first.pop(day, None)
    found += [Sample(when, None, others[day], evidence) for day, (when, evidence) in first.items()]
    return in_time(found)


def _others(view: View, found: Iterable[Interval]) -> Others:
    certain, one_test, two_tests = map(view.limits.number, _LIMITS)
    return Others(
        sum(percent.at_least(two_tests) is Truth.YES for percent in found),
        any(percent.at_least(one_test) is Truth.YES for percent in found),
        any(percent.at_least(certain) is Truth.YES for percent in found),
    )


def _least(percent: Interval) -> Decimal:
    return Decimal(-1) if percent.low is None else percent.low


class _Walk:
    """The marrows read one after the other, with what was known before each."""

    def __init__(self, view: View, told: list[Signal]) -> None:
        number = view.limits.number
        self.view = view
        self.remission_below = number("remission_blasts_below_percent")
        self.certain, self.one_test, self.two_tests = map(number, _LIMITS)
        self.merge, self.failure_from = int(number("relapse_merge_days")), int(number("treatment_failure_from_day"))
        self.by_now = any(signal.says == "remission" and signal.later and signal.when is None for signal in told)
        self.remissions, self.relapses = _Past(_days_of(told, "remission")), _Past(_days_of(told, "relapse"))
        self.resistant = Days.of([*_days_of(told, "refractory"), *_phrased(view, ["refractory"])])
        self.said = Days.of(_stated_relapses(view))
        self.disease = _Past(_days_of(told, "relapse"))  # days on which the leukaemia was seen
        self.first_failure: PartialDate | None = None
        self.suspicion: PartialDate | None = None
        self.near = int(number("status_conflict_within_days"))
        self.never_clear: bool | None = None  # of this remission: another test has found the two-tests limit from its start on

    def read(self, sample: Sample) -> Signal | None:
        """Return what one marrow says; None where that is nothing."""
        if sample.marrow is not None and looks_like_regeneration(self.view, sample.marrow):
            return None
        since, remission = self.relapses.newest_before(sample.when), self.remissions.newest_before(sample.when)
        if since is not None and (remission is None or remission.before(since) is Truth.YES):
            says = self._in_relapse(sample, since)
        elif remission is not None:
            self._note_depth(sample, since)
            says = self._in_remission(sample)
        else:
            says = self._before_remission(sample)
        if says == "remission":
            self._note_depth(sample, since)
        return self._noted(sample, says)

    def _note_depth(self, sample: Sample, since: PartialDate | None) -> None:
        """Remember whether the remission began with disease that only other tests see: then that is not a new finding later."""
        if sample.others is None:
            return
        high = sample.tests > 0
        if self.never_clear is None:
            start = self.remissions.first_begun_after(since) or sample.when.low
            high = high and (sample.when.low - start).days <= self.near
        self.never_clear = high and self.never_clear is not False

    def _noted(self, sample: Sample, says: Says | None) -> Signal | None:
        """Remember what a marrow says for those after it."""
        if says is None:
            return None
        if says == "remission":
            self.remissions.add(sample.when)
            self.suspicion = None
        elif says == "suspected":
            self.suspicion = sample.when
        else:
            self.disease.add(sample.when)
            if says == "relapse":
                self.relapses.add(sample.when)
                self.suspicion, self.never_clear = None, None
        return Signal(says, sample.when, MARROW, sample.evidence, frozenset() if says == "remission" else _SITE)

    def _clear(self, sample: Sample) -> bool:
        return sample.blasts is not None and sample.blasts.below(self.remission_below) is Truth.YES

    def _full(self, sample: Sample) -> bool:
        return sample.blasts is not None and sample.blasts.at_least(self.remission_below) is Truth.YES

    def _before_remission(self, sample: Sample) -> Says | None:
        """After the diagnosis and before any remission: remission, a failed induction, or refractory after a second one."""
        diagnosed = self.view.fact("diagnosis_date").value
        if not isinstance(diagnosed, PartialDate) or diagnosed.before(sample.when) is not Truth.YES:
            return None
        if self._clear(sample):
            return "remission"
        if not self._full(sample):
            # a remission that is told by now came before it, or after it
            late = self.by_now and not _within(self.merge, diagnosed, sample.when)
            return "unclear" if late and self._in_remission(sample) in {"suspected", "relapse"} else None
        given = first_begun_between(self.view, diagnosed, sample.when)
        begin = given.when if given is not None else diagnosed
        seen = self.disease.newest_before(sample.when)
        last = max((day for day in (diagnosed, begin, seen) if day is not None), key=_DAYS)
        if not _within(self.merge, last, sample.when):
            return self._named(sample)  # a remission may have been between
        self.disease.add(sample.when)
        if given is None:
            return None
        if _days(begin, sample.when) < self.failure_from:
            return None
        if self.first_failure is None:
            self.first_failure = sample.when
            # one failed induction is refractory by some definitions only, unless somebody has called it so about that time
            return "refractory" if self._near(self.resistant, sample) else "failed"
        return "refractory" if treated_between(self.view, self.first_failure, sample.when) else "failed"

    def _named(self, sample: Sample) -> Says:
        """Return what disease without a known remission was called about the time of the marrow, by code or by statement."""
        if self._near(self.relapses.days(), sample) or self._near(self.said, sample):
            return "relapse"
        return "refractory" if self._near(self.resistant, sample) else "unclear"

    def _near(self, days: Days, sample: Sample) -> bool:
        return days.any_within(sample.when.high.toordinal() - self.merge, sample.when.low.toordinal() + self.merge)

    def _in_relapse(self, sample: Sample, since: PartialDate) -> Says | None:
        """After a relapse and before a remission: remission, refractory after a re-induction, or still the relapse."""
        if self._full(sample):
            near = _within(self.merge, self.disease.newest_before(sample.when), sample.when)
            return "refractory" if near and treated_between(self.view, since, sample.when) else "relapse"
        if not self._clear(sample):
            return None
        # a relapse may be found below the remission limit: untreated, the same findings are no remission
        untreated = sample.tests > 0 and first_begun_between(self.view, since, sample.when) is None
        return "relapse" if untreated else "remission"

    def _in_remission(self, sample: Sample) -> Says | None:
        """After a remission: the consensus table."""
        blasts, others = sample.blasts, sample.others
        counted = blasts is not None and blasts.at_least(self.two_tests) is Truth.YES
        number = sample.tests + counted  # the leading result is one of them
        if (others is not None and others.certain) or (blasts is not None and blasts.at_least(self.certain) is Truth.YES):
            return "relapse"
        if self.suspicion is not None and self.suspicion.before(sample.when) is Truth.YES and number > 1:
            return "relapse"  # the second marrow with two tests
        if (others is not None and others.one_test) or (blasts is not None and blasts.at_least(self.one_test) is Truth.YES):
            return "relapse" if number > 1 else "suspected"
        if sample.tests and not (self.never_clear and self._clear(sample)):
            return "relapse" if number > 2 else "suspected"  # noqa: PLR2004 - the leading one and two further tests
        if self._clear(sample) and counted and others is None and _within(self.merge, self.suspicion, sample.when):
            return "suspected"  # one test alone neither confirms nor removes it
        return "remission" if self._clear(sample) else None


class _Past:
    """Days that were told, and those that the marrows add as they are read: marrows are read oldest first."""

    def __init__(self, told: list[PartialDate]) -> None:
        self._newest: Newest[PartialDate] = Newest()
        for day in told:
            self._newest.add(day, day)
        self._told = sorted(day.low for day in told)
        self._added: list[date] = []
        self._spans = {(day.low, day.high): day for day in told}
        self._days: Days | None = None

    def add(self, day: PartialDate) -> None:
        """Add the day of a marrow."""
        self._newest.add(day, day)
        self._added.append(day.low)
        if (day.low, day.high) not in self._spans:
            self._spans[day.low, day.high] = day
            self._days = None

    def newest_before(self, when: PartialDate) -> PartialDate | None:
        """Return the newest that is surely before the day of a marrow."""
        return self._newest.before(when)

    def first_begun_after(self, since: PartialDate | None) -> date | None:
        """Return the beginning of the first that is surely after a day; of the first of all where that is None."""
        found = []
        for lows in (self._told, self._added):
            place = 0 if since is None else bisect_right(lows, since.high)
            found += lows[place : place + 1]
        return min(found, default=None)

    def days(self) -> Days:
        """Return all of them."""
        if self._days is None:
            self._days = Days.of(self._spans.values())
        return self._days


def _days_of(told: list[Signal], says: Says) -> list[PartialDate]:
    return [s.when for s in told if s.says == says and s.when is not None]


def _stated_relapses(view: View) -> list[PartialDate]:
    """Return the days on which a relapse was stated by its date, its number or the clinician's phrase."""
    days = [reading.day for reading in statements(view, "relapse-date")]
    for reading in statements(view, "relapse-number"):
        number = count(reading)
        days += [reading.when] if number is not None and number.at_least(Decimal(1)) is Truth.YES else []
    return [day for day in (*days, *_phrased(view, RELAPSES)) if day is not None]


def _phrased(view: View, words: Iterable[str]) -> list[PartialDate]:
    """Return the days on which the clinician's phrase for the episode was one of these words."""
    coded = {(OWN_SYSTEM, word) for word in words}
    return [r.when for r in statements(view, "relapse-status") if r.when is not None and not coded.isdisjoint(r.coded)]


def _days(one: PartialDate, other: PartialDate) -> int:
    """Return the days that have surely passed between two days."""
    return (other.low - one.high).days


def _within(days: int, one: PartialDate | None, other: PartialDate) -> bool:
    return one is not None and (other.high - one.low).days <= days


def looks_like_regeneration(view: View, marrow: Marrow) -> bool:
    """Return whether blasts between the M2 and the regeneration limit stand beside an MRD below the positive limit."""
    percent, limits = marrow.percent, view.limits
    if percent is None or percent.at_least(limits.number("marrow_m2_from_percent")) is not Truth.YES:
        return False
    if percent.at_most(limits.number("marrow_regeneration_to_percent")) is not Truth.YES:
        return False
    return marrow.when is not None and _clear_on(view).get((marrow.when.low, marrow.when.high), False)


@per_view
def _clear_on(view: View) -> dict[Day, bool]:
    """Return the days of which there is an MRD of the marrow, and whether each result of that day is below the positive limit."""
    limit = view.limits.number("mrd_positive_from_percent")
    found: dict[Day, bool] = {}
    for residual in residuals(view):
        if residual.when is not None and not residual.blood and residual.percent is not None:
            day = (residual.when.low, residual.when.high)
            found[day] = found.get(day, True) and residual.percent.below(limit) is Truth.YES
    return found
