"""Names in free text: whole words, the longest name first."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+")
_LONGEST_EXACT = 3  # a name of up to three letters is found only as it is written: InO, MRD, Ph
_HYPHENS = "‐‑‒–−"  # noqa: RUF001 - the hyphens and the minus that laboratories print


@dataclass(frozen=True, slots=True)
class _Name:
    folded: str
    exact: str  # empty where capitals do not matter
    concepts: tuple[str, ...]


class NameIndex:
    """All names with their concepts, found in a text in one pass.

    A name within a longer name does not count: `BCR::ABL1-like` is not `BCR::ABL1`.
    """

    def __init__(self, names: Iterable[tuple[str, str]]) -> None:
        """Keep (name, concept) pairs; each name begins with a letter or a digit."""
        concepts: dict[tuple[str, str], list[str]] = {}
        for name, concept in names:
            written = _one_line(name)
            key = (_folded(written), written if len(written) <= _LONGEST_EXACT else "")
            concepts.setdefault(key, []).append(concept)
        by_first_word: dict[str, list[_Name]] = {}
        for (folded, exact), found in concepts.items():
            by_first_word.setdefault(_first_word(folded), []).append(_Name(folded, exact, tuple(dict.fromkeys(found))))
        self._by_first_word = {
            word: tuple(sorted(group, key=lambda name: (-len(name.folded), name.folded, name.exact)))
            for word, group in by_first_word.items()
        }

    def concepts_in(self, text: str) -> tuple[str, ...]:
        """Return the concepts whose names stand in the text as whole words, in the order of the text."""
        written = _one_line(text)
        folded = _folded(written)
        found: dict[str, None] = {}
        behind = 0
        for word in _WORD.finditer(folded):
            start = word.start()
            if start < behind:
                continue
            for name in self._by_first_word.get(word.group(), ()):
                end = start + len(name.folded)
                if (
                    folded.startswith(name.folded, start)
                    and (not name.exact or written.startswith(name.exact, start))
                    and _ends_at(folded, end)
                ):
                    found.update(dict.fromkeys(name.concepts))
                    behind = end
                    break
        return tuple(found)


def _one_line(text: str) -> str:
    plain = text if text.isascii() else unicodedata.normalize("NFC", text)
    return " ".join(plain.split())


def _folded(text: str) -> str:
    """Return the text in small letters without accents, as long as it was."""
    return text.lower() if text.isascii() else "".join(map(_folded_sign, text))


@lru_cache(maxsize=4096)
def _folded_sign(sign: str) -> str:
    if sign in _HYPHENS:
        return "-"
    return unicodedata.normalize("NFD", sign)[0].lower()[0]


def _first_word(folded: str) -> str:
    first = _WORD.match(folded)
    if first is None:
        raise ValueError(f"a name begins with a letter or a digit, not as {folded!r} does")
    return first.group()


def _ends_at(folded: str, end: int) -> bool:
    """Return whether no word goes on across this place."""
    return end == len(folded) or not folded[end].isalnum() or not folded[end - 1].isalnum()
