"""Rows whose source was read long ago: a list for those who look after the files, not a fault."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from service.errors import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.knowledge.library import Library


def check(library: Library, as_of: date, days: int) -> Iterator[Fault]:
    """Yield each row with a `read_on` more than `days` days before `as_of`."""
    for place in library.places:
        read_on = getattr(place.row, "read_on", None)
        if isinstance(read_on, date) and (as_of - read_on).days > days:
            yield Fault(place.where, f"was last read on {read_on}, {(as_of - read_on).days} days ago", "read the source again")
