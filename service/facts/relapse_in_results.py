"""Relapses that only the name of a result or the conclusion of a report tells: none is proven, but none is excluded either."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.facts.choose import with_concept
from service.facts.events import signals
from service.facts.per_view import per_view
from service.facts.told_relapses import told_relapses
from service.facts.unread import may_be_since
from service.record.told_relapse import RELAPSE_PAST, RELAPSE_TOLD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.facts.catalogue import View
    from service.logic.dates import PartialDate
    from service.logic.fact import Evidence
    from service.record.record import Reading


def told_in_results(view: View, day: PartialDate | None) -> tuple[Evidence, ...]:
    """Return the results and reports that tell a relapse so, not surely of before a day, nor as history of a known one."""
    return tuple(_shown(reading) for reading in _told(view, day))


def told_of_another(view: View, day: PartialDate | None) -> tuple[Evidence, ...]:
    """Return those that may tell another relapse than the ones that are seen or stated, not surely of before a day."""
    return tuple(_shown(reading) for reading in _told(view, day) if not _is_of_one(view, reading))


def _told(view: View, day: PartialDate | None) -> Iterator[Reading]:
    return (r for r in with_concept(view, RELAPSE_TOLD) if may_be_since(r.when, day) and not _is_past(view, r))


@per_view
def _known(view: View) -> list[PartialDate | None]:
    """Return the days of the relapses that are seen or stated."""
    return [*(signal.when for signal in signals(view) if signal.says == "relapse"), *(one.by for one in told_relapses(view))]


def _is_past(view: View, told: Reading) -> bool:
    """Return whether a report tells a relapse of the history, and one is known that may have been by then."""
    if RELAPSE_PAST not in told.concepts:
        return False
    return any(day is None or told.when is None or day.low <= told.when.high for day in _known(view))


def _is_of_one(view: View, told: Reading) -> bool:
    """Return whether a relapse is that of the latest day before, or of soon after: without a remission between it is one relapse.

    So are all of which a day is not told.
    """
    known = _known(view)
    if not known:
        return False
    if told.when is None or None in known:
        return True
    merge = int(view.limits.number("relapse_merge_days"))
    before = [day for day in known if day is not None and (day.low - told.when.high).days <= merge]
    if not before:
        return False
    last, until = max(day.high for day in before), told.when.high
    return not any(
        s.says == "remission" and s.when is not None and last < s.when.high and s.when.low <= until for s in signals(view)
    )


def _shown(reading: Reading) -> Evidence:
    concluded = reading.path.startswith("conclusion")
    return reading.evidence("relapse named in a report" if concluded else "relapse told by a result that is not used")
