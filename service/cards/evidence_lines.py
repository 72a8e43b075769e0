"""What was read and on which day, as cards show it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.cards.escape import escape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service.cards.fact_words import FactWords
    from service.cards.wording import Wording
    from service.logic.fact import Evidence


class EvidenceLines(dict[tuple[str, str], str]):
    """Pieces of evidence, escaped; each is written once. A patient's data: for one answer only."""

    def __init__(self, wording: Wording, words: FactWords) -> None:
        super().__init__()
        self._wording = wording
        self._words = words

    def __missing__(self, read: tuple[str, str]) -> str:
        text, date = escape(self._words.spoken.evidence(read[0])), read[1]
        shown = self._words.dated(text, escape(date)) if date else self._words.undated(text)
        self[read] = shown
        return shown

    def phrase(self, items: Sequence[Evidence], most: int = 2) -> str:
        """Return the first few pieces of evidence; empty where there is none."""
        if len(items) == 1:  # the most frequent by far
            item = items[0]
            return self[item.text, item.date.text if item.date else ""]
        distinct = list(dict.fromkeys([(item.text, item.date.text if item.date else "") for item in items]))
        shown = [self[read] for read in distinct[:most]]
        if len(distinct) > most:
            shown.append(self._wording.more.format(count=len(distinct) - most))
        return "; ".join(shown)
