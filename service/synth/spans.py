"""Stretches of time between days of which one or both may be known to the month only, and calendar spans such as 18 years."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

_PART = re.compile(r"(\d+)\s*(a|mo|wk|d)")


@dataclass(frozen=True, slots=True)
class Stretch:
    """The time from one day to another; each lies between two days, which are the same where it is known exactly."""

    begin_low: date
    begin_high: date
    end_low: date
    end_high: date

    @classmethod
    def between(cls, begin: date, end: date) -> Stretch:
        """Return the time between two known days."""
        return cls(begin, begin, end, end)

    def reached(self, span: str) -> bool | None:
        """Return whether a span such as `18 a` or `12 mo 1 d` is over; None where that depends on the days that are not known."""
        if later(self.begin_high, span) <= self.end_low:
            return True
        return None if later(self.begin_low, span) <= self.end_high else False

    def years(self) -> tuple[int, int]:
        """Return the least and the greatest number of full years."""
        return full_years(self.begin_high, self.end_low), full_years(self.begin_low, self.end_high)


def full_years(begin: date, end: date) -> int:
    """Return the number of birthdays from one day to another; 29 February has its birthday on the 28th in other years."""
    years = 0
    while _same_day(begin, 12 * (years + 1)) <= end:
        years += 1
    return years


def later(day: date, span: str) -> date:
    """Return the day on which a span that begins on a day is over."""
    months = days = 0
    for number, unit in _PART.findall(span):
        months += int(number) * {"a": 12, "mo": 1}.get(unit, 0)
        days += int(number) * {"wk": 7, "d": 1}.get(unit, 0)
    return _same_day(day, months) + timedelta(days=days)


def _same_day(day: date, months: int) -> date:
    """Return the same day some months later; the last of a shorter month stands for a day that it does not have."""
    year, month = day.year + (day.month - 1 + months) // 12, (day.month - 1 + months) % 12 + 1
    for number in range(day.day, 0, -1):
        try:
            return date(year, month, number)
        except ValueError:
            continue
    raise ValueError(day)


def month_of(day: date) -> tuple[date, date]:
    """Return the first and the last day of the month of a day."""
    first = day.replace(day=1)
    return first, _same_day(first, 1) - timedelta(days=1)
