"""Dates known to the day, month or year, and calendar-exact ages."""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

import msgspec

from service.logic.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Sequence

_NO, _UNKNOWN, _YES = Truth.NO, Truth.UNKNOWN, Truth.YES  # found faster here than in their class

Precision = Literal["day", "month", "year"]

_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?(?:[T ].*)?\Z", re.DOTALL)
FIRST_COUNTED, LAST_COUNTED = date(200, 1, 1), date(9800, 12, 31)
"""Days beyond these stand for what is not known, or has no end; they count as these, so that spans of time can be counted."""
_SHORTEST_MONTH, _LONGEST_MONTH = 28, 31
_DAYS_OF_EVERY_MONTH = 28
_WHOLE_DAY = 10  # characters of YYYY-MM-DD
_AFTER_THE_DAY = ("", "T", " ")
_ZONED = re.compile(r"(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(?:Z|([+-])(\d\d):(\d\d))\Z")
_SPAN_PART = re.compile(r"\s*(\d+)\s*(d|wk|mo|a)\s*")


class PartialDate(msgspec.Struct, frozen=True, gc=False):  # made by the thousand: cheaper than a dataclass
    """A date as precise as it was written: every day from `low` to `high` is possible.

    `text` is what was written and serves for display; `moment` is the time of day as written, empty where only the day is
    known: `times_of_day` orders two results of one day by it.
    """

    low: date
    high: date
    text: str
    moment: str = ""

    @property
    def precision(self) -> Precision:
        """How precise the date is: `day`, `month` or `year`."""
        if self.low == self.high:
            return "day"
        return "month" if (self.low.year, self.low.month) == (self.high.year, self.high.month) else "year"

    @classmethod
    def of_day(cls, day: date) -> PartialDate:
        """Return the date of one known day."""
        return cls(day, day, day.isoformat())

    @classmethod
    def within(cls, start: PartialDate, end: PartialDate) -> PartialDate:
        """Return a day from `start` to `end`, not known which; one that ends before it begins is of its first day.

        It is written as both of its ends.
        """
        low, high = start.low, end.high
        if low >= high:
            return start if start.low == start.high else cls.of_day(low)
        return start if start.text == end.text else cls(low, high, f"{start.text}/{end.text}")

    @classmethod
    def of_period(cls, start: PartialDate | None, end: PartialDate | None) -> PartialDate | None:
        """Return a day of a period, its beginning where the end is not told; None where the beginning is not."""
        return start if start is None or end is None else cls.within(start, end)

    @classmethod
    def parse(cls, text: str) -> PartialDate | None:
        """Return the date of a FHIR date, dateTime or instant; None where it is not one.

        The day is the day as written: a time zone never moves it. One at an end of the calendar is the last that is counted.
        """
        whole = text[:_WHOLE_DAY]
        if whole[4:5] == "-" == whole[7:8] and text[_WHOLE_DAY : _WHOLE_DAY + 1] in _AFTER_THE_DAY:  # nearly all are such
            try:
                on = date.fromisoformat(whole)
            except ValueError:
                pass  # the long way tells whether it is a date at all
            else:
                if not FIRST_COUNTED <= on <= LAST_COUNTED:
                    on = _counted(on)
                return cls(on, on, whole, text[_WHOLE_DAY + 1 :])
        match = _DATE.match(text)
        if match is None:
            return None
        year, month, day = match.groups()
        try:
            if day is not None:
                low = high = date(int(year), int(month), int(day))
            elif month is not None:
                low = date(int(year), int(month), 1)
                high = low.replace(day=calendar.monthrange(low.year, low.month)[1])
            else:
                low, high = date(int(year), 1, 1), date(int(year), 12, 31)
        except ValueError:
            return None
        written = text[:10] if day is not None else text[: 7 if month is not None else 4]
        return cls(_counted(low), _counted(high), written, text[11:] if day is not None else "")

    def on_or_before(self, other: PartialDate) -> Truth:
        """Return whether this date is surely (YES), possibly (UNKNOWN) or surely not (NO) on or before the other."""
        if self.high <= other.low:
            return _YES
        return _NO if self.low > other.high else _UNKNOWN

    def before(self, other: PartialDate) -> Truth:
        """Return whether this date is surely, possibly or surely not before the other."""
        if other.high <= self.low:
            return _NO
        return _YES if other.low > self.high else _UNKNOWN

    def may_be(self, other: PartialDate) -> bool:
        """Return whether this date is less precise than the other, which is one of its days."""
        return self.low <= other.low and other.high <= self.high and (self.low, self.high) != (other.low, other.high)


def _counted(day: date) -> date:
    return min(max(day, FIRST_COUNTED), LAST_COUNTED)


TimeOfDay = tuple[int, str]
"""Seconds from midnight in UTC and the digits of their fraction; where times without a zone are compared, 0 and the text."""

