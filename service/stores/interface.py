"""What the service asks of a store, whatever it is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime, timedelta

    from service.knowledge.registry import Registry, Seen
    from service.stores.kept import CardStory, GivenFeedback, Purged, SealedAssessment, ShownCard


class RegistryCache(Protocol):
    """Where sightings of registry records are kept."""

    def save(self, sightings: Iterable[Seen]) -> int:
        """Keep these sightings, all of them or none, and return how many; one of the same study and day is replaced.

        Raises: StoreError.
        """
        ...

    def all(self) -> Registry:
        """Return everything that was ever seen. Raises: StoreError."""
        ...

    def claim_refresh(self, moment: datetime, every: timedelta) -> bool:
        """Return whether the caller may refresh now: True to one of all processes, once in each span. Raises: StoreError."""
        ...

    def release_refresh(self, moment: datetime) -> None:
        """Give a claim back, because the refresh failed and may be tried again. Raises: StoreError."""
        ...


class UsedTokens(Protocol):
    """Which tokens of callers were used before; shared by all processes."""

    def use_token(self, issuer: str, token_id: str, until: datetime, now: datetime) -> bool:
        """Return whether this is the first use: True to one of all processes. `until`: afterwards it may be forgotten.

        Raises: StoreError.
        """
        ...


class AnswerStore(Protocol):
    """Where it is kept which cards were shown, and what was told of them."""

    def add_shown(self, cards: Sequence[ShownCard]) -> None:
        """Keep these cards, all of them or none; one that is there already stays as it is. Raises: StoreError."""
        ...

    def add_feedback(self, items: Sequence[GivenFeedback]) -> int:
        """Keep these, all of them or none, and return how many cards among them are none of ours.

        The same card, outcome, moment and suggestion told again changes nothing. Raises: StoreError.
        """
        ...

    def add_assessments(self, assessments: Sequence[SealedAssessment]) -> None:
        """Keep these, all of them or none; one that is there already stays as it is. Raises: StoreError."""
        ...

    def purge(self, now: datetime, oldest: datetime) -> Purged:
        """Delete what has expired now, and cards and feedback up to `oldest`; return how much. Raises: StoreError."""
        ...


class AssessmentShelf(Protocol):
    """Where sealed assessments are found."""

    def find(self, digest: str, now: datetime) -> SealedAssessment | None:
        """Return the assessment; None where there is none, and from the moment on which it expires. Raises: StoreError."""
        ...


class AnswerLog(Protocol):
    """What the report reads."""

    def stories(self, since: datetime) -> tuple[CardStory, ...]:
        """Return the cards shown since then, the earliest first, each with what was told of it. Raises: StoreError."""
        ...

    def comments(self, since: datetime) -> tuple[GivenFeedback, ...]:
        """Return the feedback received since then whose words were kept, the earliest first, once each. Raises: StoreError."""
        ...

    def orphans(self, since: datetime) -> int:
        """Return of how many cards that are none of ours was told since then. Raises: StoreError."""
        ...
