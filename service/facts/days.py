"""Many days asked about many times: each question is answered without looking at every one of them."""

from __future__ import annotations

from bisect import bisect_left
from heapq import heappop, heappush
from itertools import accumulate
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable

    from service.logic.dates import PartialDate

T = TypeVar("T")
Rank = tuple[int, ...]


class Days:
    """Days, or the days from a first to a last one, as numbers of the calendar."""

    __slots__ = ("_firsts", "_lasts")

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        """Keep the spans: the first and the last day of each."""
        found = sorted(set(spans))
        self._firsts = [first for first, _ in found]
        # the earliest end of each span and of those after it
        self._lasts = list(accumulate((last for _, last in reversed(found)), min))[::-1]

    @classmethod
    def of(cls, dates: Iterable[PartialDate | None]) -> Days:
        """Return the days that these dates may be; what is not dated is left out."""
        return cls((on.low.toordinal(), on.high.toordinal()) for on in dates if on is not None)

    def any_within(self, first: int, last: int) -> bool:
        """Return whether one of them lies wholly between two days, both included."""
        place = bisect_left(self._firsts, first)
        return place < len(self._lasts) and self._lasts[place] <= last

    def any_before(self, date: PartialDate) -> bool:
        """Return whether one of them is surely before a date."""
        return bool(self._lasts) and self._lasts[0] < date.low.toordinal()

    def any_between(self, earlier: PartialDate, later: PartialDate) -> bool:
        """Return whether one of them is surely after one date and surely before another."""
        return self.any_within(earlier.high.toordinal() + 1, later.low.toordinal() - 1)

    def any_after_until(self, earlier: PartialDate, later: PartialDate) -> bool:
        """Return whether one of them is surely after one date, and surely on or before another."""
        return self.any_within(earlier.high.toordinal() + 1, later.low.toordinal())


class Newest(Generic[T]):
    """Dated things, of which the one of the highest rank that is surely over is asked for, of later and later days."""

    __slots__ = ("_ahead", "_best", "_number", "_rank")

    def __init__(self) -> None:
        """Begin with none."""
        self._ahead: list[tuple[int, int, Rank, T]] = []
        self._best: T | None = None
        self._rank: Rank = ()
        self._number = 0

    def add(self, when: PartialDate, thing: T, rank: Rank = ()) -> None:
        """Add one. `rank`: the highest is what is asked for; without it, the latest beginning, and of these the latest end."""
        self._number += 1
        low, high = when.low.toordinal(), when.high.toordinal()
        heappush(self._ahead, (high, self._number, rank or (low, high), thing))

    def over_by(self, day: int) -> T | None:
        """Return the highest of those that are surely over on a day, which is no earlier than the one asked for before."""
        ahead = self._ahead
        while ahead and ahead[0][0] <= day:
            _, _, rank, thing = heappop(ahead)
            if rank > self._rank:
                self._rank, self._best = rank, thing
        return self._best

    def before(self, date: PartialDate) -> T | None:
        """Return the highest of those that are surely before a date."""
        return self.over_by(date.low.toordinal() - 1)
