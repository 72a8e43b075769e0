"""The day of a result: as it tells it itself, or as its specimen does; where only a period is told, any day of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.logic.dates import PartialDate
from service.logic.truth import Truth
from service.record.tolerant import day, period

if TYPE_CHECKING:
    from service.record.shelf import Shelf
    from service.record.tolerant import Json


def told_day(resource: Json, where: str, shelf: Shelf) -> PartialDate | None:
    """Return the day that a result or a report tells of itself; None where it tells none.

    `where`: how a problem names it.
    """
    on = day(resource, "effectiveDateTime") or day(resource, "effectiveInstant")
    return on or _noted(_of_period(resource, shelf), where, shelf)


def narrowed(told: PartialDate | None, collected: PartialDate | None) -> PartialDate | None:
    """Return the day of a result from what it tells itself and the collection of its specimen.

    The collection counts where the result tells no day, or only days among which it lies; and a kept specimen that was tested
    later tells of the day on which it was taken.
    """
    if collected is None or told is None:
        return told or collected
    return collected if collected.before(told) is Truth.YES or told.may_be(collected) else told


def collection_day(collection: Json) -> PartialDate | None:
    """Return when a specimen was taken; None where that is not told."""
    start, end = period(collection, "collectedPeriod")
    within = PartialDate.within(start, end) if start is not None and end is not None else start or end
    return day(collection, "collectedDateTime") or within


def _of_period(resource: Json, shelf: Shelf) -> PartialDate | None:
    """Return any day of the period of a result; one without an end lasts until the result was issued, else until today."""
    start, end = period(resource, "effectivePeriod")
    if start is None:
        return end
    if end is None:
        issued = day(resource, "issued")
        end = issued if issued is not None and start.on_or_before(issued) is Truth.YES else shelf.today
    return PartialDate.within(start, end)


def _noted(on: PartialDate | None, where: str, shelf: Shelf) -> PartialDate | None:
    """Return the day of a period; it is noted as a problem where it may be one of several."""
    if on is not None and on.low < on.high:
        said = "Dated by a period; used as a result of one of its days, not known which"
        shelf.problem("information", "dated-by-period", where, said)
    return on
