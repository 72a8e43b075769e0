"""The days that part what was found at diagnosis from what was found at a relapse, and that from what is found now."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from service.facts.relapses import first_told, relapses
from service.logic.dates import PartialDate

if TYPE_CHECKING:
    from datetime import date

    from service.facts.catalogue import View
    from service.logic.fact import Fact


def first_day_of_latest_relapse(view: View) -> date | None:
    """Return the day from which a finding is surely one of the latest relapse; None where none is told, or none with a day."""
    latest = view.fact("relapse_told_by").value
    if not isinstance(latest, PartialDate):
        return None
    return min((latest.high, *_signs_of(view, latest))) - same_time(view)


def older_flagged(view: View, fact: Fact[object]) -> Fact[object]:
    """Return a fact, flagged `at-diagnosis` where all that it rests on is from before the latest relapse."""
    days = [item.date for item in fact.evidence]
    since = first_day_of_latest_relapse(view) if fact.is_known and days and None not in days else None
    older = since is not None and all(day is not None and day.high < since for day in days)
    return fact.flagged("at-diagnosis") if older else fact


def first_day_of_any_relapse(view: View) -> date | None:
    """Return the day before which a finding is surely of no relapse; None where none is told, or none with a day."""
    latest = view.fact("relapse_told_by").value
    if not isinstance(latest, PartialDate):
        return None
    days = [latest, *(by for by, _ in first_told(view)), *(one.when for one in relapses(view) if one.when is not None)]
    first = min(days, key=lambda day: day.low)
    return min((first.low, *_signs_of(view, first))) - same_time(view)


def same_time(view: View) -> timedelta:
    """Return how long before the day of a relapse a finding may be one of it."""
    return timedelta(days=int(view.limits.number("relapse_site_union_days")))


def _signs_of(view: View, day: PartialDate) -> list[date]:
    """Return the days of the signs of a relapse; the marrow that dates it may have been taken weeks after the first."""
    found = [one for one in relapses(view) if one.when == day]
    return [item.date.low for one in found for item in one.evidence if item.date is not None]
