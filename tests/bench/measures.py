"""What one run found out: a number for each measure, how far its repetitions lay apart, and what it should be."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable
from dataclasses import dataclass

_CUT = 10  # of so many sorted rounds one is cut off at each end: a neighbour's hiccup is no spread of ours
FEWEST_ROUNDS = 3
"""Below this nothing can be said about spread."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a measure should be: at most or at least this."""

    limit: float
    at_least: bool = False

    def is_met(self, value: float) -> bool:
        """Return whether the value is on the right side; the limit itself is. Not a number is not."""
        return value >= self.limit if self.at_least else value <= self.limit

    def __str__(self) -> str:
        return f"{'>=' if self.at_least else '<='} {self.limit:g}"


def at_most(limit: float) -> Target:
    """Return the target of what should be small."""
    return Target(limit)


def at_least(limit: float) -> Target:
    """Return the target of what should be large."""
    return Target(limit, at_least=True)


@dataclass(frozen=True, slots=True)
class Measure:
    """One number of a run: the median of its rounds. `unit` is empty where it is a ratio."""

    name: str
    rounds: tuple[float, ...]
    target: Target | None = None
    unit: str = ""

    @property
    def value(self) -> float:
        """The median of the rounds; not a number where there was none."""
        return statistics.median(self.rounds) if self.rounds else math.nan

    @property
    def is_met(self) -> bool | None:
        """Whether the target is met; None where there is none."""
        return None if self.target is None else self.target.is_met(self.value)

    @property
    def spread(self) -> tuple[float, float] | None:
        """The least and the most of the rounds, one of ten cut off at each end; None where there are too few to say."""
        if len(self.rounds) < FEWEST_ROUNDS:
            return None
        cut = len(self.rounds) // _CUT
        inner = sorted(self.rounds)[cut : len(self.rounds) - cut]
        return inner[0], inner[-1]


def measured_once(name: str, value: float, target: str) -> Measure:
    """Return the measure of a row whose target is written as text: `<= 1.1`, `>= 1.5`, or empty. Raises: ValueError."""
    sign, _, limit = target.partition(" ")
    if sign not in {"", "<=", ">="}:
        raise ValueError(f"not a target: {target}")
    return Measure(name, (value,), Target(float(limit), at_least=sign == ">=") if sign else None)


def quantile(values: Iterable[float], share: float) -> float:
    """Return the value below which this share of the others lies, by nearest rank; not a number of nothing."""
    found = sorted(values)
    return found[min(len(found) - 1, max(0, math.ceil(len(found) * share) - 1))] if found else math.nan


def p50(values: Iterable[float]) -> float:
    """Return the median; not a number of nothing."""
    found = list(values)
    return statistics.median(found) if found else math.nan


def p99(values: Iterable[float]) -> float:
    """Return what 99 of 100 do not exceed."""
    return quantile(values, 0.99)


def ratios(these: Iterable[float], others: Iterable[float]) -> tuple[float, ...]:
    """Return the ratio of each round to the same round of the others."""
    return tuple(one / other for one, other in zip(these, others, strict=True))
