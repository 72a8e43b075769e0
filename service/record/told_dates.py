"""Dates as they are written within a text, to the day, the month or the year."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from service.logic.dates import PartialDate
from service.record.clauses import any_of
from service.record.signs import plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

DATE: Final = r"(?:\d{4}-\d\d(?:-\d\d)?|(?:\d{1,2}[./]){1,2}\d{4}|\d{4})(?!\w)"
"""The pattern of one."""
DAY = re.compile(rf"(?<!\w){DATE}")
_MOST_MONTHS = 12


class ToldDates:
    """The names of the months."""

    def __init__(self, words: Mapping[str, Sequence[str]]) -> None:
        """Keep those of `language.yaml`."""
        of_year = ((number, words[f"month_{number:02}"]) for number in range(1, _MOST_MONTHS + 1))
        self._months = {plain(name).casefold(): number for number, names in of_year for name in names}
        self.month = any_of(self._months).pattern

    def date_in(self, written: str) -> PartialDate | None:
        """Return the date at the end of some words: `since February 2022`, `seit 20.02.2022`; None where it is none.

        Which of two numbers is the month tell points, or a number that is none; else the year is all that is told.
        """
        *words, told = written.split()
        first, *others = re.split("[./]", told)
        if not others:
            month = next((number for word in words if (number := self._months.get(word.casefold()))), None)
            return PartialDate.parse(told if month is None else f"{told}-{month:02}")
        if len(others) == 1:
            return PartialDate.parse(f"{others[0]}-{first:0>2}")
        second, year = others
        if "." in told or int(first) > _MOST_MONTHS:
            return PartialDate.parse(f"{year}-{second:0>2}-{first:0>2}")
        return PartialDate.parse(f"{year}-{first:0>2}-{second:0>2}" if int(second) > _MOST_MONTHS else year)
