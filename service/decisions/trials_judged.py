"""The criteria of a trial on one patient's facts: as many as are needed for the fit, the rest when a page shows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from service.decisions.predicate import unique
from service.logic.fact import Gap, unknown
from service.logic.once import once
from service.logic.truth import Truth, any_of

if TYPE_CHECKING:
    from datetime import date

    from service.decisions.bind import LimitsOn
    from service.decisions.numbered import Conjunction
    from service.decisions.predicate import Looks
    from service.decisions.trial_rules import BoundCriterion, Criteria
    from service.knowledge.trial_rows import Provenance, TrialCriterion

ABSENCE_ASSUMED, OLD = "absence-assumed", "too-old"


@dataclass(frozen=True, slots=True)
class TrialCriterionResult:
    """One criterion: its truth in the patient's favour, the facts it reads, the resources they rest on, where it was read."""

    id: str
    text: str
    kind: Literal["inclusion", "exclusion"]
    truth: Truth
    facts: tuple[str, ...]
    evidence: tuple[str, ...]
    needs: tuple[str, ...]
    provenance: Provenance
    any_of: str
    flags: tuple[str, ...]
    note: str
    reasons: tuple[str, ...]  # why it is open although its data are there


@dataclass(frozen=True, slots=True)
class _Answer:
    """The truth in the patient's favour, why it is not simply that of the test, and the results that are too old for it."""

    truth: Truth
    flags: tuple[str, ...] = ()
    old: tuple[str, ...] = ()


def _answer(row: BoundCriterion, looks: Looks, limits: LimitsOn) -> _Answer:
    """Return the answer to one criterion; old results decide nothing, and matter only where the fresh ones do not decide."""
    recorded = truth = row.favour(looks.truth(row.node))
    if recorded is Truth.UNKNOWN and (names := row.closed(looks.facts)):
        truth = row.favour(looks.changed({name: row.absent[name] for name in names}).truth(row.node))
    if truth is Truth.UNKNOWN:
        return _Answer(truth)
    window = row.criterion.window
    old = _old(row, looks, limits.as_of - timedelta(int(limits.number(window)))) if window else ()
    if old and row.truth({**looks.facts, **{name: unknown(Gap.TOO_OLD, name) for name in old}}) is Truth.UNKNOWN:
        return _Answer(Truth.UNKNOWN, (OLD,), old)
    return _Answer(truth, (ABSENCE_ASSUMED,) if recorded is Truth.UNKNOWN else ())


def _old(row: BoundCriterion, looks: Looks, first: date) -> tuple[str, ...]:
    """Return the measured facts that rest only on results from before a day; one without a date counts as old.

    Ages, sex and illnesses are no results: they do not grow old.
    """
    found = []
    for name in row.measured:
        fact = looks.facts[name]
        if fact.is_known and fact.evidence:
            newest = max((item.date.high for item in fact.evidence if item.date is not None), default=None)
            if newest is None or newest < first:
                found.append(name)
    return tuple(found)


@dataclass(frozen=True)
class Judged:
    """The criteria of a trial or an arm on the facts of one patient. Each is looked at when it is asked for, and once.

    `joint` decides the plain criteria that stand alone together.
    """

    criteria: Criteria
    joint: Conjunction
    looks: Looks = field(repr=False, compare=False)
    limits: LimitsOn = field(repr=False, compare=False)
    _answers: dict[int, _Answer] = field(default_factory=dict, repr=False, compare=False)

    def _at(self, place: int) -> _Answer:
        answer = self._answers.get(place)
        if answer is None:
            answer = self._answers[place] = _answer(self.criteria.rows[place], self.looks, self.limits)
        return answer

    def _truth(self, place: int) -> Truth:
        row = self.criteria.rows[place]
        return row.favour(self.looks.truth(row.node)) if row.is_plain else self._at(place).truth

    @once
    def truth(self) -> Truth:
        """Whether all hold, of alternatives at least one; the first that fails decides, and the rest is left for later."""
        criteria = self.criteria
        result = self.joint.truth(self.looks.bits)
        if result is Truth.NO:
            return result
        for place in criteria.special:
            if place in criteria.alone:
                truth = self._at(place).truth
                if truth is Truth.NO:
                    return truth
                result &= truth
        for places in criteria.alternatives:
            result &= any_of(self._truth(place) for place in places)
        return result

    @once
    def truths(self) -> tuple[Truth, ...]:
        """The truth of each criterion, in the order of the file."""
        return tuple(self._truth(place) for place in range(len(self.criteria.rows)))

    def flags_at(self, place: int) -> tuple[str, ...]:
        """Return why the truth of a criterion is not simply that of its test."""
        return () if self.criteria.rows[place].is_plain else self._at(place).flags

    @property
    def assumed(self) -> tuple[TrialCriterion, ...]:
        """The criteria that rest on the absence of a record."""
        rows = self.criteria.rows
        return tuple(rows[place].criterion for place in self.criteria.special if ABSENCE_ASSUMED in self._at(place).flags)

    @property
    def failing(self) -> tuple[str, ...]:
        """The ids of the criteria that fail."""
        return tuple(self.criteria.rows[place].criterion.id for place in self.criteria.failing(self.truths))

    @property
    def needs(self) -> tuple[str, ...]:
        """What the open criteria need."""
        rows = self.criteria.rows
        return unique(tuple(need for place in self.criteria.open(self.truths) for need in self._needs(rows[place], place)))

    @property
    def undecidable(self) -> tuple[str, ...]:
        """The ids of open criteria that no datum of the patient would decide: the text itself leaves them open."""
        rows = self.criteria.rows
        open_rows = [(rows[place], place) for place in self.criteria.open(self.truths)]
        return tuple(row.criterion.id for row, place in open_rows if not self._needs(row, place))

    def _needs(self, row: BoundCriterion, place: int) -> tuple[str, ...]:
        if not row.is_plain and (old := self._at(place).old):
            return old
        closed = row.closed(self.looks.facts)
        return tuple(need for need in self.looks.needs(row.node) if need not in closed)

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
            facts=row.node.fact_names,
            evidence=seen.evidence,
            needs=self._needs(row, place) if truth is Truth.UNKNOWN else (),
            provenance=criterion.provenance,
            any_of=criterion.any_of,
            flags=unique((*seen.flags, *self.flags_at(place))),
            note=criterion.note,
            reasons=seen.reasons if truth is Truth.UNKNOWN else (),
        )
