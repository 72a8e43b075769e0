"""One thing that is wrong, with the item of the conformance list that it breaks."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Level(StrEnum):
    """How binding an item is."""

    SHALL = "SHALL"
    """The specification demands it."""
    SHOULD = "SHOULD"
    """The specification recommends it."""
    US = "US"
    """A rule of this list, where the specification is silent or clients deviate."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and where; never what the document held."""

    item: str
    where: str
    what: str
    level: Level = Level.SHALL

    def __str__(self) -> str:
        return f"{self.item} {self.where}: {self.what}"


@dataclass(slots=True)
class Findings:
    """The faults of a document, and the items that something in it was held against."""

    faults: list[Fault] = field(default_factory=list)
    examined: set[str] = field(default_factory=set)

    def add(self, fault: Fault) -> None:
        """Take a fault."""
        self.examined.add(fault.item)
        self.faults.append(fault)
