"""Counts over a cohort: confusion tables per fact and per verdict, what went wrong with the patient, one example of each miss."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson

from service.consultation import Question
from service.consultation.document import plain
from service.synth.bundles import bundle_of
from service.synth.names import FACTS
from service.synth.verdicts import HIGH_RISK
from tests.synth.compare import (
    DECIDED,
    DENIED,
    MISSED,
    RIGHT,
    SILENT,
    UNKNOWN,
    UNSAFE,
    judge,
    judge_group,
    judge_verdict,
    yes_or_no,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from service.assembly import Service
    from service.consultation import Consultation
    from service.decisions.verdicts import RiskVerdict
    from service.synth.patients import Made
    from service.synth.verdicts import Verdicts

REGULATORS = ("EMA", "FDA", "AEMPS")
KINDS = ("row", "therapy", "trial", "risk")
_NOT_SHOWN = "no such verdict"
_FACT_WORDS = (DECIDED, "wider", "undecided", SILENT, "right-though-silent", UNSAFE)
_VERDICT_WORDS = (DECIDED, MISSED, SILENT, RIGHT, DENIED, UNSAFE)

Table = dict[str, Counter[tuple[str, ...]]]


@dataclass(slots=True)
class Tally:
    """What was counted; `wrong` has a line for each wrong answer, `examples` the first patient of each kind of miss."""

    patients: int = 0
    facts: Table = field(default_factory=dict)  # by fact: what it is, how it is told, what was derived
    judged_facts: Table = field(default_factory=dict)
    verdicts: Table = field(default_factory=dict)  # by verdict: what is true, what is decidable, what was answered
    judged_verdicts: Table = field(default_factory=dict)
    examples: dict[tuple[str, str], str] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def add(self, made: Made, service: Service) -> None:
        """Count one patient."""
        self.patients += 1
        real, decidable = made.verdicts(service.rules.library)
        question = Question(made.as_of, made.as_of, REGULATORS)
        answer = service.consult_bundle(orjson.dumps(bundle_of(made.story)), question)
        self._add_facts(made, answer, real, decidable)
        for name, judged, cell in _verdicts(real, decidable, answer):
            _count(self.verdicts, name, cell)
            _count(self.judged_verdicts, name, (judged,))
            self._note(made, name, judged, f"truth {cell[0]}, decidable {cell[1]}, answered {cell[2]}")

    def _add_facts(self, made: Made, answer: Consultation, real: Verdicts, decidable: Verdicts) -> None:
        line = made.truth_line()
        told = {**line["facts"], HIGH_RISK: _truth_of(decidable.high_risk_first_relapse)}
        true = {**line["real"], HIGH_RISK: _truth_of(real.high_risk_first_relapse)}
        for name in (*FACTS, HIGH_RISK):
            fact = answer.facts[name]
            found = plain(fact.value) if fact.is_known else UNKNOWN
            how = made.truth.how.get(name, "told")
            judged = judge(told[name], true.get(name), found, how)
            _count(self.facts, name, (_word(true.get(name, UNKNOWN)), how, _word(found)))
            _count(self.judged_facts, name, (judged,))
            self._note(made, name, judged, f"{how}, truth {told[name]}, real {true.get(name)}, derived {found}")

    def _note(self, made: Made, name: str, judged: str, text: str) -> None:
        if judged in {DECIDED, SILENT}:
            return
        self.examples.setdefault((name, judged), f"{made.story.name} ({made.kind}): {text}")
        if judged in {UNSAFE, DENIED}:
            self.wrong.append(f"{judged} {name}: {made.story.name} ({made.kind}): {text}")

    def merge(self, other: Tally) -> None:
        """Add what was counted elsewhere."""
        self.patients += other.patients
        for mine, theirs in (
            (self.facts, other.facts),
            (self.judged_facts, other.judged_facts),
            (self.verdicts, other.verdicts),
            (self.judged_verdicts, other.judged_verdicts),
        ):
            for name, counts in theirs.items():
                mine.setdefault(name, Counter()).update(counts)
        for miss, example in other.examples.items():
            self.examples.setdefault(miss, example)
        self.wrong += other.wrong

    def share_of_facts(self) -> float:
        """Return the share of what the records tell that was derived as exactly."""
        total = _summed(self.judged_facts)
        return total[DECIDED,] / (total[DECIDED,] + total["wider",] + total["undecided",])

    def share_of_verdicts(self, kind: str = "") -> float:
        """Return the share of decidable verdicts that were decided, of one kind or of all."""
        total = _summed({name: row for name, row in self.judged_verdicts.items() if name.startswith(kind)})
        return total[DECIDED,] / (total[DECIDED,] + total[MISSED,] + total[DENIED,] + total[UNSAFE,])

    def report(self) -> str:
        """Return the tables in words."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{self.patients} patients"
        yield f"wrong answers: {len(self.wrong)}"
        yield f"facts told and derived: {self.share_of_facts():.4%}"
        for kind in KINDS:
            yield f"decidable verdicts decided, {kind}: {self.share_of_verdicts(kind):.4%}"
        yield f"decidable verdicts decided, all: {self.share_of_verdicts():.4%}"
        yield from ("", "verdicts, by kind: true, decidable, answered")
        for kind in KINDS:
            for cell, count in sorted(_summed({n: row for n, row in self.verdicts.items() if n.startswith(kind)}).items()):
                yield f"  {kind:8} {cell[0]:16} {cell[1]:16} {cell[2]:16} {count:9}"
        yield from ("", *_table("fact", self.judged_facts, _FACT_WORDS))
        yield from ("", *_table("verdict", self.judged_verdicts, _VERDICT_WORDS))
        yield from ("", "facts: true value, how told, derived value")
        for name, cells in sorted(self.facts.items()):
            for cell, count in sorted(cells.items()):
                yield f"  {name:38} {cell[0]:24} {cell[1]:13} {cell[2]:24} {count:7}"
        yield from ("", "one example of each miss")
        for (name, judged), example in sorted(self.examples.items()):
            yield f"  {name} {judged}: {example}"
        yield from ("", "wrong answers", *(f"  {line}" for line in self.wrong or ["none"]))


