"""When the request that a thread answers had come whole: waiting for a free thread counts as time of the answer."""

from __future__ import annotations

from contextvars import ContextVar

ARRIVED: ContextVar[float | None] = ContextVar("arrived", default=None)
"""Seconds of the monotonic clock; None where another server, or a test, calls the application."""
