"""What is kept of answers and of feedback: nothing that tells whose record it was, unless it is sealed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from service.stores.moments import sortable


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

    `reason_text` is a reason that the site built for its users to pick. The words that a user typed may name a patient: that
    there were any is kept (`commented`), they themselves only sealed, where there is a key (`comment`, else empty).
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
    comment: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class CardStory:
    """A card that was shown and all that was told of it, in the order told."""

    card: str
    rules: tuple[str, ...]
    topic: str
    client: str
    feedback: tuple[GivenFeedback, ...] = ()


@dataclass(frozen=True, slots=True)
class SealedAssessment:
    """One assessment as it lies in the store: nothing of a patient but inside `sealed`, and the address only as its digest."""

    digest: str
    kept_at: datetime
    expires_at: datetime
    knowledge_digest: str
    client: str
    sealed: bytes = field(repr=False)

    def beside(self, address: str) -> tuple[str, ...]:
        """Return what the seal is bound to: the address, which is kept nowhere, and all that lies beside."""
        return ("assessment", address, sortable(self.kept_at), sortable(self.expires_at), self.knowledge_digest, self.client)


@dataclass(frozen=True, slots=True)
class Purged:
    """How many rows were deleted because their time was over."""

    assessments: int
    cards: int
    feedback: int
