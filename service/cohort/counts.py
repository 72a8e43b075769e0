"""What is counted over a cohort: verdicts on a day, what changes between two days, and what is missing most."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from service.cohort.attrition import Attrition
from service.logic.truth import any_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from service.consultation import Consultation

Table = list[list[str | int]]
_COUNTERS = ("patients", "verdicts", "changes", "noted", "rejected")
NEED_COLUMNS = ("fact", "ask", "patients", "asked_first", "patients_decided", "verdicts_decided")


@dataclass(slots=True)
class Counts:
    """The counts of a share of the patients, or of all."""

    patients: Counter[tuple[str, ...]] = field(default_factory=Counter)  # day, what became of the patient
    verdicts: Counter[tuple[str, ...]] = field(default_factory=Counter)  # day, kind, id, verdict
    changes: Counter[tuple[str, ...]] = field(default_factory=Counter)  # kind, id, verdict on the other day, on the day
    needs: dict[tuple[str, ...], Counter[str]] = field(default_factory=dict)  # day, target ('' for all), fact, ask
    noted: Counter[tuple[str, ...]] = field(default_factory=Counter)  # what was odd in the data, in patients
    rejected: Counter[tuple[str, ...]] = field(default_factory=Counter)  # why resources that were looked at say nothing
    attrition: Attrition = field(default_factory=Attrition)

    def add(self, consultation: Consultation) -> None:
        """Count one patient on one day."""
        day = consultation.question.as_of.isoformat()
        for (kind, name), verdict in verdicts_of(consultation).items():
            self.verdicts[day, kind, name, verdict] += 1
        self.attrition.add(consultation)
        for place, need in enumerate(consultation.needs):
            decided = (*need.therapies, *need.trials, *need.risk_groups)
            for target in ("", *decided):
                told = self.needs.setdefault((day, target, need.fact, need.ask), Counter())
                told["patients"] += 1
                told["asked_first"] += place == 0
                told["patients_decided"] += bool(decided)
                told["verdicts_decided"] += 1 if target else len(decided)

    def add_change(self, then: Consultation, now: Consultation) -> None:
        """Count how one patient's verdicts differ between two days."""
        before, after = verdicts_of(then), verdicts_of(now)
        for kind, name in sorted(before.keys() | after.keys()):
            pair = before.get((kind, name), NOT_JUDGED), after.get((kind, name), NOT_JUDGED)
            self.changes[kind, name, *pair] += 1

    def needs_of(self, day: str, target: str = "") -> Iterator[tuple[str | int, ...]]:
        """Yield what is missing, first what would decide something for most patients; of a `target`, what decides it."""
        found = [(fact, ask, told) for (on, whose, fact, ask), told in self.needs.items() if (on, whose) == (day, target)]
        found.sort(key=lambda row: (-row[2]["patients_decided"], -row[2]["verdicts_decided"], -row[2]["patients"], row[0]))
        for fact, ask, told in found:
            yield fact, ask, *(told[name] for name in NEED_COLUMNS[2:])

    def to_json(self) -> dict[str, Table]:
        """Return the counts as they are kept between two runs."""
        needs: Table = [[*key, *(told[name] for name in NEED_COLUMNS[2:])] for key, told in self.needs.items()]
        shown: dict[str, Table] = {"needs": needs, "attrition": [list(row) for row in self.attrition.rows()]}
        for name in _COUNTERS:
            counter: Counter[tuple[str, ...]] = getattr(self, name)
            shown[name] = [[*key, number] for key, number in counter.items()]
        return shown

    def take(self, kept: dict[str, Table]) -> None:
        """Add counts that were kept."""
        for name in _COUNTERS:
            counter: Counter[tuple[str, ...]] = getattr(self, name)
            for *key, number in kept[name]:
                counter[tuple(map(str, key))] += int(number)
        for row in kept["needs"]:
            whose, numbers = _split(row, 4)
            told = dict(zip(NEED_COLUMNS[2:], numbers, strict=True))
            self.needs.setdefault(whose, Counter()).update(told)
        self.attrition.take(kept["attrition"])


NOT_JUDGED = "not-judged"


def _split(row: Sequence[str | int], words: int) -> tuple[tuple[str, ...], list[int]]:
    return tuple(map(str, row[:words])), [int(number) for number in row[words:]]


def verdicts_of(consultation: Consultation) -> dict[tuple[str, str], str]:
    """Return the verdict on each product before each regulator, each indication, trial, study and risk system."""
    found: dict[tuple[str, str], str] = {}
    for therapy in consultation.therapies:
        found["therapy", therapy.key] = therapy.verdict
        for name in dict.fromkeys(row.indication.id for row in therapy.indications):
            truth = any_of(row.truth for row in therapy.indications if row.indication.id == name)
            found["indication", name] = truth.word
    for trial in consultation.trials:
        found["trial", trial.id] = trial.fit
    for study in consultation.screened:
        found["study", study.id] = study.fit
    for risk in consultation.risk_groups:
        found["risk", risk.system.system] = f"{risk.state}:{risk.group}" if risk.group else risk.state
    return found
