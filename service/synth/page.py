"""What everybody who writes a made-up record needs: the record, its truth, the dice and the day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from service.synth.chance import Chance
from service.synth.story import Story
from service.synth.truth import Truth


@dataclass(frozen=True, slots=True)
class Page:
    """A record that is being written, and what is true of it."""

    story: Story
    truth: Truth
    chance: Chance
    often: dict[str, Any]
    as_of: date


def years(born: date, day: date) -> int:
    """Return the age in full years on a day."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
