"""Lines about facts in one language, with the words in them that are the same for every patient filled in once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

from service.cards.escape import escape, one_line
from service.cards.evidence_phrases import evidence_phrases
from service.cards.shown import value_words
from service.cards.slots import slots

if TYPE_CHECKING:
    from collections.abc import Callable

    from service.cards.wording import Wording
    from service.logic.fact import Fact


Made = TypeVar("Made")


class FactLines(NamedTuple):
    """The line of one fact: what fills in its value and what was read, or its value alone."""

    evidenced: Callable[..., str]
    bare: Callable[..., str]


class Kept(dict[str, Made]):
    """What is made of a name: once, when it is first wanted."""

    def __init__(self, make: Callable[[str], Made]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, name: str) -> Made:
        made = self[name] = self._make(name)
        return made


_MOST = 4096  # phrases, and as many sets of flags


class FactWords:
    """How facts stand on cards. Nothing of a patient is kept: bounded by the names of facts and the words for values.

    `labels` and `lines`: the short names and the lines of facts, by the fact. `spoken`: how what was read is said.
    """

    def __init__(self, wording: Wording) -> None:
        self._wording = wording
        self._values = {value: escape(one_line(words)) for value, words in wording.values.items()}
        self.labels = Kept(wording.label)
        self.spoken = evidence_phrases(wording.language)
        self.lines = Kept(self._lines)
        self._phrases: dict[tuple[str, ...], str] = {}
        self._flagged: dict[tuple[str, ...], str] = {}
        self.dated = slots(wording.evidence, "text", "date")
        self.undated = slots(wording.evidence_undated, "text")

    def value(self, fact: Fact[object]) -> str:
        """Return the value of a known fact with its unit, escaped."""
        value = fact.value
        said = self._values.get(value) if isinstance(value, str) and not fact.unit else None
        return said if said is not None else escape(value_words(fact, self._wording))

    def value_or_gap(self, fact: Fact[object]) -> str:
        """Return the value of a known fact, or why another one is not known."""
        return self.value(fact) if fact.gap is None else self._wording.gaps.gaps[fact.gap.value]

    def phrase(self, names: tuple[str, ...]) -> str:
        """Return the short names of facts as a phrase."""
        phrase = self._phrases.get(names)
        if phrase is None:
            if len(self._phrases) >= _MOST:
                self._phrases.clear()
            phrase = self._phrases[names] = self._wording.listing([self.labels[name] for name in names])
        return phrase

    def flagged(self, flags: tuple[str, ...]) -> str:
        """Return what flags add to a line; empty where none of them has words."""
        added = self._flagged.get(flags)
        if added is None:
            if len(self._flagged) >= _MOST:
                self._flagged.clear()
            shown = self._wording.flag_words(flags)
            added = self._flagged[flags] = self._wording.profile.flagged.format(flags=shown) if shown else ""
        return added

    def _lines(self, name: str) -> FactLines:
        words, label = self._wording.profile, self.labels[name]
        return FactLines(
            slots(words.fact_line, "value", "evidence", label=label), slots(words.fact_line_bare, "value", label=label)
        )
