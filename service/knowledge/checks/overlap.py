"""No two versions of one row hold on the same day: they would contradict each other."""

from __future__ import annotations

from datetime import date
from itertools import combinations
from typing import TYPE_CHECKING

from service.errors import Fault
from service.knowledge.dated_rows import dated_lists

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.knowledge.library import Library


def check(library: Library) -> Iterator[Fault]:
    """Yield each pair of versions of one indication, risk system or limit that hold on the same day."""
    for where, rows in dated_lists(library):
        for one, other in combinations(rows, 2):
            first, second = sorted((one, other), key=lambda row: row.effective)
            if second.effective < (first.until or date.max):
                until = min(first.until or date.max, second.until or date.max)
                days = f"from {second.effective} on" if until == date.max else f"from {second.effective} to before {until}"
                yield Fault(
                    f"{where} / {second.effective}",
                    f"holds together with the version of {first.effective}, {days}",
                    f"end the older one: `until: {second.effective}`" if first.effective != second.effective else "",
                )
