"""How often an issuer may call: so many calls in any minute, told apart only after the token was checked.

A stranger so uses up nobody's share. The count is shared by all processes of one server and begins anew with it.
"""

from __future__ import annotations

import math
from multiprocessing import get_context
from typing import TYPE_CHECKING

from flask import g, request

from service.errors import TooManyCalls

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask import Flask

    from service.clients.issuers import Issuer
    from service.settings import Settings

_MINUTE = 60.0
_PATIENCE = 0.2  # seconds; a process that died while it counted must stop nobody
_HAIR = 1e-6  # seconds, for what sums of fractions are off


class Shares:
    """Counts calls by issuer. `limits`: calls a minute, 0 for as many as come. `clock`: seconds, the same in all processes.

    A full share may be used at once; then it fills again, a call at a time (the generic cell rate algorithm: one number for
    each issuer, the moment at which its share is whole again).
    """

    def __init__(self, limits: Mapping[str, int], clock: Callable[[], float]) -> None:
        self._limits = dict(limits)
        self._clock = clock
        self._place = {issuer: place for place, issuer in enumerate(self._limits)}
        # Made before the processes are forked from this one, so it is the same memory in all of them.
        shared = get_context("fork")
        self._whole_at = memoryview(shared.RawArray("d", max(1, len(self._limits)))).cast("B").cast("d")
        self._lock = shared.Lock()

    def take(self, issuer: str) -> int:
        """Count a call; return 0 where it may be answered, else the seconds after which the next one may be made."""
        limit = self._limits.get(issuer, 0)
        if not limit:
            return 0
        each = _MINUTE / limit
        place = self._place[issuer]
        held = self._lock.acquire(timeout=_PATIENCE)
        try:
            now = self._clock()
            whole_at = max(self._whole_at[place], now)
            early = whole_at + each - now - _MINUTE
            if early > _HAIR:
                return math.ceil(early)
            self._whole_at[place] = whole_at + each
            return 0
        finally:
            if held:
                self._lock.release()


def shares_of(settings: Settings, issuers: Mapping[str, Issuer], clock: Callable[[], float]) -> Shares:
    """Return the shares: the issuer's own where its entry names one, else the setting's."""
    own = {name: issuer.rate_limit for name, issuer in issuers.items()}
    return Shares({name: settings.rate_limit if limit is None else limit for name, limit in own.items()}, clock)


def install(app: Flask, shares: Shares) -> None:
    """Refuse the calls of an issuer whose share is used up. To be installed behind what tells who calls."""

    @app.before_request
    def count() -> None:
        caller = g.get("caller")
        if caller is None or request.method == "OPTIONS":
            return
        seconds = shares.take(caller.client.issuer)
        if seconds:
            raise TooManyCalls("this issuer has used up its calls of a minute", retry_after=seconds)
