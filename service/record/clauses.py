"""How a text is cut into sentences, clauses and parts, and how words become patterns."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from service.record.signs import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

# not the points of "V.a.", suspected, and of "Z.n.", "St.p." and "St. p.", after
_STOP = r"\.(?!\w)(?<![VvZz]\.[an]\.)(?<!\bSt\.)(?<!\bSt\.p\.)(?<!\bSt\. p\.)"
SENTENCE_END = re.compile(rf"[;|\n]|{_STOP}")
SENTENCE_START = re.compile(rf"[;|\n]|{_STOP}|:\s")
QUESTION_OR_CHANGE = re.compile(r"[?¿→⇒]|->|=>")
_NEVER = re.compile(r"(?!)")
FURTHEST = 300  # characters before a marker in which a word for a whole list of markers is looked for


def sentence_part(before: str) -> str:
    """Return what stands in front of a marker in its sentence."""
    starts = [match.end() for match in SENTENCE_START.finditer(before)]
    return (before[starts[-1] :] if starts else before)[-FURTHEST:]


class Clauses:
    """How a sentence is cut, with the words of `language.yaml` that join two clauses."""

    def __init__(self, words: Mapping[str, Sequence[str]]) -> None:
        """Compile the words once; matching never changes them."""
        self.joined = r"(?:" + "|".join(map(re.escape, words["and"])) + r")\b"
        """The pattern of a word that joins two clauses, behind the border of a word."""
        self.end = re.compile(rf"[;|\n]|{_STOP}|,(?!\d)|\b{self.joined}|(?=\b[cs]?CD\d)")
        self._part_start = re.compile(rf"[;|\n,]|{_STOP}|:\s|\b{self.joined}|\b[cs]?CD\d+\w*\+*")

    def own_part(self, before: str) -> str:
        """Return what stands in front of a marker since the last comma, colon, marker or sentence."""
        starts = [match.end() for match in self._part_start.finditer(before)]
        return (before[starts[-1] :] if starts else before)[-FURTHEST:]


def any_of(words: Iterable[str]) -> re.Pattern[str]:
    """Return the pattern of these words and phrases as whole words, the longest first."""
    ordered = sorted(map(plain, words), key=len, reverse=True)
    return re.compile(
        r"(?<![\w])(?:" + "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in ordered) + r")(?![\w])", re.IGNORECASE
    )


def marker_pattern(names: Iterable[str], prefix: str = "") -> re.Pattern[str]:
    """Return the pattern of a marker's names as whole words; `prefix` allows letters such as c for cytoplasmic.

    Where there are no names nothing is found.
    """
    ordered = sorted(map(plain, names), key=len, reverse=True)
    if not ordered:
        return _NEVER
    return re.compile(
        r"(?<![A-Za-z0-9:-])(?<![A-Za-z0-9]/)"
        + prefix
        + "(?:"
        + "|".join(re.escape(name) for name in ordered)
        + r")(?![A-Za-z0-9]|[-–]like|\slike)",
        re.IGNORECASE,
    )
