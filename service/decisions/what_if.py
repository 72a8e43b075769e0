"""What one missing fact would decide by itself: each value that it might have is tried on what reads it, the rest stays."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from service.decisions.bind import criterion_key
from service.decisions.indications import DATE, favour
from service.decisions.risk import would_settle
from service.facts.catalogue import CATALOGUE
from service.logic.fact import known
from service.logic.truth import Truth, all_of, any_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service.decisions.bind import Rules
    from service.decisions.predicate import Facts, Node
    from service.decisions.trial_verdicts import TrialVerdict
    from service.decisions.trials_judged import Judged
    from service.decisions.verdicts import IndicationVerdict, RiskVerdict, TherapyVerdict
    from service.logic.fact import Fact


class WhatIf:
    """One record as it would be if one fact had each of its possible values; a fact without a list of values decides nothing."""

    def __init__(self, name: str, facts: Facts, rules: Rules) -> None:
        self.name = name
        self.facts = facts
        self.rules = rules
        self.values = _possible(name) or rules.whereabouts.possible(name)
        self._supposed: list[Facts] = []
        self._truths: dict[int, Sequence[Truth]] = {}

    @property
    def supposed(self) -> list[Facts]:
        """All facts, once for each value; most tests read one fact only and do without."""
        if not self._supposed:
            self._supposed = [{**self.facts, self.name: value} for value in self.values]
        return self._supposed

    def truths(self, node: Node) -> Sequence[Truth]:
        """Return the truth of a test that reads the fact, for each value."""
        found = self._truths.get(id(node))  # tests live as long as the rules, so that their identity names them
        if found is None:
            alone = len(node.fact_names) == 1
            supposed = [{self.name: value} for value in self.values] if alone else self.supposed
            found = self._truths[id(node)] = [node.truth(facts) for facts in supposed]
        return found

    def decides(self, verdict: TherapyVerdict) -> bool:
        """Return whether some value alone would put a product on label, or leave it without an open row."""
        rows = [self._row(row) for row in verdict.indications if row.truth is Truth.UNKNOWN]
        return any(Truth.YES in truths or Truth.UNKNOWN not in truths for truths in zip(*rows, strict=True))

    def _row(self, row: IndicationVerdict) -> Sequence[Truth]:
        """Return the truth of an open row for each value: criteria that do not read the fact stay as they were judged."""
        rest = Truth.UNKNOWN if DATE in row.flags else Truth.YES
        tried: list[Sequence[Truth]] = []
        for criterion, result in zip(row.version.criteria, row.criteria, strict=True):
            if self.name not in result.facts:
                rest &= result.truth
                continue
            number = next(number for number, version in enumerate(row.indication.versions) if version is row.version)
            node = self.rules.tests[criterion_key(row.indication.id, number, criterion.id)]
            tried.append([favour(truth, criterion) for truth in self.truths(node)])
        return [all_of((rest, *truths)) for truths in zip(*tried, strict=True)] if tried else [rest] * len(self.values)

    def decides_trial(self, verdict: TrialVerdict) -> bool:
        """Return whether some value alone would make the patient fit a trial, or fail it."""
        rows = [self._fits(verdict.judged)]
        if verdict.bound.version.arms_required:
            arms = [self._fits(arm.judged) for arm in verdict.arms]
            rows.append([any_of(truths) for truths in zip(*arms, strict=True)])
        return any(all_of(truths) is not Truth.UNKNOWN for truths in zip(*rows, strict=True))

    def _fits(self, judged: Judged) -> Sequence[Truth]:
        """Return whether all criteria hold for each value: those that are decided or do not read the fact stay."""
        tried: dict[int, Sequence[Truth]] = {}
        for place, (row, truth) in enumerate(zip(judged.criteria.rows, judged.truths, strict=True)):
            if truth is Truth.UNKNOWN and self.name in row.node.fact_names:
                tried[place] = (
                    [row.truth(facts) for facts in self.supposed]
                    if row.absent
                    else [row.favour(found) for found in self.truths(row.node)]
                )
        if not tried:
            return [judged.truth] * len(self.values)
        found_truths = []
        for number in range(len(self.values)):
            truths = list(judged.truths)
            for place, answers in tried.items():
                truths[place] = answers[number]
            found_truths.append(judged.criteria.truth(truths))
        return found_truths

    def settles(self, verdict: RiskVerdict) -> bool:
        """Return whether some value alone would decide the group of an open system, or show that it does not apply."""
        return any(would_settle(verdict.system, facts, self.rules) for facts in self.supposed)


@lru_cache(maxsize=512)
def _possible(name: str) -> tuple[Fact[object], ...]:
    return tuple(known(value) for value in CATALOGUE[name].candidates()) if name in CATALOGUE else ()
