"""The unit of every limit is one that we can convert."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.errors import Fault
from service.knowledge.schema import Limit
from service.logic.units import known_unit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.knowledge.library import Library


def check(library: Library) -> Iterator[Fault]:
    """Yield each limit whose unit is unknown."""
    for place in library.places:
        if isinstance(place.row, Limit) and not known_unit(place.row.unit):
            yield Fault(
                place.where, f"the unit {place.row.unit!r} is not known", "units are those of logic/units.py, written as in UCUM"
            )
