"""What one missing fact would decide by itself: each value that it might have is tried on what reads it, the rest stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.decisions.numbered import Bits
from service.facts.catalogue import name_then
from service.logic.once import once
from service.logic.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from service.decisions.bind import Rules
    from service.decisions.predicate import Looks
    from service.decisions.risk import Trying
    from service.decisions.trial_verdicts import TrialVerdict
    from service.decisions.verdicts import RiskVerdict, TherapyVerdict


class WhatIf:
    """One record as it would be if one fact had each of its possible values; a fact without a list of values decides nothing.

    `looks` are on the record as it is; `trying` are the open risk systems, ready to be tried, by name.
    """

    def __init__(self, name: str, looks: Looks, rules: Rules, trying: Mapping[str, Trying]) -> None:
        self.name = name
        self.looks = looks
        self.rules = rules
        self.trying = trying

    @once
    def tried(self) -> tuple[Bits, ...]:
        """What is said of all tests for each value: of the fact as it is now or as it was at diagnosis, where that is missing."""
        numbered, bits, facts = self.looks.numbered, self.looks.bits, self.looks.facts
        then = name_then(self.name)
        if then not in numbered.by_fact or facts[then].is_known:
            return numbered.tried(bits, self.name)
        if facts[self.name].is_known:
            return numbered.tried(bits, then)
        return tuple([numbered.tried(now, then)[number] for number, now in enumerate(numbered.tried(bits, self.name))])

    @once
    def tried_then(self) -> tuple[Bits, ...]:
        """The same, on the record as it was at diagnosis."""
        then = self.looks.at_diagnosis
        return then.numbered.tried(then.bits, self.name)

    @once
    def decided(self) -> tuple[tuple[Bits, Bits], ...]:
        """The same, each once, and beside it what was decided before with what is so only now."""
        bits = self.looks.bits
        return tuple((tried, bits.decided_by(tried)) for tried in dict.fromkeys(self.tried))

    @once
    def ever(self) -> Bits:
        """What is decided with any of the values: a test that holds with one and fails with another has both bits."""
        return _together([decided for _, decided in self.decided])

    @once
    def tried_together(self) -> Bits:
        """What is said of all tests with any of the values: what stays open by these bits is open with each of them."""
        return _together(self.tried)

    def decides(self, verdict: TherapyVerdict) -> bool:
        """Return whether some value alone would put a product on label, or leave it without an open row."""
        rows = [row.details for row in verdict.indications if row.truth is Truth.UNKNOWN]
        if all(row.truth_if(self.tried_together) is Truth.UNKNOWN for row in rows):
            return False
        for tried, _ in self.decided:
            truths = [row.truth_if(tried) for row in rows]
            if Truth.YES in truths or Truth.UNKNOWN not in truths:
                return True
        return False

    def decides_trial(self, verdict: TrialVerdict) -> bool:
        """Return whether some value alone would make the patient fit a trial, or fail it."""
        return verdict.is_decided_by(self.name, self.decided, self.ever)

    def settles(self, verdict: RiskVerdict) -> bool:
        """Return whether some value alone would decide the group of an open system, or show that it does not apply."""
        trying = self.trying[verdict.system.system]
        return trying.is_settled_by(self.name, lambda: self.tried if trying.looks is self.looks else self.tried_then)


def _together(said: Iterable[Bits]) -> Bits:
    holds = fails = 0
    for bits in said:
        holds |= bits[0]
        fails |= bits[1]
    return Bits(holds, fails)
