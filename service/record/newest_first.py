"""Plain numbers by test, the newest first: of tests of which only the newest counts the older ones need not be read at all."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from msgspec import Raw

from service.record.bundle import NOTHING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from service.record.bundle import Head, Slice

_DAY = slice(1, 11)  # of a JSON text, behind its quotation mark
_BEHIND_THE_DAY = (b'"', b"T")

Dated = tuple[date, Raw, "Slice"]


def by_test(kept: Iterable[Slice]) -> tuple[list[Slice], list[list[Dated]]]:
    """Return the numbers that stand alone and tell their day with their quantities, for each test the newest first.

    Before them everything else is returned.
    """
    others: list[Slice] = []
    tests: dict[bytes, list[Dated]] = {}
    for found in kept:
        head = found.head
        on = _day_of(head.effectiveDateTime) if head is not None and _stands_alone(head) else None
        if on is None or head is None:
            others.append(found)
        else:
            tests.setdefault(bytes(head.code), []).append((on, head.valueQuantity, found))
    for dated in tests.values():
        dated.sort(key=_on, reverse=True)
    return others, list(tests.values())


def _on(dated: Dated) -> date:
    return dated[0]


def _stands_alone(head: Head) -> bool:
    return head.is_number and head.component is NOTHING and head.hasMember is NOTHING and head.contained is NOTHING


def _day_of(written: Raw) -> date | None:
    """Return the day of a result as written; None where it has none, or only a month."""
    text = bytes(written)
    day = text[_DAY]
    if day[4:5] != b"-" or day[7:8] != b"-" or text[11:12] not in _BEHIND_THE_DAY:
        return None
    try:
        return date.fromisoformat(day.decode())
    except ValueError:
        return None
