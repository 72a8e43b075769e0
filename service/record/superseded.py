"""Numbers of which only the newest counts: older ones of the same test are left out, so that no fact walks them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from service.logic.dates import PartialDate
    from service.record.record import Reading, Specimen

# measured by the hundred in long records; the facts ask for the newest and for nothing else beside it
NEWEST_ONLY = frozenset(
    {
        "creatinine", "creatinine-clearance", "bilirubin-total", "bilirubin-direct", "alt", "ast",
        "body-weight", "body-height", "body-mass-index", "body-surface-area",
        "spo2", "qtc", "lvef", "lvsf",
    }
)  # fmt: skip


class _Result(Protocol):
    @property
    def when(self) -> PartialDate | None: ...
    @property
    def concepts(self) -> frozenset[str]: ...
    @property
    def specimen(self) -> Specimen | None: ...


R = TypeVar("R", bound=_Result)
Kind = tuple[frozenset[str], "Specimen | None"]


def without_superseded(readings: Iterable[Reading]) -> tuple[Reading, ...]:
    """Return the readings without the dated plain numbers of these tests that are surely older than a newer one of their kind."""
    everything = tuple(readings)
    plain = [reading for reading in everything if _is_plain(reading)]
    newest = {id(reading) for reading in newest_of_each(plain)}
    older = {id(reading) for reading in plain} - newest
    return tuple(reading for reading in everything if id(reading) not in older) if older else everything


def newest_of_each(results: Iterable[R]) -> list[R]:
    """Return the results but those that are surely older than another one of the same test and specimen."""
    found = list(results)
    begins: dict[Kind, date] = {}
    for one in found:
        if one.when is not None:
            kind = (one.concepts, one.specimen)
            begins[kind] = max(begins.get(kind, one.when.low), one.when.low)
    return [one for one in found if one.when is None or one.when.high >= begins[one.concepts, one.specimen]]


def _is_plain(reading: Reading) -> bool:
    """Return whether a reading is a number of such a test and nothing besides."""
    concepts = reading.concepts
    return bool(concepts) and concepts <= NEWEST_ONLY and reading.amount is not None and not reading.components
