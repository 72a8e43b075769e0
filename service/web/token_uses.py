"""Which tokens were used before: the store knows for all processes, and where it fails each process knows for itself."""

from __future__ import annotations

import time
from threading import Lock
from typing import TYPE_CHECKING

from service.errors import StoreError
from service.web import metrics
from service.web.logs import log

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from service.stores.interface import UsedTokens

_MOST = 100_000  # of tokens that lived at one time, in one process
_PAUSE = 30.0  # seconds before a store that failed is tried again


class TokenUses:
    """Asks the store, and stands in for it: a store that is down must not keep advice from a patient.

    What it cannot store is counted. `clock` measures durations only.
    """

    def __init__(self, store: Callable[[], UsedTokens], clock: Callable[[], float] = time.monotonic) -> None:
        self._open = store
        self._store: UsedTokens | None = None
        self._clock = clock
        self._tried: float | None = None
        self._seen: dict[tuple[str, str], datetime] = {}
        self._lock = Lock()

    def first(self, issuer: str, token_id: str, until: datetime, now: datetime) -> bool:
        """Return whether the token is used for the first time. Raises nothing."""
        return self._first_here(issuer, token_id, until, now) and self._first_anywhere(issuer, token_id, until, now)

    def _first_here(self, issuer: str, token_id: str, until: datetime, now: datetime) -> bool:
        with self._lock:
            if self._seen.get((issuer, token_id), now) > now:
                return False
            if len(self._seen) >= _MOST:
                self._seen = {key: end for key, end in self._seen.items() if end > now}
                while len(self._seen) >= _MOST:
                    del self._seen[next(iter(self._seen))]
            self._seen[issuer, token_id] = until
            return True

    def _first_anywhere(self, issuer: str, token_id: str, until: datetime, now: datetime) -> bool:
        if self._tried is None or self._clock() - self._tried >= _PAUSE:
            try:
                self._store = self._store or self._open()
                first = self._store.use_token(issuer, token_id, until, now)
            except StoreError as error:
                self._store, self._tried = None, self._clock()
                log.error("token store failed", error=error.code)
            else:
                self._tried = None
                return first
        metrics.TOKENS_NOT_STORED.inc()
        return True
