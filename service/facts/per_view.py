"""What several facts ask of one record, worked out once."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from service.facts.catalogue import View

T = TypeVar("T")


def per_view(make: Callable[[View], T]) -> Callable[[View], T]:
    """Return the function with its answers remembered in the view: the next who asks gets the same object."""

    @wraps(make)
    def remembered(view: View) -> T:
        memory = view.memory
        try:
            found: T = memory[make]
        except KeyError:
            found = memory[make] = make(view)
        return found

    return remembered
