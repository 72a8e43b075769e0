"""Results to which a panel or report of lymphocytes leads: they are not of blasts, whatever their own name says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from service.record.members import names_at
from service.record.record import Reading

if TYPE_CHECKING:
    from collections.abc import Iterable

    from service.record.bundle import Slice
    from service.record.shelf import Shelf


def lymphocyte_results(kept: Iterable[Slice], shelf: Shelf) -> frozenset[str]:
    """Return how evidence names the results to which such panels lead."""
    names = frozenset(names_at(shelf.of_lymphocytes))
    return names.union(found.reference for found in kept if found.full_url in names)


def marked(reading: Reading, led_to: frozenset[str]) -> Reading:
    """Return a reading; one to which such a panel leads says so, if only its name tells what it is."""
    return replace(reading, subset=True) if reading.by_name and reading.reference in led_to else reading