def count_cohort(service: Service, cohort: Iterable[Made]) -> Tally:
    """Return what is counted over a cohort."""
    tally = Tally()
    for made in cohort:
        tally.add(made, service)
    return tally


def _verdicts(real: Verdicts, decidable: Verdicts, answer: Consultation) -> Iterator[tuple[str, str, tuple[str, str, str]]]:
    """Yield each verdict's name, what it is beside the truth, and the three words for true, decidable and answered."""
    told: dict[str, dict[str, str]] = {"row": {}, "therapy": {}, "trial": {}}
    for verdict in answer.therapies:
        told["therapy"][verdict.key] = verdict.verdict
        told["row"] |= {f"{verdict.regulator}/{row.indication.id}": row.truth.word for row in verdict.indications}
    told["trial"] = {verdict.id: verdict.fit for verdict in answer.trials}
    true = {"row": real.rows, "therapy": real.therapies, "trial": real.trials}
    known = {"row": decidable.rows, "therapy": decidable.therapies, "trial": decidable.trials}
    for kind, answers in told.items():
        for name in sorted({*answers, *known[kind]}):
            found = (true[kind].get(name, _NOT_SHOWN), known[kind].get(name, _NOT_SHOWN), answers.get(name, _NOT_SHOWN))
            words = (yes_or_no(found[0]), yes_or_no(found[1]), yes_or_no(found[2]))
            yield f"{kind} {name}", judge_verdict(*words), words
    groups = {group.system.system: group for group in answer.risk_groups}
    for name in sorted({*groups, *decidable.risk}):
        is_true, is_known = (side.risk[name].says if name in side.risk else _NOT_SHOWN for side in (real, decidable))
        says, possible = _said_by(groups.get(name))
        yield f"risk {name}", judge_group(is_true, is_known, says, possible), (is_true, is_known, says)


def _said_by(group: RiskVerdict | None) -> tuple[str, tuple[str, ...]]:
    if group is None:
        return _NOT_SHOWN, ()
    return (group.group or group.state if group.state == DECIDED else group.state), group.possible


def _count(table: Table, name: str, cell: tuple[str, ...]) -> None:
    table.setdefault(name, Counter())[cell] += 1


def _summed(table: Table) -> Counter[tuple[str, ...]]:
    total: Counter[tuple[str, ...]] = Counter()
    for row in table.values():
        total.update(row)
    return total


def _truth_of(word: str) -> object:
    return {"yes": True, "no": False}.get(word, UNKNOWN)


def _word(value: object) -> str:
    """Return a word or a truth as it is; numbers, dates and limits by their kind alone."""
    if isinstance(value, bool) or (isinstance(value, str) and not value[:1].isdigit()):
        return str(value)
    return "limits" if isinstance(value, dict) else "value"


def _table(head: str, table: Table, columns: tuple[str, ...]) -> Iterator[str]:
    yield f"{head:44}" + "".join(f"{column:>22}" for column in columns)
    for name, row in sorted(table.items()):
        yield f"{name:44}" + "".join(f"{row[column,]:22}" for column in columns)
