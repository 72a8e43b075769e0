"""What is put together from a piece of knowledge alone, made once for all patients."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

K = TypeVar("K")
T = TypeVar("T")

MOST = 64  # days and states of knowledge; beyond that all are forgotten


def per_knowledge(make: Callable[[K], T]) -> Callable[[K], T]:
    """Return the function with its answers remembered by the identity of what it is made from, which never changes."""
    kept: dict[int, tuple[K, T]] = {}

    @wraps(make)
    def remembered(known: K) -> T:
        found = kept.get(id(known))
        if found is None:
            if len(kept) >= MOST:
                kept.clear()
            found = kept[id(known)] = (known, make(known))  # it is kept too, so that nothing else gets its identity
        return found[1]

    return remembered
