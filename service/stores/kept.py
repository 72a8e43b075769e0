"""What is kept of answers and of feedback: nothing that tells whose record it was, and no word that a user typed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ShownCard:
    """One card of one answer: which advice it was, not about whom. `rules` are ids of knowledge rows."""

    card: str
    suggestions: tuple[str, ...]
    rules: tuple[str, ...]
    topic: str
    service: str
    hook: str
    knowledge_digest: str
    client: str
    shown_at: datetime


@dataclass(frozen=True, slots=True)
class GivenFeedback:
    """What a client told of one card; `suggestions` are those accepted, none where the client did not say which.

    `reason_text` is a reason that the site built for its users to pick. Of words that a user typed only is kept that there
    were any (`commented`): they may name a patient.
    """

    card: str
    outcome: str
    given_at: datetime
    client: str
    received_at: datetime
    suggestions: tuple[str, ...] = ()
    reason_code: str = ""
    reason_system: str = ""
    reason_text: str = ""
    commented: bool = False


@dataclass(frozen=True, slots=True)
class CardStory:
    """A card that was shown and all that was told of it, in the order told."""

    card: str
    rules: tuple[str, ...]
    topic: str
    client: str
    feedback: tuple[GivenFeedback, ...] = ()
