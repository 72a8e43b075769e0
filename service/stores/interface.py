"""What the service asks of a store, whatever it is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, timedelta

    from service.knowledge.registry import Registry, Seen


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

    def last_version(self) -> str:
        """Return the newest data timestamp among the sightings; empty where none has one. Raises: StoreError."""
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
