"""What a decision looks like: criteria with their truth, verdicts, cautions, risk groups, needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from service.knowledge.schema import (
        Caution,
        Indication,
        IndicationVersion,
        OpenQuestion,
        OrderCode,
        RiskAllocation,
        RiskSystem,
        Therapy,
    )
    from service.logic.truth import Truth

Standing = Literal["on-label", "not-on-label", "undetermined", "not-approved"]


@dataclass(frozen=True, slots=True)
class CriterionResult:
    """One criterion: its truth in the patient's favour, the facts it reads and the resources they rest on."""

    id: str
    text: str
    kind: Literal["inclusion", "exclusion"]
    truth: Truth
    facts: tuple[str, ...]
    evidence: tuple[str, ...]
    needs: tuple[str, ...]
    flags: tuple[str, ...] = ()
    note: str = ""
    reasons: tuple[str, ...] = ()  # why it is open although its data are there


@dataclass(frozen=True, slots=True)
class IndicationVerdict:
    """One dated indication row with all its criteria."""

    indication: Indication
    version: IndicationVersion
    truth: Truth
    criteria: tuple[CriterionResult, ...]
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CautionResult:
    """One caution; YES means that it holds for this patient, UNKNOWN that the data received do not tell."""

    caution: Caution
    truth: Truth
    needs: tuple[str, ...]
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TherapyVerdict:
    """One product before one regulator."""

    therapy: Therapy
    regulator: str
    verdict: Standing
    indications: tuple[IndicationVerdict, ...]
    needs: tuple[str, ...]
    cautions: tuple[CautionResult, ...]
    flags: tuple[str, ...]
    questions: tuple[OpenQuestion, ...] = ()  # open questions that concern this patient, for a product on label

    @property
    def key(self) -> str:
        """How needs name this verdict: `EMA/blinatumomab`."""
        return f"{self.regulator}/{self.therapy.product}"


RiskState = Literal["decided", "open", "reported", "not-applicable", "not-encoded"]


@dataclass(frozen=True, slots=True)
class Allocation:
    """Treatment that a system allocates besides the group: `to` where one is left, else those possible and what would decide."""

    rule: RiskAllocation
    to: str | None
    possible: tuple[str, ...]
    row: str | None
    needs: tuple[str, ...]
    evidence: tuple[str, ...]
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RiskVerdict:
    """One risk system: the group, or the groups still possible and what would decide.

    `candidate` is the group that an unverified row names; it ends in a question mark and decides nothing.
    `recorded` is the group that a clinician recorded last; it never replaces a derived one.
    """

    system: RiskSystem
    state: RiskState
    group: str | None
    possible: tuple[str, ...]
    row: str | None
    needs: tuple[str, ...]
    evidence: tuple[str, ...]
    question: str | None
    flags: tuple[str, ...]
    candidate: str | None = None
    allocation: Allocation | None = None
    recorded: str | None = None


@dataclass(frozen=True, slots=True)
class Need:
    """One missing item, what to ask or order for it, and the open verdicts that it could decide by itself."""

    fact: str
    gap: str
    ask: str
    order: OrderCode | None
    therapies: tuple[str, ...]
    trials: tuple[str, ...]
    risk_groups: tuple[str, ...]
    mentioned: int  # in how many undecided verdicts it is missing at all

    @property
    def weight(self) -> int:
        """How many undecided verdicts the item could decide."""
        return len(self.therapies) + len(self.trials) + len(self.risk_groups)
