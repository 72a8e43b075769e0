"""A code that we send out in an order was verified: it stands so in a value set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.errors import Fault
from service.knowledge.complaints import did_you_mean
from service.knowledge.schema import Code, OrderCode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.knowledge.library import Library


def check(library: Library) -> Iterator[Fault]:
    """Yield each unknown code system, and each code of an order that no value set holds as verified."""
    systems_known = "systems" not in library.incomplete
    verified = {(row.system, row.code): row.display for s in library.value_sets.values() for row in s.codes if row.verified}
    named = {uri: system.name for system in library.systems.values() for uri in system.uris}
    for place in library.places:
        row = place.row
        if not isinstance(row, Code | OrderCode):
            continue
        system = named.get(row.system, row.system)
        if systems_known and system not in library.systems:
            yield Fault(place.where, f"the code system {row.system!r} is not on file", did_you_mean(row.system, library.systems))
        elif isinstance(row, OrderCode) and "value_sets" not in library.incomplete and (system, row.code) not in verified:
            yield Fault(
                place.where,
                f"no value set holds the code {row.code} of {system} as verified",
                "order in words, or verify the code and write it into its value set",
            )
