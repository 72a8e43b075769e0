"""The criteria of a trial on one patient's facts: as many as are needed for the fit, the rest when a page shows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from service.decisions.numbered import Bits
from service.decisions.predicate import unique
from service.decisions.verdicts import CriterionResult
from service.facts.catalogue import name_now
from service.logic.fact import Gap, unknown
from service.logic.once import once
from service.logic.truth import Truth, any_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from service.decisions.bind import LimitsOn
    from service.decisions.predicate import Looks
    from service.decisions.trial_numbers import NumberedCriteria
    from service.decisions.trial_rules import BoundCriterion, Criteria
    from service.knowledge.trial_rows import Provenance, TrialCriterion

ABSENCE_ASSUMED, OLD = "absence-assumed", "too-old"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialCriterionResult(CriterionResult):
    """One criterion of a trial, with where it was read and the group of alternatives that it is one of."""

    provenance: Provenance
    any_of: str


def _too_old(row: BoundCriterion, looks: Looks, limits: LimitsOn) -> tuple[str, ...]:
    """Return the results that are too old for a criterion that they decide; nothing where the fresh ones decide it too."""
    window = row.criterion.window
    old = _old(row, looks, limits.as_of - timedelta(int(limits.number(window))))
    if old and row.truth({**looks.facts, **{name: unknown(Gap.TOO_OLD, name) for name in old}}) is Truth.UNKNOWN:
        return old
    return ()


def _old(row: BoundCriterion, looks: Looks, first: date) -> tuple[str, ...]:
    """Return the measured facts that rest only on results from before a day; one without a date counts as old.

    Ages, sex and illnesses are no results: they do not grow old.
    """
    return tuple([name for name in row.measured if looks.newest(name) < first])


@dataclass(frozen=True)
class Judged:
    """The criteria of a trial or an arm on the facts of one patient. Each is looked at when it is asked for, and once."""

    numbers: NumberedCriteria
    looks: Looks = field(repr=False, compare=False)
    limits: LimitsOn = field(repr=False, compare=False)

    @property
    def criteria(self) -> Criteria:
        """The criteria as they are bound."""
        return self.numbers.criteria

    @once
    def too_old(self) -> Mapping[int, tuple[str, ...]]:
        """The criteria, by their places, that are decided by results alone that are too old for them, so that they are open."""
        numbers, looks, (holds, fails) = self.numbers, self.looks, self.looks.bits
        decided, rows = holds | fails, self.criteria.rows
        places = [place for place in self.criteria.aging if decided & numbers.bits[place]]
        return {place: old for place in places if (old := _too_old(rows[place], looks, self.limits))}

    def truth_at(self, place: int) -> Truth:
        """Return the truth of a criterion in the patient's favour; results that are too old decide nothing."""
        return Truth.UNKNOWN if place in self.too_old else self.numbers.at(place, self.looks.bits)

    @once
    def truth(self) -> Truth:
        """Whether all hold, of alternatives at least one; what fails by the plain ones is not looked at further."""
        numbers = self.numbers
        result = numbers.plain(self.looks.bits)
        if result is not Truth.NO and numbers.aging_names:
            if not self.too_old:
                return numbers.whole(self.looks.bits)
            for place in numbers.aging:
                result &= self.truth_at(place)
            for places in numbers.aging_alternatives:
                result &= any_of(self.truth_at(place) for place in places)
        return result

    def truth_if(self, name: str, tried: Bits, decided: Bits) -> Truth:
        """Return whether all hold where one fact has another value: what is decided or does not read the fact stays.

        `tried` is what is said of all tests then, `decided` the same where a test was unknown before.
        """
        numbers = self.numbers
        if self.truth is not Truth.UNKNOWN:
            return self.truth
        fresh = self.without_old(name, decided)
        if fresh is not None:
            return numbers.whole(fresh)
        result = numbers.plain(decided)
        if result is not Truth.NO:
            for place in numbers.aging:
                result &= self._at_if(place, name, tried)
            for places in numbers.aging_alternatives:
                result &= any_of(self._at_if(place, name, tried) for place in places)
        return result

    def without_old(self, name: str, bits: Bits) -> Bits | None:
        """Return what is said of the tests, nothing said of the criteria that are too old: they stay open whatever a fact says.

        None where one of these reads the fact, and so may be decided by it.
        """
        if not self.too_old:
            return bits
        kept, names = self._fresh
        return None if kept is None or name in names else Bits(bits[0] & kept, bits[1] & kept)

    @once
    def _fresh(self) -> tuple[int | None, frozenset[str]]:
        """The tests but those of criteria that are too old, None where another criterion shares one; and what these read."""
        bits, old = self.numbers.bits, self.too_old
        mask = 0
        for place in old:
            mask |= bits[place]
        shared = any(bit & mask for place, bit in enumerate(bits) if place not in old)
        names = frozenset(name for place in old for name in self.criteria.rows[place].node.fact_names)
        return None if shared else ~mask, names

    def _at_if(self, place: int, name: str, tried: Bits) -> Truth:
        truth = self.truth_at(place)
        if truth is not Truth.UNKNOWN or name not in self.criteria.rows[place].node.fact_names:
            return truth
        return self.numbers.at(place, tried)

    @once
    def truths(self) -> tuple[Truth, ...]:
        """The truth of each criterion, in the order of the file."""
        truths = self.numbers.truths(self.looks.bits)
        for place in self.too_old:
            truths[place] = Truth.UNKNOWN
        return tuple(truths)

    def flags_at(self, place: int) -> tuple[str, ...]:
        """Return why the truth of a criterion is not simply that of its test."""
        if place in self.too_old:
            return (OLD,)
        row = self.criteria.rows[place]
        if not row.absent or self.looks.truth(row.node) is not Truth.UNKNOWN or self.truth_at(place) is Truth.UNKNOWN:
            return ()
        return (ABSENCE_ASSUMED,)

    @property
    def assumed(self) -> tuple[TrialCriterion, ...]:
        """The criteria that rest on the absence of a record."""
        rows = self.criteria.rows
        return tuple(rows[place].criterion for place in self.criteria.assuming if ABSENCE_ASSUMED in self.flags_at(place))

    @property
    def failing(self) -> tuple[str, ...]:
        """The ids of the criteria that fail."""
        return tuple(self.criteria.rows[place].criterion.id for place in self.criteria.failing(self.truths))

    @once
    def open_places(self) -> list[int]:
        """The places of the criteria that are open and matter: of alternatives, where none of them holds."""
        return self.numbers.open(self.looks.bits, self.too_old)

    @once
    def _open(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The ids of the open criteria with what each needs."""
        rows = self.criteria.rows
        return tuple([(rows[place].criterion.id, self._needs(rows[place], place)) for place in self.open_places])

    @property
    def needs(self) -> tuple[str, ...]:
        """What the open criteria need."""
        return unique(tuple([need for _, needs in self._open for need in needs]))

    @property
    def undecidable(self) -> tuple[str, ...]:
        """The ids of open criteria that no datum of the patient would decide: the text itself leaves them open."""
        return tuple([name for name, needs in self._open if not needs])

    def _needs(self, row: BoundCriterion, place: int) -> tuple[str, ...]:
        if place in self.too_old:
            return self.too_old[place]
        needs = self.looks.needs(row.node)
        if not row.absent:
            return needs
        closed = row.closed(self.looks.facts)
        return tuple(need for need in needs if need not in closed)

    def results(self) -> tuple[TrialCriterionResult, ...]:
        """Return each criterion with its evidence and what it needs."""
        return tuple(self._result(row, place) for place, row in enumerate(self.criteria.rows))

    def _result(self, row: BoundCriterion, place: int) -> TrialCriterionResult:
        seen, truth, criterion = self.looks.at(row.node), self.truths[place], row.criterion
        return TrialCriterionResult(
            id=criterion.id,
            text=criterion.text,
            kind=criterion.kind,
            truth=truth,
            facts=unique(tuple(map(name_now, row.node.fact_names))),
            evidence=seen.evidence,
            needs=self._needs(row, place) if truth is Truth.UNKNOWN else (),
            provenance=criterion.provenance,
            any_of=criterion.any_of,
            flags=unique((*seen.flags, *self.flags_at(place))),
            note=criterion.note,
            reasons=seen.reasons if truth is Truth.UNKNOWN else (),
        )
