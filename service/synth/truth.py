"""What is true of a made-up patient, kept while the record is written and never read out of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from service.synth.names import FACTS
from service.synth.spans import Stretch

if TYPE_CHECKING:
    from datetime import date

UNKNOWN = "unknown"
Told = str | bool | int | float | dict[str, object] | Stretch

TOLD, IN_PART, UNTOLD, CLOUDED, STALE, CONTRADICTED = "told", "in-part", "untold", "clouded", "stale", "contradicted"
"""How a record tells a fact: as it is; only between limits; not with a word; in a way that tells nothing; before something that
outdates it; and once so, once otherwise."""


@dataclass(slots=True)
class Truth:
    """The facts as the record tells them, and as they were.

    `told`: by name a value, limits (`low`, `high` and whether they belong to it) or `unknown`: silent, contradictory, outdated.
    `real`: what was so, also where the record is silent; a derived value may never deny it. Nothing where there is no such
    thing, as the site of a relapse that never was.
    `how`: in which of the six ways the record tells it. `measured`: the day of the newest result behind what grows old.
    """

    told: dict[str, Told] = field(default_factory=lambda: dict.fromkeys(FACTS, UNKNOWN))
    real: dict[str, Told] = field(default_factory=dict)
    how: dict[str, str] = field(default_factory=lambda: dict.fromkeys(FACTS, UNTOLD))
    measured: dict[str, date] = field(default_factory=dict)

    def set(self, name: str, real: Told, told: Told | None = None) -> None:
        """Set a fact that the record tells, exactly unless `told` says how far."""
        self._check(name)
        self.real[name] = real
        self.told[name] = real if told is None else told
        self.how[name] = TOLD if told is None else IN_PART

    def happened(self, name: str) -> None:
        """Set what the record tells to have been: there is no other answer than yes."""
        self.set(name, real=True)

    def silent(self, name: str, real: Told | None, how: str = UNTOLD) -> None:
        """Set a fact that the record does not tell; None is a fact that there is not."""
        self._check(name)
        if real is None:
            self.real.pop(name, None)
        else:
            self.real[name] = real
        self.told[name] = UNKNOWN
        self.how[name] = how

    def cloud(self, name: str) -> None:
        """Note that the record holds something about a fact that tells nothing: it is then not simply missing."""
        if self.how[name] == UNTOLD:
            self.how[name] = CLOUDED

    def otherwise(self, real: dict[str, Told]) -> None:
        """Set what was so of everything that nobody has spoken of."""
        for name, value in real.items():
            self._check(name)
            self.real.setdefault(name, value)

    def _check(self, name: str) -> None:
        if name not in self.told:
            raise ValueError(f"{name} is not among the facts of a cohort")


def limits(low: float | None, high: float | None, *, high_inclusive: bool = True) -> Told:
    """Return limits as an assessment writes them."""
    return {"low": low, "high": high, "lowInclusive": True, "highInclusive": high_inclusive}


def plain(value: Told) -> Told:
    """Return a fact as an assessment writes it: a stretch of time as full years, or as their limits."""
    if not isinstance(value, Stretch):
        return value
    low, high = value.years()
    return low if low == high else limits(low, high)
