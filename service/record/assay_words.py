"""What texts say of an assay: how little it finds, that it is one of high sensitivity, that a test is about the assay alone."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from service.record.clauses import any_of
from service.record.signs import plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_BESIDE = re.compile(r"[,;(|]\s*+\Z")


class AssayWords:
    """The words of `language.yaml` for the sensitivity of an assay."""

    def __init__(self, words: Mapping[str, Sequence[str]]) -> None:
        """Compile the words once; matching never changes them."""
        named = "|".join(re.escape(plain(word)) for word in words["sensitivity"])
        number, behind = _number(words["one_in"]), rf"(?:{named})\D{{0,20}}?"
        at = rf"(?:{any_of(words['at_a_sensitivity']).pattern}\s)?"
        self._told = re.compile(rf"{at}{behind}{number}", re.IGNORECASE)
        # `10^-5 sensitivity`; where another number follows, that is the sensitivity, and this one the result
        self._in_front = re.compile(rf"{at}(?<![\w.,^*-]){number}\s(?!{behind}\d)(?:{named})(?!\w)", re.IGNORECASE)
        self._words = tuple(plain(word).casefold() for word in words["sensitivity"])
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
        text = self._high_before_result.sub(" ", plain(text))
        return self._in_front.sub(" ", self._told.sub(" ", text)) if self._names_one(text) else text

    def sensitivity_percent(self, text: str) -> Decimal | None:
        """Return the stated sensitivity in percent; None where none is stated."""
        text = self._high_before_result.sub(" ", plain(text))
        match = (self._told.search(text) or self._in_front.search(text)) if self._names_one(text) else None
        if match is None:
            return None
        if match["power"]:
            return Decimal((match["times"] or "1").replace(",", ".")) * Decimal(100).scaleb(-int(match["power"]))
        if match["percent"]:
            return Decimal(match["percent"].replace(",", "."))
        return Decimal(100) / Decimal("".join(filter(str.isdigit, match["cells"])))

    def _names_one(self, text: str) -> bool:
        """Return whether a text has a word for a sensitivity: few have, and that is quick to see."""
        folded = text.casefold()
        return any(word in folded for word in self._words)


def _number(one_in: Sequence[str]) -> str:
    """Return the pattern of a sensitivity: a power of ten, a percentage, or one cell in so many."""
    between = "|".join(re.escape(plain(word)) for word in one_in)
    return (
        r"(?:(?:(?P<times>\d+(?:[.,]\d+)?)\s*[x×·*]\s*)?(?:10\s*(?:\^|\*\*|E|e)?|1\s*[Ee])\s*[-−–]\s*(?P<power>\d)"
        r"|(?P<percent>\d+(?:[.,]\d+)?)\s*%"
        rf"|1\s*(?:{between}|/|:)\s*(?P<cells>[1-9]\d{{0,2}}(?:[ .,'’]\d{{3}})+|[1-9]\d*)(?![\d^*Ee]))"
    )
