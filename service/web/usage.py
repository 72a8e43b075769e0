"""How the service was used: calls by service, hook, client and outcome. Looking at what is offered is no use."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import g

from service.web import metrics

if TYPE_CHECKING:
    from flask import Response

CALL_ENDPOINTS = frozenset({"hooks.call"})
UNKNOWN = "unknown"
"""What a label says where a call did not get as far as to tell."""


def outcome_of(status: int, cards: int | None) -> str:
    """Return what became of a call: `cards`, `no-cards`, `rejected`, `error`."""
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return "error"
    if status >= HTTPStatus.BAD_REQUEST:
        return "rejected"
    return "cards" if cards else "no-cards"


def count_call(response: Response, seconds: float, *, is_open: bool) -> None:
    """Count one call. Labels are words of ours and the names that the operator gave to clients, never what was sent."""
    hook = g.get("hook") or UNKNOWN
    client = g.get("client") or ("open" if is_open else UNKNOWN)
    became = outcome_of(response.status_code, g.get("cards"))
    metrics.labelled(metrics.CALLS, g.get("service") or UNKNOWN, hook, client, became).inc()
    metrics.labelled(metrics.CALL_SECONDS, hook).observe(seconds)
