"""Reading the values of explicit statements."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from service.facts.layout import OWN_SYSTEM
from service.logic.interval import Interval

if TYPE_CHECKING:
    from collections.abc import Callable

    from service.record.record import Reading


def word_of(words: frozenset[str]) -> Callable[[Reading], str | None]:
    """Return a reader of coded words of the project's own system; also a plain string that is exactly such a word."""

    def read(reading: Reading) -> str | None:
        found = {code for system, code in reading.coded if system == OWN_SYSTEM and code in words}
        if not found and reading.words in words:
            found = {reading.words}
        return found.pop() if len(found) == 1 else None

    return read


_OPEN = frozenset({"answer-indeterminate"})
ANSWERS = _OPEN | {"answer-positive", "answer-negative"}


def truth(reading: Reading) -> bool | None:
    """Return the boolean of a statement; a coded positive or negative answer counts as well."""
    if reading.flag is not None:
        return reading.flag
    told = reading.answers & ANSWERS
    return "answer-positive" in told if len(told) == 1 and told != _OPEN else None


def count(reading: Reading) -> Interval | None:
    """Return the integer of a statement; an interval where a range or comparator was written.

    None for a fraction, a negative number or another unit.
    """
    if reading.whole is not None:
        return Interval.point(Decimal(reading.whole)) if reading.whole >= 0 else None
    if reading.amount is None or reading.amount.unit not in {"", "1"}:
        return None
    interval = reading.amount.interval
    bounds = [bound for bound in (interval.low, interval.high) if bound is not None]
    return interval if all(bound >= 0 and bound == bound.to_integral_value() for bound in bounds) else None
