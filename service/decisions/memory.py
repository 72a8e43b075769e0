"""What is the same for every patient and costs time to put together: made once, and kept for those who ask again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

T = TypeVar("T")

_MOST = 16


@dataclass(frozen=True, slots=True, eq=False)
class Memory:
    """A bounded number of answers of each kind; where there is no more room, those of the kind are forgotten."""

    _kept: dict[str, dict[Hashable, tuple[object, object]]] = field(default_factory=dict, repr=False)

    def recall(self, kind: str, key: Hashable, make: Callable[[], T], *, of: object = None, most: int = _MOST) -> T:
        """Return what was made for the key, from the very object `of`; it is made where it is not kept."""
        kept = self._kept.setdefault(kind, {})
        found = kept.get(key)
        if found is None or found[0] is not of:
            if len(kept) >= most:
                kept.clear()
            found = kept[key] = (of, make())
        return cast("T", found[1])
