"""Visits: only those that were coded with a relapse or a remission say something of the leukaemia."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.record.codes import concept_of
from service.record.record import Visit
from service.record.tolerant import Json, mappings, period, refuse_modified, text
from service.record.wanted import STATES_AT_VISITS

if TYPE_CHECKING:
    from service.record.shelf import Shelf

_BEGUN = frozenset({"arrived", "triaged", "in-progress", "onleave", "finished"})


def read_visit(resource: Json, reference: str, shelf: Shelf) -> Visit | None:
    """Return a visit that has begun and was coded so; None where it was not, or has no day. Words beside a code tell nothing."""
    if text(resource, "status") not in _BEGUN:
        return None
    refuse_modified(resource)
    codes = [concept_of(item, shelf.terms, f"reasonCode[{n}].", named=False) for n, item in mappings(resource, "reasonCode")]
    concepts = STATES_AT_VISITS.intersection(*[frozenset(name for code in codes for name in code.concepts)])
    start, end = period(resource, "period")
    when = start or end
    return Visit(reference, concepts, when) if concepts and when is not None else None
