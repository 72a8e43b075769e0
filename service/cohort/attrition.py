"""How many patients are lost at each criterion, and of how many it is not known."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from service.decisions.indications import DATE
from service.logic.truth import Truth, any_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

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

    counts: dict[Step, Counter[str]] = field(default_factory=dict)

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
        before = Truth.YES
        for place, (criterion, text, truth) in enumerate(steps, start=1):
            counts = self.counts.setdefault(Step(*whose, place, criterion, text), Counter())
            if before is not Truth.NO:
                counts["entered"] += 1
                counts[_HERE[truth]] += 1
            before &= truth
            counts["met_so_far"] += before is Truth.YES
            counts["fails_anywhere"] += truth is Truth.NO
            counts["unknown_anywhere"] += truth is Truth.UNKNOWN

    def rows(self) -> Iterator[tuple[str | int, ...]]:
        """Yield the table, steps in their order."""
        for step in sorted(self.counts):
            counts = self.counts[step]
            yield (*step, *(counts[name] for name in COUNTED))

    def take(self, rows: Sequence[Sequence[str | int]]) -> None:
        """Add the rows of another table."""
        for row in rows:
            as_of, kind, subject, dated, place, criterion, text, *numbers = row
            step = Step(str(as_of), str(kind), str(subject), str(dated), int(place), str(criterion), str(text))
            told: Mapping[str, int] = dict(zip(COUNTED, map(int, numbers), strict=True))
            self.counts.setdefault(step, Counter()).update(told)


_HERE = {Truth.NO: "lost", Truth.UNKNOWN: "unknown", Truth.YES: "met"}


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
