"""What stands on the page of knowledge: plain values in the order in which they are read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from service.knowledge.approvals import Standing
    from service.web.pages.explanation.model import Link, Mark, SourceRow, Word


@dataclass(frozen=True, slots=True)
class Dates:
    """The days of a row; empty where it has none. `standing`: how it stands on the day asked about."""

    since: str
    until: str
    uncertain_from: str
    recorded: str
    read_on: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class HeldLine:
    """One row of a label that is in force on the day, or may be."""

    id: str
    address: str
    says: str
    status: Word
    dates: Dates
    mark: Mark | None
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ApprovalCell:
    """One product with one regulator on the day."""

    regulator: str
    standing: Standing
    rows: tuple[HeldLine, ...]
    begins: str
    ended: str


@dataclass(frozen=True, slots=True)
class ApprovalLine:
    """One product with all regulators."""

    product: Link
    brand: str
    cells: tuple[ApprovalCell, ...]


@dataclass(frozen=True, slots=True)
class TherapyLine:
    """One product as it is on file; `marks` counts its dated rows by how far they were checked."""

    product: Link
    brand: str
    kind: str
    target: str
    rows: tuple[tuple[str, int], ...]  # regulator, how many indications
    read_on: str  # the oldest reading of its rows
    stale: int
    marks: tuple[tuple[Mark, int], ...]


@dataclass(frozen=True, slots=True)
class TrialLine:
    """One trial as it is on file; `provenance` counts its criteria by where they were read."""

    trial: Link
    id: str
    title: str
    products: str
    status: str
    seen: str
    criteria: int
    provenance: tuple[tuple[Mark, int], ...]
    exclusions: str
    outside: str


@dataclass(frozen=True, slots=True)
class SystemLine:
    """One risk system as it is on file."""

    system: Link
    id: str
    population: str
    dates: Dates
    state: str
    mark: Mark | None


@dataclass(frozen=True, slots=True)
class LimitLine:
    """One number that a fact uses, with its unit."""

    name: str
    says: str
    value: str
    dates: Dates
    mark: Mark | None
    sources: tuple[SourceRow, ...]


@dataclass(frozen=True, slots=True)
class StaleLine:
    """A row whose source was read too long ago."""

    where: str
    read_on: str
    days: int


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """A row that begins or ends on a day."""

    day: str
    row: Link
    about: str
    status: Word | None
    says: str
    ends: bool


@dataclass(frozen=True, slots=True)
class KnowledgePage:
    """Everything on file at a glance."""

    as_of: str
    known_by: str
    today: str
    older_than: int
    regulators: tuple[str, ...]
    approvals: tuple[ApprovalLine, ...]
    therapies: tuple[TherapyLine, ...]
    trials: tuple[TrialLine, ...]
    systems: tuple[SystemLine, ...]
    limits: tuple[LimitLine, ...]
    stale: tuple[StaleLine, ...]
    changes: tuple[ChangeLine, ...]
    recorded: tuple[tuple[str, int], ...]  # day, how many dated rows were written down on it
    marks: tuple[tuple[Mark, int], ...]
    sources: tuple[SourceRow, ...]