_NO_TIME: TimeOfDay = (-(10**9), "")


def times_of_day(dates: Sequence[PartialDate | None]) -> list[TimeOfDay]:
    """Return what orders dates of one day by their time, in their order; those without a time are before all others.

    Where every time has a zone, that is the instant; where one has none, all are compared as they are written.
    """
    instants = [_NO_TIME if on is None or not on.moment else _instant(on.moment) for on in dates]
    told = [instant for instant in instants if instant is not None]
    if len(told) == len(instants):
        return told
    return [_NO_TIME if on is None or not on.moment else (0, on.moment) for on in dates]


def _instant(moment: str) -> TimeOfDay | None:
    """Return the instant of a time of day, which may lie before or after the same day of UTC; None where it has no zone."""
    match = _ZONED.match(moment)
    if match is None:
        return None
    hour, minute, second, fraction, sign, hours, minutes = match.groups("0")
    ahead = (int(hours) * 60 + int(minutes)) * (-1 if sign == "-" else 1)
    return (int(hour) * 60 + int(minute) - ahead) * 60 + int(second), fraction.rstrip("0")


class Span(msgspec.Struct, frozen=True, gc=False):
    """A calendar span such as `25 a 1 d`: years and months first, then days."""

    months: int
    days: int

    @classmethod
    def parse(cls, text: str) -> Span:
        """Return the span written as `18 a`, `1 mo`, `4 wk`, `25 a 1 d`; ValueError where it is not one."""
        months = days = position = 0
        while position < len(text):
            part = _SPAN_PART.match(text, position)
            if part is None:
                raise ValueError(f"not a calendar span: {text!r} (write for example '18 a', '1 mo', '25 a 1 d')")
            number, unit = int(part[1]), part[2]
            months += number * {"a": 12, "mo": 1}.get(unit, 0)
            days += number * {"wk": 7, "d": 1}.get(unit, 0)
            position = part.end()
        if not text.strip():
            raise ValueError("an empty calendar span")
        return cls(months, days)

    def after(self, start: date) -> date:
        """Return the day on which the span from `start` is reached; months clamp to the last day of the month.

        A span that leads past the calendar (records write 9999-12-31 for "no end") is reached on its last day.
        """
        try:
            return add_months(start, self.months) + timedelta(days=self.days)
        except (ValueError, OverflowError):
            return date.max


def add_months(start: date, months: int) -> date:
    """Return the same day so many calendar months later, clamped to the last day of that month."""
    year, month0 = divmod(start.year * 12 + start.month - 1 + months, 12)
    if start.day <= _DAYS_OF_EVERY_MONTH:
        return date(year, month0 + 1, start.day)
    return date(year, month0 + 1, min(start.day, calendar.monthrange(year, month0 + 1)[1]))


def days_of_age(birth: PartialDate, years: int, until: date) -> tuple[date, date] | None:
    """Return the first and the last day, until one, on which somebody may be so many years old; None where it is none of them."""
    if birth.low.year + years > until.year:
        return None
    first, last = add_months(birth.low, 12 * years), add_months(birth.high, 12 * (years + 1)) - timedelta(days=1)
    return (first, min(last, until)) if first <= until else None


def completed_years(birth: date, on: date) -> int:
    """Return the completed years of age on a day; a birthday on 29 February is 28 February in other years."""
    years = on.year - birth.year
    return years if add_months(birth, 12 * years) <= on else years - 1


def reached(start: PartialDate, span: Span, on: PartialDate) -> Truth:
    """Return whether the span from `start` is surely, possibly or surely not completed on `on`."""
    # Most spans are far from their end: then the calendar need not be asked.
    if (on.low - start.high).days > span.months * _LONGEST_MONTH + span.days:
        return Truth.YES
    if (on.high - start.low).days < span.months * _SHORTEST_MONTH + span.days and on.high < date.max:
        return Truth.NO
    if span.after(start.high) <= on.low:
        return Truth.YES
    return Truth.NO if span.after(start.low) > on.high else Truth.UNKNOWN


class Age(msgspec.Struct, frozen=True, gc=False):
    """The age on a day, from a birth date as precise as it was recorded."""

    birth: PartialDate
    on: PartialDate

    @property
    def years(self) -> tuple[int, int]:
        """The least and the greatest possible number of completed years."""
        return completed_years(self.birth.high, self.on.low), completed_years(self.birth.low, self.on.high)

    @property
    def days(self) -> tuple[int, int]:
        """The least and the greatest possible number of days since birth."""
        return (self.on.low - self.birth.high).days, (self.on.high - self.birth.low).days

    def at_least(self, span: Span) -> Truth:
        """Return whether the age is surely, possibly or surely not at least the span."""
        return reached(self.birth, span, self.on)
