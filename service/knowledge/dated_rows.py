"""The lists of dated versions that stand in the library."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from service.knowledge.schema import DatedRow, Indication, RiskSystem

if TYPE_CHECKING:
    from service.knowledge.library import Library


def dated_lists(library: Library) -> Iterator[tuple[str, Sequence[DatedRow]]]:
    """Yield where it stands and the versions of every indication, risk system and limit."""
    for place in library.places:
        if isinstance(place.row, Indication | RiskSystem):
            yield place.where, place.row.versions
    for name, rows in library.limits.items():
        yield f"{library.files.get(('limits', name), 'limits')} {name}", rows
