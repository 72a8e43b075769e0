"""Kleene's three-valued logic."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterable


class Truth(Enum):
    """Kleene's three values. UNKNOWN is an answer, never an error."""

    NO = 0
    UNKNOWN = 1
    YES = 2

    __hash__ = object.__hash__  # members are single; the inherited one is a function in Python

    def __and__(self, other: Truth) -> Truth:
        """Return the lesser of the two."""
        return self if self._value_ <= other._value_ else other  # `value` is a descriptor, three times as slow

    def __or__(self, other: Truth) -> Truth:
        """Return the greater of the two."""
        return self if self._value_ >= other._value_ else other

    def __invert__(self) -> Truth:
        """Return the opposite; UNKNOWN stays UNKNOWN."""
        if self is Truth.UNKNOWN:
            return self
        return Truth.NO if self is Truth.YES else Truth.YES

    def __bool__(self) -> NoReturn:
        """Refuse to be used as a bool."""
        raise TypeError("a Truth is not a bool: compare with `is Truth.YES`")

    @property
    def word(self) -> str:
        """The word used in the assessment: `yes`, `no` or `unknown`."""
        return self.name.lower()


def truth_of(answer: bool | None) -> Truth:  # noqa: FBT001 - the answer itself, not a switch
    """Return YES for True, NO for False and UNKNOWN for None."""
    if answer is None:
        return Truth.UNKNOWN
    return Truth.YES if answer else Truth.NO


def all_of(truths: Iterable[Truth]) -> Truth:
    """Return the conjunction; YES for nothing at all."""
    result = Truth.YES
    for truth in truths:
        if truth is Truth.NO:
            return truth
        if truth is Truth.UNKNOWN:
            result = truth
    return result


def any_of(truths: Iterable[Truth]) -> Truth:
    """Return the disjunction; NO for nothing at all."""
    result = Truth.NO
    for truth in truths:
        if truth is Truth.YES:
            return truth
        if truth is Truth.UNKNOWN:
            result = truth
    return result
