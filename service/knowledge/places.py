"""Rows and where they stand: checks walk these instead of knowing every model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAMED_BY = ("id", "product", "concept", "system", "name", "fact", "effective")


@dataclass(frozen=True, slots=True)
class Place:
    """One row: the shelf (folder) and file it stands in, the row itself, the names of the rows around it."""

    shelf: str
    file: str
    trail: tuple[str, ...]
    row: BaseModel

    @property
    def where(self) -> str:
        """The file and the names of the rows down to this one."""
        return f"{self.file} {' / '.join(self.trail)}"


def places_in(row: object, shelf: str, file: str, name: str) -> Iterator[Place]:
    """Yield the row and all rows inside it; `name` is what the shelf calls it."""
    yield from _walk(row, shelf, file, (name,))


def _walk(row: object, shelf: str, file: str, trail: tuple[str, ...]) -> Iterator[Place]:
    if isinstance(row, BaseModel):
        yield Place(shelf, file, trail, row)
        for key, value in row.__dict__.items():
            if isinstance(value, BaseModel):
                yield from _walk(value, shelf, file, (*trail, key))
            elif isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
                for index, item in enumerate(value):
                    yield from _walk(item, shelf, file, (*trail, key, name_of(item) or str(index + 1)))
    elif isinstance(row, tuple):
        for index, item in enumerate(row):
            yield from _walk(item, shelf, file, (*trail, str(index + 1)) if len(row) > 1 else trail)


def name_of(row: object) -> str:
    """Return the name by which a row calls itself, empty where it has none."""
    # A model is slow to ask for a member that it does not have: what it has is looked at instead.
    given = row.__dict__ if isinstance(row, BaseModel) else {}
    return next((str(value) for key in _NAMED_BY if (value := given.get(key)) is not None), "")
