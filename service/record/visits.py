"""Visits: only those that were coded with a relapse or a remission say something of the leukaemia."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.record.codes import concept_of
from service.record.record import Unread, Visit
from service.record.tolerant import Json, mappings, period, refuse_modified, text
from service.record.wanted import RELAPSE_AT_VISITS, STATES_AT_VISITS

if TYPE_CHECKING:
    from service.record.shelf import Shelf

_BEGUN = frozenset({"arrived", "triaged", "in-progress", "onleave", "finished"})
_UNCLEAR = "Coded with a relapse, and with a remission or on no day that is told; set aside"


def read_visit(resource: Json, reference: str, shelf: Shelf) -> Visit | None:
    """Return a visit that has begun and was coded so; None where it was not, or has no day. Words beside a code tell nothing.

    One that was coded with a relapse and with a remission, or with a relapse on no day that is told, may be a relapse that
    cannot be read.
    """
    if text(resource, "status") not in _BEGUN:
        return None
    refuse_modified(resource)
    codes = [concept_of(item, shelf.terms, f"reasonCode[{n}].", named=False) for n, item in mappings(resource, "reasonCode")]
    concepts = frozenset(name for code in codes for name in code.concepts) & STATES_AT_VISITS
    start, end = period(resource, "period")
    when = start or end
    relapse, remission = concepts & RELAPSE_AT_VISITS, concepts - RELAPSE_AT_VISITS
    if relapse and (remission or when is None):
        path = "period" if when is None else "reasonCode"
        shelf.problem("warning", "unreadable", f"{reference} {path}", _UNCLEAR)
        shelf.unread.append(Unread(relapse, reference, path, when=when, relapsed=True))
        return None
    return Visit(reference, concepts, when) if concepts and when is not None else None
