"""What is marked as verified says where, and what is not verified is not shown as if it were."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.errors import Fault
from service.knowledge.schema import Code, Figure, Study, Verification

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.knowledge.library import Library

_READ_SOMEWHERE = {Verification.VERIFIED, Verification.SECONDARY}


def check(library: Library) -> Iterator[Fault]:
    """Yield rows marked as read (V, V2) that cite nothing, and sentences shown that were not read."""
    for place in library.places:
        row = place.row
        mark = row.__dict__.get("verification")
        if mark in _READ_SOMEWHERE and row.__dict__.get("sources") == ():
            yield Fault(place.where, f"is marked {mark.value} and cites no source", "cite one, or mark it M")
        if isinstance(row, Figure) and mark in _READ_SOMEWHERE and row.published is None:
            yield Fault(place.where, f"is marked {mark.value} and has no published figure", "write it as read, or mark it M")
        if (
            isinstance(row, Study)
            and row.line
            and not any(f.published and f.verification in _READ_SOMEWHERE for f in row.figures)
        ):
            yield Fault(
                place.where, "has a line for the card, and no figure of it was read in a publication", "write `line: null`"
            )
        if isinstance(row, Study) and mark in _READ_SOMEWHERE and not row.citation.strip():
            yield Fault(place.where, f"is marked {mark.value} and has no citation")
        if isinstance(row, Code) and row.verified and not row.source.strip():
            yield Fault(place.where, "is marked as verified and names no source")
