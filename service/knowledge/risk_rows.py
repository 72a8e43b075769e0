"""The rows of a risk system's file: dated decision tables, treatment allocated besides the group, overlays and questions."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from service.knowledge.rows import DatedRow, Number, Row, Test, Verification


class RiskRow(Row):
    """One row of a decision table: `when` maps an input to `any`, a comparison (`>= 50`) or an interval (`[1 a, 10 a)`).

    A row that nobody read in the protocol (verification M, B or S) names a candidate and decides nothing; with `among`, the
    groups of which it picks one stay possible together, because the source has them together.
    """

    id: str
    when: dict[str, str]
    then: str
    verification: Verification = Field(default=Verification.VERIFIED, strict=False)
    among: tuple[str, ...] = Field(default=(), strict=False)


class RiskTable(Row):
    """Inputs (facts, or definitions as yes and no) and the rows that answer; a `partial` table may leave patients out.

    A table of one MRD method names it for its inputs in `methods`: a result of another method stands for all that lies
    up to `other_method_factor` times above or below it.
    """

    hit: Literal["unique", "first"] = "unique"
    partial: bool = False
    inputs: tuple[str, ...] = Field(default=(), strict=False)
    outcomes: tuple[str, ...] = Field(default=(), strict=False)  # none where no group was read
    rows: tuple[RiskRow, ...] = Field(default=(), strict=False)
    methods: dict[str, Literal["flow", "pcr", "ngs"]] = Field(default_factory=dict)
    other_method_factor: Number | None = None
    flags: tuple[str, ...] = Field(default=(), strict=False)  # carried to each answer


class RiskAllocation(RiskTable):
    """Treatment that a system allocates besides the group; the input `group` is the system's own group.

    Words in a cell of `unknown` are the protocol's own rule for a result that is missing.
    """

    says: str
    verification: Verification = Field(strict=False)
    sources: tuple[str, ...] = Field(min_length=1, strict=False)


class RiskVersion(RiskTable, DatedRow):
    """A risk system as it stood from a day on."""

    hit: Literal["unique", "first"]
    applies: Test | None = None
    not_applicable: str = ""  # why, where `applies` is NO
    allocation: RiskAllocation | None = None
    verification: Verification = Field(strict=False)
    sources: tuple[str, ...] = Field(min_length=1, strict=False)
    read_on: date


class RiskOverlay(Row):
    """A feature that is no risk group and changes the question: it is shown as a flag; `instead`: no candidate is shown then."""

    flag: str
    test: Test
    question: str | None = None
    instead: bool = False
    talk: tuple[str, ...] = Field(default=(), strict=False)


class RiskSystem(Row):
    """One risk system: one file of `risk_systems/`.

    Not `enabled`: no row is read, only `applies` and the overlays.
    """

    system: str
    title: str
    short: str = ""  # as it is called in a line; the title, if there is none
    population: str
    dated_by: Literal["diagnosis", "relapse"]
    enabled: bool
    talk: tuple[str, ...] = Field(default=(), strict=False)
    questions: dict[str, str] = Field(default_factory=dict)  # group → the therapeutic question of the talk
    aliases: dict[str, str] = Field(default_factory=dict)  # another name of a group → its name in the protocol
    overlays: tuple[RiskOverlay, ...] = Field(default=(), strict=False)
    versions: tuple[RiskVersion, ...] = Field(strict=False)

    @property
    def called(self) -> str:
        """What clinicians call the system."""
        return self.short or self.title

    def question_of(self, group: str) -> str | None:
        """Return the question that the talk puts to a group, by any of its names."""
        return self.questions.get(self.protocol_name(group))

    def protocol_name(self, group: str) -> str:
        """Return the name that the protocol gives to a group."""
        return self.aliases.get(group, group)

    @property
    def fully_encoded(self) -> bool:
        """Whether every row of every version may decide; if not, a site that holds the protocol can bring its own table."""
        tables = [table for version in self.versions for table in (version, version.allocation) if table is not None]
        return self.enabled and all(row.verification.usable_alone for table in tables for row in table.rows)
