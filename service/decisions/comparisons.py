"""Comparisons with one fact, compiled once: whether its value is one of some, holds a word, reaches a bound or an age."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.decisions.numbered import not_recorded
from service.logic.dates import Age, Span
from service.logic.fact import State
from service.logic.interval import Interval
from service.logic.truth import Truth, any_of, truth_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from service.logic.fact import Fact

    Facts = Mapping[str, Fact[object]]


@dataclass(frozen=True, slots=True)
class FactNode(ABC):
    """A comparison with one fact; an unknown or contradicted fact gives UNKNOWN."""

    name: str

    @property
    def fact_names(self) -> tuple[str, ...]:
        """The one fact."""
        return (self.name,)

    @abstractmethod
    def compare(self, value: object) -> Truth:
        """Return the truth for a known value; UNKNOWN for a value of another kind than the comparison is made for."""

    def truth(self, facts: Facts) -> Truth:
        """Return the comparison for a known fact, else UNKNOWN."""
        fact = facts[self.name]
        return self.compare(fact.value) if fact.state is State.KNOWN else Truth.UNKNOWN

    def needs(self, facts: Facts) -> tuple[str, ...]:
        """Return what the fact itself needs, or the fact's own name."""
        if self.truth(facts) is not Truth.UNKNOWN:
            return ()
        return facts[self.name].needs or (self.name,)

    def flags(self, facts: Facts) -> tuple[str, ...]:
        """Return the flags of the fact."""
        return facts[self.name].flags

    def reasons(self, facts: Facts) -> tuple[str, ...]:  # noqa: ARG002 - part of the Node interface
        """Return nothing: a fact that leaves the test open is what the test needs."""
        return ()


@dataclass(frozen=True, slots=True)
class OneOf(FactNode):
    """The fact is one of these words, truths or numbers."""

    words: frozenset[str | bool]
    numbers: tuple[Decimal, ...]

    def compare(self, value: object) -> Truth:
        """Return the truth; a number interval is compared with each number."""
        if isinstance(value, Interval):
            return any_of(value.equals(number) for number in self.numbers) if len(self.numbers) == 1 else self._within(value)
        return truth_of(value in self.words)

    def _within(self, value: Interval) -> Truth:
        # several integers: an interval that lies wholly inside their consecutive run is a YES
        low, high = min(self.numbers), max(self.numbers)
        if len(self.numbers) == high - low + 1:
            return value.at_least(low) & value.at_most(high)
        return any_of(value.equals(number) for number in self.numbers)


@dataclass(frozen=True, slots=True)
class Has(FactNode):
    """The list of words holds this one; a list that is not known to be complete never gives NO."""

    word: str

    def compare(self, value: object) -> Truth:
        """Return YES where the word stands in the list, else UNKNOWN: an absent word was not asked for."""
        return Truth.YES if isinstance(value, tuple) and self.word in value else Truth.UNKNOWN


@dataclass(frozen=True, slots=True)
class Compared(FactNode):
    """The number is at_least, above, below or at_most a bound."""

    operator: str
    bound: Decimal

    def compare(self, value: object) -> Truth:
        """Return the truth of the whole interval."""
        if not isinstance(value, Interval):
            return Truth.UNKNOWN
        match self.operator:
            case "at_least":
                return value.at_least(self.bound)
            case "above":
                return value.above(self.bound)
            case "below":
                return value.below(self.bound)
            case _:
                return value.at_most(self.bound)


@dataclass(frozen=True, slots=True)
class Aged(FactNode):
    """The age has reached a calendar span (or, for `below`, has not)."""

    span: Span
    below: bool

    def compare(self, value: object) -> Truth:
        """Return the truth, calendar-exact."""
        if not isinstance(value, Age):
            return Truth.UNKNOWN
        reached = value.at_least(self.span)
        return ~reached if self.below else reached


@dataclass(frozen=True, slots=True)
class IfAbsent(FactNode):
    """A comparison that takes a value for granted where nothing was recorded about its fact."""

    test: FactNode
    value: object

    def compare(self, value: object) -> Truth:
        """Return what the comparison itself says of a known value."""
        return self.test.compare(value)

    def truth(self, facts: Facts) -> Truth:
        """Return the comparison for a known fact, that with the value where nothing was recorded, else UNKNOWN."""
        return self.test.compare(self.value) if not_recorded(facts[self.name]) else self.test.truth(facts)
