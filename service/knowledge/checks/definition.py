"""Every definition that a test uses exists, and none uses itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.errors import Fault
from service.knowledge.complaints import did_you_mean
from service.knowledge.places import places_in
from service.knowledge.schema import UseTest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.knowledge.library import Library


def check(library: Library) -> Iterator[Fault]:
    """Yield each unknown definition and each circle of definitions."""
    if "definitions" not in library.incomplete:
        for place in library.places:
            if isinstance(place.row, UseTest) and place.row.use not in library.definitions:
                used = place.row.use
                yield Fault(place.where, f"there is no definition {used!r}", did_you_mean(used, library.definitions))
    uses = {
        name: [place.row.use for place in places_in(row.test, "", "", "") if isinstance(place.row, UseTest)]
        for name, row in library.definitions.items()
    }
    told: set[str] = set()
    for name in uses:
        circle = _circle(name, uses)
        if circle and told.isdisjoint(circle):
            told.update(circle)
            file = library.files.get(("definitions", name), "definitions")
            yield Fault(f"{file} {name}", f"definitions use each other in a circle: {' → '.join(circle)}")


def _circle(start: str, uses: dict[str, list[str]]) -> tuple[str, ...]:
    """Return the way from a definition back to itself; empty where there is none."""
    ways: list[tuple[str, ...]] = [(start,)]
    seen = {start}
    while ways:
        way = ways.pop()
        for used in uses.get(way[-1], ()):
            if used == start:
                return (*way, start)
            if used not in seen:
                seen.add(used)
                ways.append((*way, used))
    return ()
