"""What a decision looks like: criteria with their truth, verdicts, cautions, risk groups, needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from service.decisions.numbered import Bits
    from service.decisions.predicate import Looks, Node
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

NOTE = "information"
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


class RowDetails(Protocol):
    """What is said of one row at length; worked out when it is asked for, because most rows are never shown."""

    def truth_if(self, tried: Bits) -> Truth:
        """Return whether the row would hold where this is said of all tests."""

    @property
    def criteria(self) -> tuple[CriterionResult, ...]:
        """All criteria of the row."""

    @property
    def needs(self) -> tuple[str, ...]:
        """What its open criteria need."""

    @property
    def flags(self) -> tuple[str, ...]:
        """Why the row does not simply hold or fail."""


@dataclass(frozen=True, slots=True)
class IndicationVerdict:
    """One dated indication row with all its criteria."""

    indication: Indication
    version: IndicationVersion
    truth: Truth
    details: RowDetails

    @property
    def criteria(self) -> tuple[CriterionResult, ...]:
        """All criteria of the row."""
        return self.details.criteria

    @property
    def flags(self) -> tuple[str, ...]:
        """Why the row does not simply hold or fail."""
        return self.details.flags


class CautionResult(NamedTuple):
    """One caution; YES means that it holds for this patient, UNKNOWN that the data received do not tell.

    `test` and `looks`: what it was tested by; a caution without a test holds for everybody. `old`: what denies it and is too old.
    """

    caution: Caution
    truth: Truth
    test: Node | None = None
    looks: Looks | None = None
    old: tuple[str, ...] = ()

    @property
    def needs(self) -> tuple[str, ...]:
        """What would have to be known."""
        return self.old if self.test is None or self.looks is None or self.old else self.looks.needs(self.test)

    @property
    def read(self) -> tuple[str, ...]:
        """The facts that leave it open although something was read for them: what was read decides nothing, or is too old."""
        if self.test is None or self.looks is None or self.old:
            return self.old
        needs, facts = frozenset(self.needs), self.looks.facts
        return tuple(
            [
                name
                for name in self.test.fact_names
                if (fact := facts[name]).evidence and not (fact.is_known or needs.isdisjoint(fact.needs or (name,)))
            ]
        )

    @property
    def suspected(self) -> bool:
        """Whether the record points to it without telling it, and it is more than a note."""
        looks = self.looks
        if looks is None or self.old or self.caution.level == NOTE or not looks.doubted:
            return False
        return not looks.doubted.isdisjoint(self.read)

    @property
    def evidence(self) -> tuple[str, ...]:
        """The resources that the test reads; no card shows them."""
        return () if self.test is None or self.looks is None else self.looks.at(self.test).evidence


class ProductDetails(Protocol):
    """What is said of one product at length; worked out when it is asked for."""

    @property
    def needs(self) -> tuple[str, ...]:
        """What the open rows need, where the whole is open."""

    @property
    def cautions(self) -> tuple[CautionResult, ...]:
        """The cautions of the label."""

    @property
    def pressing(self) -> tuple[CautionResult, ...]:
        """At least those that hold by a test, and those that are stated whatever is known."""

    @property
    def flags(self) -> tuple[str, ...]:
        """Why the verdict is not simply that of its rows."""

    def flags_among(self, words: AbstractSet[str]) -> tuple[str, ...]:
        """Return those of the flags that are among these words: where none can be, none is worked out."""

    @property
    def questions(self) -> tuple[OpenQuestion, ...]:
        """Open questions that concern this patient, for a product on label."""

    @property
    def studies_of_others(self) -> frozenset[str]:
        """The ids of studies whose patients surely were others than this one."""


@dataclass(frozen=True, slots=True)
class TherapyVerdict:
    """One product before one regulator."""

    therapy: Therapy
    regulator: str
    verdict: Standing
    indications: tuple[IndicationVerdict, ...]
    details: ProductDetails

    @property
    def key(self) -> str:
        """How needs name this verdict: `EMA/blinatumomab`."""
        return f"{self.regulator}/{self.therapy.product}"

    @property
    def needs(self) -> tuple[str, ...]:
        """What the open rows need, where the whole is open."""
        return self.details.needs

    @property
    def cautions(self) -> tuple[CautionResult, ...]:
        """The cautions of the label."""
        return self.details.cautions

    @property
    def pressing(self) -> tuple[CautionResult, ...]:
        """At least those cautions that hold by a test, and those that are stated whatever is known."""
        return self.details.pressing

    @property
    def flags(self) -> tuple[str, ...]:
        """Why the verdict is not simply that of its rows."""
        return self.details.flags

    def flags_among(self, words: AbstractSet[str]) -> tuple[str, ...]:
        """Return those of the flags that are among these words: where none can be, none is worked out."""
        return self.details.flags_among(words)

    @property
    def questions(self) -> tuple[OpenQuestion, ...]:
        """Open questions that concern this patient, for a product on label."""
        return self.details.questions

    @property
    def studies_of_others(self) -> frozenset[str]:
        """The ids of studies whose patients surely were others than this one."""
        return self.details.studies_of_others


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
