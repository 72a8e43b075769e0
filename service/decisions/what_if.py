"""What one missing fact would decide by itself: each value that it might have is tried on what reads it, the rest stays."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from service.decisions.indications import favour
from service.decisions.labels_on_file import DATE
from service.facts.catalogue import CATALOGUE
from service.logic.fact import known
from service.logic.truth import Truth, all_of, any_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from service.decisions.bind import Rules
    from service.decisions.predicate import Looks, Node
    from service.decisions.risk import Trying
    from service.decisions.trial_verdicts import TrialVerdict
    from service.decisions.trials_judged import Judged
    from service.decisions.verdicts import IndicationVerdict, RiskVerdict, TherapyVerdict
    from service.logic.fact import Fact


class WhatIf:
    """One record as it would be if one fact had each of its possible values; a fact without a list of values decides nothing.

    `looks` are on the record as it is; `trying` are the open risk systems, ready to be tried, by name.
    """

    def __init__(self, name: str, looks: Looks, rules: Rules, trying: Mapping[str, Trying]) -> None:
        self.name = name
        self.looks = looks
        self.rules = rules
        self.trying = trying
        self.values = _possible(name) or rules.whereabouts.possible(name)
        self._supposed: list[Looks] | None = None

    @property
    def supposed(self) -> list[Looks]:
        """The looks on the record, once for each value."""
        if self._supposed is None:
            self._supposed = [self.looks.changed({self.name: value}) for value in self.values]
        return self._supposed

    def _truths(self, node: Node) -> list[Truth]:
        """Return the truth of a test that reads the fact, for each value."""
        return [looks.truth(node) for looks in self.supposed]

    def decides(self, verdict: TherapyVerdict) -> bool:
        """Return whether some value alone would put a product on label, or leave it without an open row."""
        rows = [self._row(row) for row in verdict.indications if row.truth is Truth.UNKNOWN]
        return any(Truth.YES in truths or Truth.UNKNOWN not in truths for truths in zip(*rows, strict=True))

    def _row(self, verdict: IndicationVerdict) -> Sequence[Truth]:
        """Return the truth of an open row for each value: criteria that do not read the fact stay as they were judged."""
        rest = Truth.UNKNOWN if DATE in verdict.flags else Truth.YES
        tried: list[Sequence[Truth]] = []
        for criterion, node in verdict.details.tests:
            if self.name in node.fact_names:
                tried.append([favour(truth, criterion) for truth in self._truths(node)])
            else:
                rest &= favour(self.looks.truth(node), criterion)
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
                    [row.truth(looks.facts) for looks in self.supposed]
                    if row.absent
                    else [row.favour(found) for found in self._truths(row.node)]
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
        trying = self.trying[verdict.system.system]
        return any(trying.is_settled(self.name, looks) for looks in self.supposed)


@lru_cache(maxsize=512)
def _possible(name: str) -> tuple[Fact[object], ...]:
    return tuple(known(value) for value in CATALOGUE[name].candidates()) if name in CATALOGUE else ()
