"""Chance that falls the same way on every machine: whole numbers and weights only, no logarithms, no clock."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import accumulate
from random import Random
from typing import TYPE_CHECKING, Any, TypeVar, cast

from service.errors import KnowledgeError
from service.knowledge.strict_yaml import read_yaml
from service.synth.codes import DATA

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

T = TypeVar("T")
_HUNDRED = 100


def read_proportions() -> dict[str, Any]:
    """Return how often what happens; made up for testing. Raises: KnowledgeError with every fault of the file."""
    path = DATA / "proportions.yaml"
    document = read_yaml(path.read_bytes(), path.name)
    if document.faults:
        raise KnowledgeError(tuple(document.faults))
    return cast("dict[str, Any]", document.value)


class Chance:
    """The dice of one patient; they depend on the seed and on the patient's number, never on how many patients there are."""

    def __init__(self, seed: int, number: int):
        """Begin the dice of a patient."""
        self._random = Random(f"all-cds {seed} {number}")
        self.ways: set[tuple[str, int, int]] = set()  # what was written, in which of how many ways

    def happens(self, percent: int) -> bool:
        """Return whether something happens that happens so often."""
        return self.whole(1, _HUNDRED) <= percent

    def whole(self, low: int, high: int) -> int:
        """Return a number from `low` to `high`, both included."""
        return self._random.randint(low, high)

    def way(self, what: str, count: int) -> int:
        """Return in which of so many ways something is written, counted from 1; it is remembered."""
        found = self.whole(1, count)
        self.ways.add((what, found, count))
        return found

    def one_of(self, found: Sequence[T]) -> T:
        """Return one of them, each as likely."""
        return found[self.whole(0, len(found) - 1)]

    def weighed(self, weights: Mapping[str, int]) -> str:
        """Return one of the names, as often as its weight says."""
        found = self.whole(1, sum(weights.values()))
        return next(name for name, reached in zip(weights, accumulate(weights.values()), strict=True) if found <= reached)

    def day(self, after: date, least: int, most: int) -> date:
        """Return a day so many days after another."""
        return after + timedelta(days=self.whole(least, most))
