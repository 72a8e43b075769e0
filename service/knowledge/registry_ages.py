"""The ages between which a registry says a study takes patients: `18 Years`, `365 Days`, `6 Months`.

They are a first screen and never a trial's whole rule of age: cohorts and sites of other ages stand in the text of the criteria.
Source: ClinicalTrials.gov API v2, minimumAge and maximumAge.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from service.logic.dates import Span
from service.logic.truth import Truth

if TYPE_CHECKING:
    from service.logic.dates import Age

_AGE = re.compile(r"\s*(\d{1,5})\s+(year|month|week|day|hour|minute)s?\s*", re.IGNORECASE)
_MONTHS = {"year": 12, "month": 1}
_DAYS = {"week": 7, "day": 1}
_IN_A_DAY = {"hour": 24, "minute": 24 * 60}


def minimum_span(text: str) -> Span | None:
    """Return the span since birth from which a patient is old enough; None where there is no limit.

    Hours and minutes count as the whole days in them, because a birth date has no time of day.
    Raises: ValueError where the text is not an age.
    """
    if not text.strip():
        return None
    number, unit = _read(text)
    if unit in _IN_A_DAY:
        return Span(0, number // _IN_A_DAY[unit])
    return Span(number * _MONTHS.get(unit, 0), number * _DAYS.get(unit, 0))


def span_past_maximum(text: str) -> Span | None:
    """Return the span since birth from which a patient is too old; None where there is no limit.

    A maximum holds until the next whole unit is reached: `25 Years` to the day before the 26th birthday, `365 Days` to day 365.
    After hours and minutes a patient is surely too old one whole day later, because a birth date has no time of day.
    Raises: ValueError where the text is not an age.
    """
    if not text.strip():
        return None
    number, unit = _read(text)
    if unit in _IN_A_DAY:
        return Span(0, -(-(number + 1) // _IN_A_DAY[unit]) + 1)
    return Span((number + 1) * _MONTHS.get(unit, 0), (number + 1) * _DAYS.get(unit, 0))


def within_ages(age: Age, minimum: str, maximum: str) -> Truth:
    """Return whether the age lies between the two texts of the registry; a text that is not an age leaves it UNKNOWN."""
    return _old_enough(age, minimum) & _young_enough(age, maximum)


def _old_enough(age: Age, minimum: str) -> Truth:
    try:
        span = minimum_span(minimum)
    except ValueError:
        return Truth.UNKNOWN
    return Truth.YES if span is None else age.at_least(span)


def _young_enough(age: Age, maximum: str) -> Truth:
    try:
        span = span_past_maximum(maximum)
    except ValueError:
        return Truth.UNKNOWN
    return Truth.YES if span is None else ~age.at_least(span)


def _read(text: str) -> tuple[int, str]:
    match = _AGE.fullmatch(text)
    if match is None:
        raise ValueError(f"not an age of the registry: {text[:40]!r}")
    return int(match[1]), match[2].lower()
