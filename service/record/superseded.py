"""Numbers of which only the newest counts: older ones of the same test are left out, so that no fact walks them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from service.record.record import Reading, Specimen

# measured by the hundred in long records; the facts ask for the newest and for nothing else beside it
NEWEST_ONLY = frozenset({"creatinine", "body-height"})

Kind = tuple[frozenset[str], "Specimen | None"]


def without_superseded(readings: Iterable[Reading]) -> tuple[Reading, ...]:
    """Return the readings without the dated plain numbers of these tests that are surely older than a newer one of their kind."""
    everything = tuple(readings)
    plain = [reading for reading in everything if _is_plain(reading)]
    begins: dict[Kind, date] = {}
    for reading in plain:
        if reading.when is not None:
            kind = (reading.concepts, reading.specimen)
            begins[kind] = max(begins.get(kind, reading.when.low), reading.when.low)
    older = {id(reading) for reading in plain if _is_older(reading, begins)}
    return tuple(reading for reading in everything if id(reading) not in older) if older else everything


def _is_plain(reading: Reading) -> bool:
    """Return whether a reading is a number of such a test and nothing besides."""
    concepts = reading.concepts
    return bool(concepts) and concepts <= NEWEST_ONLY and reading.amount is not None and not reading.components


def _is_older(reading: Reading, begins: dict[Kind, date]) -> bool:
    return reading.when is not None and reading.when.high < begins[reading.concepts, reading.specimen]
