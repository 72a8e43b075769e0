"""Lines about facts in one language, with the words in them that are the same for every patient filled in once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from service.cards.escape import escape, one_line
from service.cards.shown import value_words
from service.cards.slots import slots

if TYPE_CHECKING:
    from collections.abc import Callable

    from service.cards.wording import Wording
    from service.logic.fact import Fact


class FactLines(NamedTuple):
    """The line of one fact: what fills in its value and what was read, or its value alone."""

    evidenced: Callable[..., str]
    bare: Callable[..., str]


class Labels(dict[str, str]):
    """The short names of facts; each is looked up once."""

    def __init__(self, wording: Wording) -> None:
        super().__init__()
        self._wording = wording

    def __missing__(self, name: str) -> str:
        label = self[name] = self._wording.label(name)
        return label


class FactWords:
    """How facts stand on cards. Nothing of a patient is kept: bounded by the names of facts and the words for values."""

    def __init__(self, wording: Wording) -> None:
        self._wording = wording
        self._values = {value: escape(one_line(words)) for value, words in wording.values.items()}
        self._lines: dict[str, FactLines] = {}
        self.labels = Labels(wording)
        self.dated = slots(wording.evidence, "text", "date")
        self.undated = slots(wording.evidence_undated, "text")

    def value(self, fact: Fact[object]) -> str:
        """Return the value of a known fact with its unit, escaped."""
        value = fact.value
        said = self._values.get(value) if isinstance(value, str) and not fact.unit else None
        return said if said is not None else escape(value_words(fact, self._wording))

    def lines(self, name: str) -> FactLines:
        """Return the line of a fact, its label filled in."""
        found = self._lines.get(name)
        if found is None:
            words, label = self._wording.profile, self.labels[name]
            found = self._lines[name] = FactLines(
                slots(words.fact_line, "value", "evidence", label=label), slots(words.fact_line_bare, "value", label=label)
            )
        return found
