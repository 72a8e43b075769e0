"""What stands on the pages about the service itself: feedback, unmapped codes, the registry, what it is for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from service.web.pages.explanation.model import Json, Link, Mark, SourceRow
    from service.web.pages.operators.model import TrialLine


@dataclass(frozen=True, slots=True)
class TallyLine:
    """The cards of one rule, product, trial or client."""

    name: str
    address: str
    shown: int
    accepted: int
    unnamed: int
    overridden: int
    untold: int
    reasons: tuple[tuple[str, int], ...]
    too_often: bool


@dataclass(frozen=True, slots=True)
class TallyGroup:
    """The cards told apart by one thing; `chart` holds the first of them."""

    id: str
    title: str
    lines: tuple[TallyLine, ...]
    chart: Json
    drawn: int


@dataclass(frozen=True, slots=True)
class FeedbackPage:
    """What users did with the cards. `keeps`: the service keeps what is told from now on; `found`: something was kept."""

    keeps: bool
    found: bool
    since: str
    total: TallyLine
    orphans: int
    groups: tuple[TallyGroup, ...]
    reasons: TallyGroup | None
    from_percent: str
    least_cards: int


@dataclass(frozen=True, slots=True)
class UnmappedLine:
    """A code that is not understood, or words that stood where a code was due."""

    system: str
    code: str
    display: str
    seen: int
    places: str
    suggestions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StudyLine:
    """One trial as the registry showed it last."""

    number: Link
    trial: Link | None
    open: str
    status: str
    last_known: str
    seen: str
    true_on: str
    source: Link
    text: str


@dataclass(frozen=True, slots=True)
class RegistryPage:
    """What was seen of the trials; `asked` is the registry that a refresh asks, `hours` 0: none is made by the server."""

    as_of: str
    stale_days: int
    hours: int
    asked: Link
    last_seen: str
    data_of: str
    counts: tuple[tuple[str, int], ...]
    changed: int
    lines: tuple[StudyLine, ...]
    unregistered: tuple[TrialLine, ...]


# ---------------------------------------------------------------- about the decision support


@dataclass(frozen=True, slots=True)
class InputLine:
    """One key of prefetch, with the service that asks for it."""

    key: str
    template: str
    required: bool
    services: str


@dataclass(frozen=True, slots=True)
class AttributeLine:
    """One kind of datum about a person; `facts` are those that rules ask for."""

    name: str
    used: bool
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CitationLine:
    """One piece of evidence with its citation."""

    id: str
    name: str
    citation: Link
    mark: Mark | None


@dataclass(frozen=True, slots=True)
class AboutPage:
    """The source attributes of the decision support."""

    as_of: str
    released: str
    digest: str
    inputs: tuple[InputLine, ...]
    facts: tuple[str, ...]
    attributes: tuple[AttributeLine, ...]
    limits: tuple[str, ...]
    citations: tuple[CitationLine, ...]
    sources: tuple[SourceRow, ...]
    strengths: tuple[tuple[str, int], ...]
    read_from: str
    read_until: str
    updates: tuple[str, ...]
