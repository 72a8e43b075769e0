"""What an orchestrator asks: whether the process lives, and whether it can do its work."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import orjson

from service.assembly import store_reachable
from service.web.answers import json_answer
from service.web.errors import outcome
from service.web.store_reach import needs_store

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask, Response

    from service.assembly import Service
    from service.settings import Settings

HEALTH = ("/healthz", "/health")
READY = ("/readyz", "/ready")
_BELIEVED_SECONDS = 5.0  # several orchestrators may ask at once; the store is asked once


class _StoreState:
    """Whether the store could be reached when it was asked last."""

    def __init__(self, settings: Settings, reachable: Callable[[Settings], bool], clock: Callable[[], float]) -> None:
        self._settings = settings
        self._reachable = reachable
        self._clock = clock
        self._asked: float | None = None
        self._good = True

    def good(self) -> bool:
        now = self._clock()
        if self._asked is None or now - self._asked >= _BELIEVED_SECONDS:
            self._good, self._asked = self._reachable(self._settings), now
        return self._good


def install(
    app: Flask, service: Service, clock: Callable[[], float], reachable: Callable[[Settings], bool] = store_reachable
) -> None:
    """Add the addresses. An application that exists has its knowledge loaded: without it none is built."""
    library = service.rules.library
    state = orjson.dumps({"status": "ok", "knowledge": {"version": library.version, "digest": library.digest}})
    store = _StoreState(service.settings, reachable, clock) if needs_store(service.settings) else None

    def health() -> Response:
        return json_answer(state)

    def ready() -> Response:
        if store is not None and not store.good():
            return outcome(
                HTTPStatus.SERVICE_UNAVAILABLE, "transient", "store-unreachable", "the store cannot be reached", "store"
            )
        return json_answer(state)

    for path in HEALTH:
        app.add_url_rule(path, path, health)
    for path in READY:
        app.add_url_rule(path, path, ready)
