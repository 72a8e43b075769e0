"""The day of a result: as it tells it itself, or as its specimen does; where only a period is told, any day of it."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from service.logic.dates import PartialDate
from service.logic.truth import Truth
from service.record.tolerant import Unreadable, day, mapping, period

if TYPE_CHECKING:
    from service.record.shelf import Shelf
    from service.record.tolerant import Json

Span = tuple[PartialDate | None, PartialDate | None]
"""Start and end, as far as they are told."""

_BEGIN, _END = attrgetter("low"), attrgetter("high")


class Taken(NamedTuple):
    """When a specimen was collected and received, as far as that is told."""

    collected: PartialDate | None = None
    received: PartialDate | None = None


NEVER = Taken()


def told_day(resource: Json, where: str, shelf: Shelf) -> PartialDate | None:
    """Return the day that a result or a report tells of itself; None where it tells none.

    `where`: how a problem names it.
    """
    on = day(resource, "effectiveDateTime") or day(resource, "effectiveInstant")
    if on is not None:
        return on
    on = _of_period(resource, period(resource, "effectivePeriod"), shelf) or _of_timing(resource, shelf)
    if on is not None and on.low < on.high:
        said = "Dated by a period; used as a result of one of its days, not known which"
        shelf.problem("information", "dated-by-period", where, said)
    return on


def narrowed(told: PartialDate | None, taken: Taken) -> PartialDate | None:
    """Return the day of a result from what it tells itself and when its specimen was collected, or else received.

    That counts where the result tells no day, or only days among which it lies; and a kept specimen that was tested later tells
    of the day on which it was taken. One may have been taken on any day before it was received.
    """
    known = taken.collected or taken.received
    if told is None or known is None or known.before(told) is Truth.YES:
        return known or told
    if not told.may_be(known):
        return told
    return known if taken.collected is not None else PartialDate.within(told, known)


def taken_on(specimen: Json, collection: Json) -> Taken:
    """Return when a specimen was taken."""
    start, end = period(collection, "collectedPeriod")
    within = day(collection, "collectedDateTime") or PartialDate.of_period(start, end) or end
    return Taken(within, day(specimen, "receivedTime"))


def _of_period(resource: Json, told: Span, shelf: Shelf) -> PartialDate | None:
    """Return any day of the period of a result; one without an end lasts until the result was issued, else until today."""
    start, end = told
    if start is None:
        return end
    if end is None:
        issued = day(resource, "issued")
        end = issued if issued is not None and start.on_or_before(issued) is Truth.YES else shelf.today
    return PartialDate.within(start, end)


def _of_timing(resource: Json, shelf: Shelf) -> PartialDate | None:
    """Return any day from the first to the last event of the timing of a result, or within its bounds; None for neither."""
    if resource.get("effectiveTiming") is None:
        return None
    timing = mapping(resource, "effectiveTiming")
    events = timing.get("event") or []
    if not isinstance(events, list):
        raise Unreadable("effectiveTiming.event")
    path = "effectiveTiming.event"
    days = [on for place, event in enumerate(events) if (on := day({"": event}, "", f"{path}[{place}]")) is not None]
    if days:
        return PartialDate.within(min(days, key=_BEGIN), max(days, key=_END))
    repeat = mapping(timing, "repeat", "effectiveTiming.")
    return _of_period(resource, period(repeat, "boundsPeriod", "effectiveTiming.repeat."), shelf)
