"""Numbers that are known only within limits, and comparisons that hold for the whole interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from service.logic.truth import Truth

if TYPE_CHECKING:
    from decimal import Decimal


class Interval(msgspec.Struct, frozen=True, gc=False):  # made by the thousand: cheaper than a dataclass
    """All numbers between `low` and `high`; None is unbounded on that side.

    Where the two contradict each other (low above high, or nothing between them), a comparison that they answer
    differently is UNKNOWN.
    """

    low: Decimal | None
    high: Decimal | None
    low_inclusive: bool = True
    high_inclusive: bool = True

    @classmethod
    def point(cls, value: Decimal) -> Interval:
        """Return the interval that holds one number only."""
        return cls(value, value)

    @classmethod
    def compared(cls, value: Decimal, comparator: str) -> Interval:
        """Return the interval that a number with its comparator (`<`, `<=`, `>=`, `>`; empty: equal) stands for.

        Errors: ValueError for any other comparator.
        """
        match comparator:
            case "":
                return cls(value, value)
            case "<":
                return cls(None, value, high_inclusive=False)
            case "<=":
                return cls(None, value)
            case ">":
                return cls(value, None, low_inclusive=False)
            case ">=":
                return cls(value, None)
        message = "no comparator of FHIR"
        raise ValueError(message)

    @property
    def exact(self) -> Decimal | None:
        """The number itself where the interval holds one only, else None."""
        if self.low is not None and self.low == self.high and self.low_inclusive and self.high_inclusive:
            return self.low
        return None

    def __str__(self) -> str:
        """Return the numbers in words: `5`, `3 to 6`, `above 0 to below 0.01`; from zero to below a limit is `< 0.01`."""
        if self.exact is not None:
            return f"{self.exact.normalize():f}"
        if self.low is not None and self.high is not None:
            if self.low == 0 and self.low_inclusive and not self.high_inclusive:
                return f"< {self.high.normalize():f}"
            above, below = "" if self.low_inclusive else "above ", "" if self.high_inclusive else "below "
            return f"{above}{self.low.normalize():f} to {below}{self.high.normalize():f}"
        if self.low is not None:
            return f"{'>=' if self.low_inclusive else '>'} {self.low.normalize():f}"
        return f"{'<=' if self.high_inclusive else '<'} {self.high.normalize():f}" if self.high is not None else "any"

    def at_least(self, bound: Decimal) -> Truth:
        """Return whether every (YES), some (UNKNOWN) or no (NO) number of the interval is ≥ `bound`."""
        every = self.low is not None and self.low >= bound
        none = self.high is not None and (self.high < bound or (self.high == bound and not self.high_inclusive))
        return _answer(every=every, none=none)

    def above(self, bound: Decimal) -> Truth:
        """Return whether every (YES), some (UNKNOWN) or no (NO) number of the interval is > `bound`."""
        every = self.low is not None and (self.low > bound or (self.low == bound and not self.low_inclusive))
        none = self.high is not None and self.high <= bound
        return _answer(every=every, none=none)

    def below(self, bound: Decimal) -> Truth:
        """Return the opposite of `at_least`."""
        return ~self.at_least(bound)

    def at_most(self, bound: Decimal) -> Truth:
        """Return the opposite of `above`."""
        return ~self.above(bound)

    def equals(self, value: Decimal) -> Truth:
        """Return YES only where the interval is that one number, NO where it cannot hold it."""
        return self.at_least(value) & self.at_most(value)

    def multiplied(self, factor: Decimal) -> Interval:
        """Return the interval with both limits multiplied by a positive number."""
        return Interval(
            None if self.low is None else self.low * factor,
            None if self.high is None else self.high * factor,
            self.low_inclusive,
            self.high_inclusive,
        )

    def divided(self, divisor: Decimal) -> Interval:
        """Return the interval with both limits divided by a positive number: 245 of 49 is 5, to the last digit."""
        return Interval(
            None if self.low is None else self.low / divisor,
            None if self.high is None else self.high / divisor,
            self.low_inclusive,
            self.high_inclusive,
        )


def _answer(*, every: bool, none: bool) -> Truth:
    if every is none:
        return Truth.UNKNOWN
    return Truth.YES if every else Truth.NO
