"""Tests on facts in three values, True, False and None for nobody knows; slow and plain."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

from service.knowledge.schema import AllTest, AnyTest, FactTest, NoneTest, UndecidedTest, UseTest
from service.synth.spans import Stretch
from service.synth.truth import UNKNOWN, Told

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from service.knowledge.library import Library
    from service.knowledge.schema import Test

    Values = Mapping[str, Told]

Answer = bool | None


def every(answers: Iterable[Answer]) -> Answer:
    """Return whether all hold."""
    found: Answer = True
    for answer in answers:
        if answer is False:
            return False
        if answer is None:
            found = None
    return found


def some(answers: Iterable[Answer]) -> Answer:
    """Return whether one holds."""
    return opposite(every(opposite(answer) for answer in answers))


def opposite(answer: Answer) -> Answer:
    """Return the opposite; nobody knows stays so."""
    return None if answer is None else not answer


def holds(test: Test, values: Values, library: Library) -> Answer:
    """Return whether a test holds for these values; a fact that is missing or `unknown` answers nothing."""
    match test:
        case FactTest():
            return _compare(test, values.get(test.fact, UNKNOWN))
        case AllTest():
            return every(holds(part, values, library) for part in test.all)
        case AnyTest():
            return some(holds(part, values, library) for part in test.any)
        case NoneTest():
            return opposite(some(holds(part, values, library) for part in test.none))
        case UseTest():
            return holds(library.definitions[test.use].test, values, library)
        case UndecidedTest():
            return None


def names_in(test: Test, library: Library) -> set[str]:
    """Return the facts that a test reads."""
    match test:
        case FactTest():
            return {test.fact}
        case UseTest():
            return names_in(library.definitions[test.use].test, library)
        case UndecidedTest():
            return set()
    parts: tuple[Test, ...] = test.all if isinstance(test, AllTest) else test.any if isinstance(test, AnyTest) else test.none
    return {name for part in parts for name in names_in(part, library)}


def _compare(test: FactTest, value: Told) -> Answer:
    if value == UNKNOWN:
        return None
    if test.has is not None:
        return None  # a list of words; no record of a cohort holds one
    words = test.in_ if test.in_ is not None else (test.is_,) if test.is_ is not None else None
    if words is not None:
        return _is_one_of(value, words)
    if isinstance(value, Stretch):
        over = value.reached(str(test.at_least if test.at_least is not None else test.below))
        return over if test.at_least is not None else opposite(over)
    low, high, low_in, high_in = bounds(value)
    if test.at_least is not None or test.below is not None:
        bound = _exactly(str(test.at_least if test.at_least is not None else test.below))
        surely = low is not None and low >= bound
        never = high is not None and (high < bound or (high == bound and not high_in))
        answer: Answer = True if surely else False if never else None
        return answer if test.at_least is not None else opposite(answer)
    bound = _exactly(str(test.above if test.above is not None else test.at_most))
    surely = low is not None and (low > bound or (low == bound and not low_in))
    never = high is not None and high <= bound
    answer = True if surely else False if never else None
    return answer if test.above is not None else opposite(answer)


_MANY = 99  # relapses, remissions, lines: more than anybody has


def _is_one_of(value: Told, words: tuple[object, ...]) -> Answer:
    if isinstance(value, (str, bool)):
        return any(value == word and isinstance(value, bool) is isinstance(word, bool) for word in words)
    low, high, _, _ = bounds(value)
    possible = set(range(0 if low is None else int(low), (_MANY if high is None else int(high)) + 1))
    asked = {word for word in words if isinstance(word, int) and not isinstance(word, bool)}
    if possible <= asked:
        return True
    return None if possible & asked else False


@cache
def _exactly(text: str) -> Decimal:
    return Decimal(text)


def bounds(value: Told) -> tuple[Decimal | None, Decimal | None, bool, bool]:
    """Return the limits of a number and whether they belong to it; a number alone is its own limits."""
    if isinstance(value, dict):
        low, high = value["low"], value["high"]
        return (
            None if low is None else _exactly(str(low)),
            None if high is None else _exactly(str(high)),
            bool(value["lowInclusive"]),
            bool(value["highInclusive"]),
        )
    number = _exactly(str(value))
    return number, number, True, True
