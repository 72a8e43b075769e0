"""How many patients are lost at each criterion, and of how many it is not known."""

from __future__ import annotations

import operator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, cast

from service.decisions.labels_on_file import DATE
from service.logic.truth import Truth, any_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from service.consultation import Consultation
    from service.decisions.trial_verdicts import TrialVerdict
    from service.decisions.verdicts import IndicationVerdict


class Step(NamedTuple):
    """One step of an attrition table: the day asked about, whose criteria, their dated row, and the criterion in its place."""

    as_of: str
    kind: str
    subject: str
    row: str
    place: int
    criterion: str
    text: str


COUNTED = ("entered", "lost", "unknown", "met", "met_so_far", "fails_anywhere", "unknown_anywhere")
"""What is counted at a step.

`entered`: not lost before. Of these: `lost` here, `unknown` here, `met` here. `met_so_far`: this and all before are met.
`fails_anywhere`, `unknown_anywhere`: of all patients, whatever stood before.
"""


@dataclass(slots=True)
class Attrition:
    """The counts of all steps."""

    counts: dict[Step, list[int]] = field(default_factory=dict)
    # the numbers of each step again, by what is quickly looked up: the words of a criterion are long
    _by_place: dict[tuple[str, ...], dict[tuple[int, str], list[int]]] = field(default_factory=dict)

    def add(self, consultation: Consultation) -> None:
        """Count one patient at each criterion of each label and trial."""
        day = consultation.question.as_of.isoformat()
        for verdict in consultation.therapies:
            for row in verdict.indications:
                dated = f"{row.indication.id} {row.version.effective.isoformat()}"
                self._count((day, "therapy", verdict.key, dated), _label_steps(row))
        for trial in consultation.trials:
            self._count((day, "trial", trial.id, str(trial.bound.version.seen or "")), _trial_steps(trial))

    def _count(self, whose: tuple[str, str, str, str], steps: Sequence[tuple[str, str, Truth]]) -> None:
        known = self._by_place.setdefault(whose, {})
        before = Truth.YES
        for place, (criterion, text, truth) in enumerate(steps, start=1):
            counts = known.get((place, criterion))
            if counts is None:
                counts = known[place, criterion] = self._numbers(Step(*whose, place, criterion, text))
            entered = before is not Truth.NO
            counts[_ENTERED] += entered
            if truth is Truth.YES:
                counts[_MET] += entered
                counts[_MET_SO_FAR] += before is Truth.YES
                continue
            here, anywhere = _FAILED if truth is Truth.NO else _OPEN
            counts[here] += entered
            counts[anywhere] += 1
            before &= truth

    def _numbers(self, step: Step) -> list[int]:
        return self.counts.setdefault(step, [0] * len(COUNTED))

    def rows(self) -> Iterator[tuple[str | int, ...]]:
        """Yield the table, steps in their order."""
        for step in sorted(self.counts):
            yield (*step, *self.counts[step])

    def take(self, rows: Sequence[Sequence[str | int]]) -> None:
        """Add the rows of another table."""
        length = len(Step._fields)
        for row in rows:
            step = cast("Step", tuple(row[:length]))  # as good a key
            counts, numbers = self.counts.get(step), cast("list[int]", row[length:])
            if counts is None:
                self.counts[Step(*step)] = list(numbers)
            else:
                counts[:] = map(operator.add, counts, numbers)


_ENTERED, _MET, _MET_SO_FAR = (COUNTED.index(name) for name in ("entered", "met", "met_so_far"))
_FAILED = COUNTED.index("lost"), COUNTED.index("fails_anywhere")
_OPEN = COUNTED.index("unknown"), COUNTED.index("unknown_anywhere")


def _label_steps(row: IndicationVerdict) -> list[tuple[str, str, Truth]]:
    steps = [(result.id, result.text, result.truth) for result in row.criteria]
    if DATE in row.flags:
        steps.append(("date", "the day from which this row holds is certain", Truth.UNKNOWN))
    return steps


def _trial_steps(verdict: TrialVerdict) -> list[tuple[str, str, Truth]]:
    """Return the criteria in the order of the file; alternatives are one step, where the first of them stands."""
    criteria, truths = verdict.judged.criteria, verdict.judged.truths
    groups = {places[0]: places for places in criteria.alternatives}
    steps: list[tuple[str, str, Truth]] = []
    for place, row in enumerate(criteria.rows):
        if place in groups:
            rows = [criteria.rows[other].criterion for other in groups[place]]
            truth = any_of(truths[other] for other in groups[place])
            steps.append((row.criterion.any_of, " OR ".join(other.text for other in rows), truth))
        elif not row.criterion.any_of:
            steps.append((row.criterion.id, row.criterion.text, truths[place]))
    if verdict.bound.version.arms_required:
        steps.append(("arms", "an arm that fits is left", any_of(arm.judged.truth for arm in verdict.arms)))
    return steps
