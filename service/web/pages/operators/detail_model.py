"""What stands on the page of one therapy, trial or risk system."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from service.web.pages.explanation.model import Link, Mark, SourceRow, StudyRow, Word
    from service.web.pages.operators.model import Dates


@dataclass(frozen=True, slots=True)
class CriterionLine:
    """One criterion as it is encoded."""

    id: str
    text: str
    kind: str
    any_of: str
    mark: Mark | None
    note: str
    sources: tuple[SourceRow, ...]


@dataclass(frozen=True, slots=True)
class VersionBlock:
    """One indication as it stood from a day on."""

    dates: Dates
    status: Word
    mark: Mark | None
    flags: tuple[str, ...]
    criteria: tuple[CriterionLine, ...]
    unverified: tuple[str, ...]
    interpretation: tuple[str, ...]
    note: str
    sources: tuple[SourceRow, ...]


@dataclass(frozen=True, slots=True)
class IndicationBlock:
    """One row of a regulator's list with its versions."""

    id: str
    anchor: str
    regulator: str
    says: str
    setting: str
    document: SourceRow | None
    versions: tuple[VersionBlock, ...]


@dataclass(frozen=True, slots=True)
class NoteLine:
    """A caution or a line of the dosing table."""

    id: str
    heading: str
    text: str
    regulators: str
    mark: Mark | None
    note: str
    sources: tuple[SourceRow, ...]


@dataclass(frozen=True, slots=True)
class TherapyPage:
    """One product with its dated rows."""

    as_of: str
    known_by: str
    name: str
    brand: str
    kind: str
    target: str
    indications: tuple[IndicationBlock, ...]
    cautions: tuple[NoteLine, ...]
    dosing: tuple[NoteLine, ...]
    studies: tuple[StudyRow, ...]
    sources: tuple[SourceRow, ...]


@dataclass(frozen=True, slots=True)
class NumberLine:
    """One number under which a trial is registered."""

    registry: str
    number: Link
    mark: Mark | None


@dataclass(frozen=True, slots=True)
class SightingLine:
    """What a copy of the registry said about recruitment; `seen` empty: the copy carries no date."""

    status: str
    seen: str
    recorded: str
    country: str
    mark: Mark | None
    note: str
    sources: tuple[SourceRow, ...]


@dataclass(frozen=True, slots=True)
class ArmBlock:
    """An arm or cohort."""

    id: str
    name: str
    text: str
    open: str
    seen: str
    otherwise: str
    mark: Mark | None
    criteria: tuple[CriterionLine, ...]


@dataclass(frozen=True, slots=True)
class TextBlock:
    """The criteria as a text gave them that was seen on a day."""

    seen: str
    recorded: str
    note: str
    criteria: tuple[CriterionLine, ...]
    arms: tuple[ArmBlock, ...]


@dataclass(frozen=True, slots=True)
class TrialPage:
    """One trial with what was seen of it."""

    id: str
    name: str
    title: str
    numbers: tuple[NumberLine, ...]
    sponsor: str
    phase: str
    products: str
    countries: str
    exclusions: str
    outside: str
    note: str
    sightings: tuple[SightingLine, ...]
    texts: tuple[TextBlock, ...]
    sources: tuple[SourceRow, ...]


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row of a decision table: what must hold for each input that it names, and the group."""

    id: str
    when: tuple[tuple[str, str], ...]
    then: str
    mark: Mark | None


@dataclass(frozen=True, slots=True)
class TableBlock:
    """A decision table from a day on, or treatment that is allocated besides the group."""

    title: str
    dates: Dates | None
    inputs: tuple[str, ...]
    outcomes: str
    rows: tuple[TableRow, ...]
    mark: Mark | None
    sources: tuple[SourceRow, ...]


@dataclass(frozen=True, slots=True)
class SystemPage:
    """One risk system with its tables."""

    id: str
    title: str
    population: str
    state: str
    as_of: str
    known_by: str
    tables: tuple[TableBlock, ...]
    overlays: tuple[tuple[str, str], ...]  # flag, question
    questions: tuple[tuple[str, str], ...]  # group, question of the talk
    sources: tuple[SourceRow, ...]
