"""How long an answer may take, from the moment its request was whole: waiting for a free thread counts.

The steps of an answer are not interrupted: what half a record says would look like what the whole says. Before each step
the time is looked at, and where none is left the caller is told so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import g

from service.errors import OutOfTime
from service.web.server.arrival import ARRIVED

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask


def install(app: Flask, seconds: float, clock: Callable[[], float]) -> None:
    """Give each request its end. `clock`: seconds of the monotonic clock."""

    @app.before_request
    def begin() -> None:
        arrived = ARRIVED.get()
        g.until = (clock() if arrived is None else arrived) + seconds
        g.clock = clock


def seconds_left() -> float | None:
    """Return how long the answer may still take; None where no request is being answered, which has all the time."""
    return float(g.until - g.clock()) if "until" in g else None


def check_time() -> None:
    """Return while there is time. Raises: OutOfTime."""
    left = seconds_left()
    if left is not None and left <= 0:
        raise OutOfTime("the answer would come too late", hint="try again later; the service is busy, or the record very large")
