"""What a call wants of the cards: which kinds, how many at most, how short, and what each must say first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from cds_hooks import LONGEST_SUMMARY


class CardKind(StrEnum):
    """The kinds of cards that somebody may want alone; contradictions and the leukaemia itself always have theirs."""

    THERAPIES = "approved-therapies"
    TRIALS = "open-trials"
    GAPS = "missing-data"


@dataclass(frozen=True, slots=True)
class CardChoice:
    """The kinds of cards, at most so many (None: as set up), summaries of so many characters.

    `app` is the address at which the client's record system opens the page about the patient, for clients that can.
    `asked_day` and `known_by`: the days that the request named itself, which every card then says first.
    """

    kinds: frozenset[CardKind] = frozenset(CardKind)
    most: int | None = None
    longest_summary: int = LONGEST_SUMMARY
    asked_day: date | None = None
    known_by: date | None = None
    app: str | None = None


EVERYTHING: Final = CardChoice()
