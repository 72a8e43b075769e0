"""Rows whose source was read long ago: a list for those who look after the files, not a fault."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from service.errors import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.knowledge.library import Library
    from service.knowledge.places import Place


@dataclass(frozen=True, slots=True)
class OldReading:
    """A row whose source was last read on a day that is too long ago."""

    place: Place
    read_on: date
    days: int


def old_readings(library: Library, as_of: date, days: int) -> Iterator[OldReading]:
    """Yield each row with a `read_on` more than `days` days before `as_of`."""
    for place in library.places:
        read_on = getattr(place.row, "read_on", None)
        if isinstance(read_on, date) and (as_of - read_on).days > days:
            yield OldReading(place, read_on, (as_of - read_on).days)


def check(library: Library, as_of: date, days: int) -> Iterator[Fault]:
    """Yield each row with a `read_on` more than `days` days before `as_of`."""
    for old in old_readings(library, as_of, days):
        yield Fault(old.place.where, f"was last read on {old.read_on}, {old.days} days ago", "read the source again")
