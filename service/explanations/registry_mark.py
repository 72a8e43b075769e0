"""What a kept assessment remembers of the trial registry: enough to put together again what was known of it then."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from typing import TYPE_CHECKING

import msgspec

from service.knowledge.registry import Registry, Seen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from service.knowledge.registry import RegistryRecord

_MAY_CHANGE = timedelta(days=1)  # today's sightings can be replaced, and somewhere it is still yesterday


class SeenRow(msgspec.Struct, frozen=True):
    """One sighting by the digest of its record, which the store has."""

    day: date
    record: str
    source: str
    data_timestamp: str


class RegistryMark(msgspec.Struct, frozen=True):
    """Sightings from `cut` on, one by one; those of before stay in the store as they are. `digest` is of all of them."""

    cut: date
    rows: tuple[SeenRow, ...]
    digest: str


def mark_of(registry: Registry, today: date) -> RegistryMark:
    """Return the mark of what is known on a day."""
    cut = today - _MAY_CHANGE
    rows = _rows(registry)
    return RegistryMark(cut, tuple(row for row in rows if row.day >= cut), _digest(rows))


def as_marked(mark: RegistryMark, now: Registry, records: Mapping[str, RegistryRecord]) -> tuple[Registry, bool]:
    """Return the registry as it was marked and whether it is the same to the last sighting.

    `records`: what the store has, by digest. What is missing there is left out, and then it is not the same.
    """
    before = [seen for rows in now.sightings.values() for seen in rows if seen.day < mark.cut]
    since = [Seen(row.day, records[row.record], row.source, row.data_timestamp) for row in mark.rows if row.record in records]
    registry = Registry.of([*before, *since])
    return registry, _digest(_rows(registry)) == mark.digest


def record_digest(record: RegistryRecord) -> str:
    """Return the digest under which the store has a record."""
    return hashlib.sha256(msgspec.json.encode(record)).hexdigest()


def _rows(registry: Registry) -> list[SeenRow]:
    digests: dict[int, str] = {}  # a record that did not change is one object
    rows = []
    for seen in (seen for found in registry.sightings.values() for seen in found):
        if id(seen.record) not in digests:
            digests[id(seen.record)] = record_digest(seen.record)
        rows.append(SeenRow(seen.day, digests[id(seen.record)], seen.source, seen.data_timestamp))
    return sorted(rows, key=lambda row: (row.day, row.record, row.source, row.data_timestamp))


def _digest(rows: list[SeenRow]) -> str:
    return hashlib.sha256(msgspec.json.encode(rows)).hexdigest()
