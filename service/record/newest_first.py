"""Plain numbers by test, the newest first: of tests of which only the newest counts the older ones need not be read at all."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from msgspec import Raw

from service.record.bundle import NOTHING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from service.record.bundle import Head, Slice

_DAY = re.compile(rb'"(\d{4}-\d\d-\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?"')

Dated = tuple[date, Raw, "Slice"]


def by_test(kept: Iterable[Slice]) -> tuple[list[Slice], list[list[Dated]]]:
    """Return the numbers that stand alone and tell their day with their quantities, for each test the newest first.

    Before them everything else is returned.
    """
    others: list[Slice] = []
    tests: dict[bytes, list[Dated]] = {}
    for found in kept:
        head = found.head
        on = _day_of(head) if head is not None and head.valueQuantity is not NOTHING else None
        if on is None or head is None or not _stands_alone(head):
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


def _day_of(head: Head) -> date | None:
    """Return the day of a result as written; None where it has none, or only a month."""
    if head.effectiveDateTime is NOTHING:
        return None
    written = _DAY.fullmatch(bytes(head.effectiveDateTime))
    try:
        return date.fromisoformat(written[1].decode()) if written is not None else None
    except ValueError:
        return None
