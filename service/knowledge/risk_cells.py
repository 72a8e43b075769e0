"""The cells of a risk table: `any`, a comparison, an interval, or words.

any                          every value
< 50   <= 50   >= 0.01   > 1 a number on one side
[10, 45)   (0, 0.01]         numbers between two bounds; a round bracket leaves its bound out
>= 10 a   < 1 a   [1 a, 10 a)  an age or time in calendar steps; the lower bound is in, the upper one out
yes   no   CNS1 | CNS2       one of these words
not CNS3 | unknown           none of these words
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

from service.logic.dates import Span
from service.logic.truth import Truth

if TYPE_CHECKING:
    from service.logic.interval import Interval

_COMPARISON = re.compile(r"(<=|>=|<|>)\s*(.+)\Z")
_INTERVAL = re.compile(r"([\[(])\s*([^,\[\]()]+?)\s*,\s*([^,\[\]()]+?)\s*([\])])\Z")
_NUMBER = re.compile(r"[-+]?[0-9]+(?:\.[0-9]+)?\Z")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_.:+-]*\Z")
_SHORTEST_MONTHS, _LONGEST_MONTHS = Decimal("30.4"), Decimal("30.5")  # mean days of a month lie between these over any years
_UNEVENNESS = 3  # days by which single months differ from that mean


class Aged(Protocol):
    """Something with an age or duration that can be asked about a calendar span."""

    def at_least(self, span: Span, /) -> Truth:
        """Return whether the span is surely, possibly or surely not completed."""


@dataclass(frozen=True, slots=True)
class AnyValue:
    """Every value."""


@dataclass(frozen=True, slots=True)
class NumberRange:
    """Numbers between two bounds; None is unbounded on that side."""

    low: Decimal | None
    high: Decimal | None
    low_inclusive: bool = True
    high_inclusive: bool = False

    def holds(self, value: Interval) -> Truth:
        """Return whether every, some or no number of the value lies in the range."""
        truth = Truth.YES
        if self.low is not None:
            truth &= value.at_least(self.low) if self.low_inclusive else value.above(self.low)
        if self.high is not None:
            truth &= value.at_most(self.high) if self.high_inclusive else value.below(self.high)
        return truth


@dataclass(frozen=True, slots=True)
class SpanRange:
    """Ages or times from `low` (reached) to `high` (not yet reached); None is unbounded on that side."""

    low: Span | None
    high: Span | None

    def holds(self, value: Aged) -> Truth:
        """Return whether the age surely, possibly or surely not lies in the range."""
        truth = Truth.YES
        if self.low is not None:
            truth &= value.at_least(self.low)
        if self.high is not None:
            truth &= ~value.at_least(self.high)
        return truth


@dataclass(frozen=True, slots=True)
class Words:
    """One of these words; with `excluded`, any word but these."""

    words: frozenset[str]
    excluded: bool = False

    def holds(self, value: str | bool) -> Truth:  # noqa: FBT001 - a value of a fact
        """Return whether the word is meant; booleans are written `yes` and `no`."""
        word = {True: "yes", False: "no"}[value] if isinstance(value, bool) else value
        return Truth.YES if (word in self.words) is not self.excluded else Truth.NO


Cell = AnyValue | NumberRange | SpanRange | Words


def parse_cell(text: str) -> Cell:
    """Return what a cell says; ValueError, in words for its writer, where it cannot be read."""
    text = text.strip()
    if text == "any":
        return AnyValue()
    if match := _COMPARISON.match(text):
        return _comparison(match[1], match[2].strip())
    if match := _INTERVAL.match(text):
        return _interval(match[1] == "[", match[2], match[3], match[4] == "]")
    if _NUMBER.match(text):
        number = Decimal(text)
        return NumberRange(number, number, high_inclusive=True)
    excluded = text.startswith("not ")
    words = [word.strip() for word in text.removeprefix("not ").split("|")]
    if all(_WORD.match(word) for word in words):
        return Words(frozenset(words), excluded)
    raise ValueError(f"not a cell: {text!r} (write for example 'any', '>= 50', '[1 a, 10 a)', 'yes', 'CNS1 | CNS2')")


def _bound(text: str) -> Decimal | Span:
    if _NUMBER.match(text):
        return Decimal(text)
    return Span.parse(text)


def _comparison(sign: str, text: str) -> Cell:
    bound = _bound(text)
    if isinstance(bound, Span):
        if sign not in {">=", "<"}:
            raise ValueError(f"`{sign} {text}` is not clear for an age: write `>=` or `<`, for example `< 26 a`")
        return SpanRange(bound, None) if sign == ">=" else SpanRange(None, bound)
    if sign[0] == ">":
        return NumberRange(bound, None, low_inclusive=sign == ">=")
    return NumberRange(None, bound, high_inclusive=sign == "<=")


def _interval(low_in: bool, low_text: str, high_text: str, high_in: bool) -> Cell:  # noqa: FBT001 - one for each bracket
    low, high = _bound(low_text), _bound(high_text)
    if isinstance(low, Span) and isinstance(high, Span):
        if not low_in or high_in:
            raise ValueError("an interval of ages is written `[1 a, 10 a)`: lower bound in, upper bound out")
        if not shorter(low, high):
            raise ValueError(f"the interval is empty: {low_text} is not less than {high_text}")
        return SpanRange(low, high)
    if isinstance(low, Decimal) and isinstance(high, Decimal):
        if low > high or (low == high and not (low_in and high_in)):
            raise ValueError(f"the interval is empty: {low_text} is not less than {high_text}")
        return NumberRange(low, high, low_in, high_in)
    raise ValueError("one bound is a number and the other a calendar span")


def shorter(one: Span, other: Span) -> bool:
    """Return whether a span always ends before the other; ValueError where that depends on the months."""
    if one == other:
        return False
    for first, second, answer in ((one, other, True), (other, one, False)):
        if first.months <= second.months and first.days <= second.days:
            return answer
        longest = first.months * _LONGEST_MONTHS + _UNEVENNESS + first.days
        shortest = second.months * _SHORTEST_MONTHS - _UNEVENNESS + second.days
        if longest < shortest:
            return answer
    raise ValueError("which of two spans is longer depends on the months: write both in months or both in days")
