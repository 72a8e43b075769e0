"""What was made for an answer, let go only once that is on its way: taking a large record apart takes a while."""

from __future__ import annotations

from contextvars import ContextVar

LEFT: ContextVar[list[object] | None] = ContextVar("left", default=None)
"""What is held until the answer is sent; None where another server, or a test, calls the application."""


def let_go_later(*things: object) -> None:
    """Hold these until the answer is sent, where our own server sends it."""
    left = LEFT.get()
    if left is not None:
        left.extend(things)
