"""The versions of one row follow each other without a gap: a successor starts where its predecessor ends."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from service.errors import Fault
from service.knowledge.dated_rows import dated_lists
from service.knowledge.schema import Caution

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.knowledge.library import Library


def check(library: Library) -> Iterator[Fault]:
    """Yield versions out of order, a gap between two versions, and a caution that ends before it begins.

    The order of the dates within one version is seen to when the row is read.
    """
    for where, rows in dated_lists(library):
        for earlier, later in pairwise(rows):
            if later.effective < earlier.effective:
                yield Fault(f"{where} / {later.effective}", f"stands after the version of {earlier.effective}", "oldest first")
        for earlier, later in pairwise(sorted(rows, key=lambda row: row.effective)):
            begins = later.uncertain_from or later.effective
            if earlier.until is not None and begins > earlier.until:
                yield Fault(
                    f"{where} / {later.effective}",
                    f"the version before ends on {earlier.until}, this one begins on {begins}: what held between?",
                    "let it begin where the other ends, say `uncertain_from`, or write it as a row of its own",
                )
    for place in library.places:
        row = place.row
        if isinstance(row, Caution) and row.effective and row.until and row.until <= row.effective:
            yield Fault(place.where, "`until` must be later than `effective`")
