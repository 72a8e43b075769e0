"""What texts say of an assay: how little it finds, that it is one of high sensitivity, that a test is about the assay alone."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from service.record.clauses import any_of
from service.record.signs import plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SENSITIVITY = (
    r"\D{0,20}?(?:"
    r"(?:(?P<times>\d+(?:[.,]\d+)?)\s*[x×·*]\s*)?(?:10\s*(?:\^|\*\*|E|e)?|1\s*[Ee])\s*[-−–]\s*(?P<power>\d)"
    r"|(?P<percent>\d+(?:[.,]\d+)?)\s*%"
    r"|1\s*(?:in|zu|auf|von|de|en|por|/|:)\s*(?P<cells>[1-9]\d{0,2}(?:[ .,'’]\d{3})+|[1-9]\d*)(?![\d^*Ee]))"
)
"""A sensitivity behind the word for it: a power of ten, a percentage, or one cell in so many."""
_BESIDE = re.compile(r"[,;(|]\s*+\Z")


class AssayWords:
    """The words of `language.yaml` for the sensitivity of an assay."""

    def __init__(self, words: Mapping[str, Sequence[str]]) -> None:
        """Compile the words once; matching never changes them."""
        named = "|".join(re.escape(plain(word)) for word in words["sensitivity"])
        self._told = re.compile(rf"(?:{named}){_SENSITIVITY}", re.IGNORECASE)
        self._about = any_of((*words["sensitivity"], *words["assay"]))
        self._high = any_of(words["high_sensitivity"])
        # in front of what is measured, or of a colon behind it: the number that follows is the result
        measured = any_of(words["residual"]).pattern
        self._high_before_result = re.compile(
            rf"{self._high.pattern}(?=\W{{1,3}}(?:[^\W\d_]{{1,30}}\W{{1,3}}){{0,3}}?{measured}|(?:\s[^\W\d_]{{1,30}}){{0,3}}\s?:)",
            re.IGNORECASE,
        )

    def is_about(self, name: str) -> bool:
        """Return whether the name of a test tells of what the test can find, not of what it found."""
        rest = self._high.sub(" ", plain(name))
        told = self._told.search(rest)
        if told is not None and _BESIDE.search(rest, 0, told.start()):
            rest = rest[: told.start()] + rest[told.end() :]
        return bool(self._about.search(rest))

    def without_high(self, name: str) -> str:
        """Return the name of a test without the words for a high sensitivity."""
        return self._high.sub(" ", plain(name))

    def without_sensitivity(self, text: str) -> str:
        """Return a text without what it tells of the sensitivity of its assay."""
        return self._told.sub(" ", self._high_before_result.sub(" ", plain(text)))

    def sensitivity_percent(self, text: str) -> Decimal | None:
        """Return the stated sensitivity in percent; None where none is stated."""
        match = self._told.search(self._high_before_result.sub(" ", plain(text)))
        if match is None:
            return None
        if match["power"]:
            return Decimal((match["times"] or "1").replace(",", ".")) * Decimal(100).scaleb(-int(match["power"]))
        if match["percent"]:
            return Decimal(match["percent"].replace(",", "."))
        return Decimal(100) / Decimal("".join(filter(str.isdigit, match["cells"])))
