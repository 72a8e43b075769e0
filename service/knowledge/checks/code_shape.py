"""Every code has the shape of its system, as far as a function of a floor above can tell."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from service.errors import Fault
from service.knowledge.schema import Code, OrderCode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.knowledge.library import Library


def check(library: Library, code_fault: Callable[[str, str], str | None]) -> Iterator[Fault]:
    """Yield each code that `code_fault(system, code)` finds fault with; None means: nothing to say.

    The system is passed by its short name.
    """
    named = {uri: system.name for system in library.systems.values() for uri in system.uris}
    for place in library.places:
        if isinstance(place.row, Code | OrderCode):
            system = named.get(place.row.system, place.row.system)
            said = code_fault(system, place.row.code)
            if said:
                yield Fault(place.where, f"{place.row.code} of {system}: {said}")
