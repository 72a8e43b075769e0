"""What the series of marrows says: remission, failure, relapse, its suspicion, or mere regeneration."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from service.facts.choose import in_time, statements
from service.facts.given import STEROIDS, begun_between, treatments
from service.facts.layout import OWN_SYSTEM
from service.facts.response import marrows, residuals
from service.facts.signal import MARROW, Says, Signal
from service.facts.stated import count
from service.logic.dates import PartialDate
from service.logic.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Mapping

    from service.facts.catalogue import View
    from service.facts.response import Marrow
    from service.logic.fact import Evidence
    from service.logic.interval import Interval

_SITE = frozenset({"marrow"})
_RELAPSES = frozenset({"first-relapse", "second-or-later-relapse", "relapse-after-hsct"})
_ONE_METHOD = {"pcr": "pcr/ngs", "ngs": "pcr/ngs"}  # both look for the same rearrangements: not independent of each other


class Sample(msgspec.Struct, frozen=True, gc=False):
    """The marrow of one day: one count of blasts, or none, and the leukaemia found by other methods, in percent."""

    when: PartialDate
    blasts: Interval | None
    others: Mapping[str, Interval]
    evidence: Evidence
    marrow: Marrow | None = None

    def tests_from(self, percent: Decimal) -> set[str]:
        """Return the methods other than the count of blasts that surely found at least so much."""
        return {name for name, found in self.others.items() if found.at_least(percent) is Truth.YES}


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
    others: dict[tuple[object, object], dict[str, Interval]] = {}
    first: dict[tuple[object, object], tuple[PartialDate, Evidence]] = {}
    for residual in residuals(view):
        if residual.blood or residual.percent is None or residual.when is None:
            continue
        day = (residual.when.low, residual.when.high)
        name = _ONE_METHOD.get(residual.method, residual.method) or residual.evidence.reference
        kept = others.setdefault(day, {}).get(name)
        if kept is None or _least(residual.percent) > _least(kept):
            others[day][name] = residual.percent
        first.setdefault(day, (residual.when, residual.evidence))
    found: list[Sample] = []
    for marrow in marrows(view):
        if marrow.percent is not None and marrow.when is not None:
            day = (marrow.when.low, marrow.when.high)
            found.append(Sample(marrow.when, marrow.percent, others.get(day, {}), marrow.evidence, marrow))
            first.pop(day, None)
    found += [Sample(when, None, others[day], evidence) for day, (when, evidence) in first.items()]
    return in_time(found)


def _least(percent: Interval) -> Decimal:
    return Decimal(-1) if percent.low is None else percent.low


class _Walk:
    """The marrows read one after the other, with what was known before each."""

    def __init__(self, view: View, told: list[Signal]) -> None:
        number = view.limits.number
        self.view = view
        self.remission_below = number("remission_blasts_below_percent")
        self.certain = number("relapse_marrow_certain_from_percent")
        self.one_test = number("relapse_marrow_one_test_from_percent")
        self.two_tests = number("relapse_marrow_two_tests_from_percent")
        self.merge, self.failure_from = int(number("relapse_merge_days")), int(number("treatment_failure_from_day"))
        self.remissions = [s.when for s in told if s.says == "remission" and s.when is not None]
        self.relapses = [s.when for s in told if s.says == "relapse" and s.when is not None]
        self.resistant = [s.when for s in told if s.says == "refractory" and s.when is not None]
        self.resistant += _phrased(view, frozenset({"refractory"}))
        self.said = _stated_relapses(view)
        self.disease: list[PartialDate] = list(self.relapses)  # days on which the leukaemia was seen
        self.first_failure: PartialDate | None = None
        self.suspicion: PartialDate | None = None
        self.near = int(number("status_conflict_within_days"))
        self.never_clear: bool | None = None  # of this remission: another test has found the two-tests limit from its start on

    def read(self, sample: Sample) -> Signal | None:
        """Return what one marrow says; None where that is nothing."""
        if sample.marrow is not None and looks_like_regeneration(self.view, sample.marrow):
            return None
        since = _newest_before(self.relapses, sample.when)
        remission = _newest_before(self.remissions, sample.when)
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
        if not sample.others:
            return
        high = bool(sample.tests_from(self.two_tests))
        if self.never_clear is None:
            starts = [day for day in self.remissions if since is None or since.before(day) is Truth.YES]
            start = min(starts, key=lambda day: day.low, default=sample.when)
            high = high and (sample.when.low - start.low).days <= self.near
        self.never_clear = high and self.never_clear is not False

    def _noted(self, sample: Sample, says: Says | None) -> Signal | None:
        """Remember what a marrow says for those after it."""
        if says is None:
            return None
        if says == "remission":
            self.remissions.append(sample.when)
            self.suspicion = None
        elif says == "suspected":
            self.suspicion = sample.when
        else:
            self.disease.append(sample.when)
            if says == "relapse":
                self.relapses.append(sample.when)
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
            return None
        given = begun_between(self.view, diagnosed, sample.when)
        begin = given[0].when if given else diagnosed
        if not _within(self.merge, _newest_before([diagnosed, begin, *self.disease], sample.when), sample.when):
            return self._named(sample)  # a remission may have been between
        self.disease.append(sample.when)
        if not given:
            return None
        if _days(begin, sample.when) < self.failure_from:
            return None
        if self.first_failure is None:
            self.first_failure = sample.when
            # one failed induction is refractory by some definitions only, unless somebody has called it so about that time
            return "refractory" if self._near(self.resistant, sample) else "failed"
        return "refractory" if self._treated_since(self.first_failure, sample.when) else "failed"

    def _named(self, sample: Sample) -> Says:
        """Return what disease without a known remission was called about the time of the marrow, by code or by statement."""
        if self._near(self.relapses, sample) or self._near(self.said, sample):
            return "relapse"
        return "refractory" if self._near(self.resistant, sample) else "unclear"

    def _near(self, days: list[PartialDate], sample: Sample) -> bool:
        return any(_within(self.merge, sample.when, day) and _within(self.merge, day, sample.when) for day in days)

    def _in_relapse(self, sample: Sample, since: PartialDate) -> Says | None:
        """After a relapse and before a remission: remission, refractory after a re-induction, or still the relapse."""
        if self._full(sample):
            near = _within(self.merge, _newest_before(self.disease, sample.when), sample.when)
            return "refractory" if near and self._treated_since(since, sample.when) else "relapse"
        if not self._clear(sample):
            return None
        begun = begun_between(self.view, since, sample.when)
        # a relapse may be found below the remission limit: untreated, the same findings are no remission
        return "relapse" if not begun and sample.tests_from(self.two_tests) else "remission"

    def _in_remission(self, sample: Sample) -> Says | None:
        """After a remission: the consensus table."""
        tests = sample.tests_from(self.two_tests)
        counted = sample.blasts is not None and sample.blasts.at_least(self.two_tests) is Truth.YES
        leading = [sample.blasts] if sample.blasts is not None else []
        leading += sample.others.values()
        number = len(tests) + counted  # the leading result is one of them
        if any(percent.at_least(self.certain) is Truth.YES for percent in leading):
            return "relapse"
        if self.suspicion is not None and self.suspicion.before(sample.when) is Truth.YES and number > 1:
            return "relapse"  # the second marrow with two tests
        if any(percent.at_least(self.one_test) is Truth.YES for percent in leading):
            return "relapse" if number > 1 else "suspected"
        if tests and not (self.never_clear and self._clear(sample)):
            return "relapse" if number > 2 else "suspected"  # noqa: PLR2004 - the leading one and two further tests
        if self._clear(sample) and counted and not sample.others and _within(self.merge, self.suspicion, sample.when):
            return "suspected"  # one test alone neither confirms nor removes it
        return "remission" if self._clear(sample) else None

    def _treated_since(self, day: PartialDate, until: PartialDate) -> bool:
        """Return whether a treatment with something new was begun since a day, early enough to be judged."""
        gap = int(self.view.limits.number("drug_period_gap_days"))
        running = {
            concept
            for one in treatments(self.view)
            if one.when.before(day) is Truth.YES and (day.low - one.last).days <= gap
            for concept in one.concepts
        }
        begun = [one.when for one in begun_between(self.view, day, until) if one.concepts - running - STEROIDS]
        return bool(begun) and _days(begun[0], until) >= self.failure_from


def _stated_relapses(view: View) -> list[PartialDate]:
    """Return the days on which a relapse was stated by its date, its number or the clinician's phrase."""
    days = [reading.day for reading in statements(view, "relapse-date")]
    for reading in statements(view, "relapse-number"):
        number = count(reading)
        days += [reading.when] if number is not None and number.at_least(Decimal(1)) is Truth.YES else []
    return [day for day in (*days, *_phrased(view, _RELAPSES)) if day is not None]


def _phrased(view: View, words: frozenset[str]) -> list[PartialDate]:
    """Return the days on which the clinician's phrase for the episode was one of these words."""
    coded = {(OWN_SYSTEM, word) for word in words}
    return [r.when for r in statements(view, "relapse-status") if r.when is not None and not coded.isdisjoint(r.coded)]


def _newest_before(days: list[PartialDate], when: PartialDate) -> PartialDate | None:
    earlier = [day for day in days if day.before(when) is Truth.YES]
    return max(earlier, key=lambda day: (day.low, day.high)) if earlier else None


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
    clear = limits.number("mrd_positive_from_percent")
    told = [r.percent for r in residuals(view) if _same_day(r.when, marrow.when) and not r.blood and r.percent is not None]
    return bool(told) and all(percent.below(clear) is Truth.YES for percent in told)


def _same_day(one: PartialDate | None, other: PartialDate | None) -> bool:
    return one is not None and other is not None and one.low == other.low and one.high == other.high
