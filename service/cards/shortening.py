"""A summary made shorter without another meaning: what denies, restricts or warns is never what is cut off."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from service.cards.escape import shorten

if TYPE_CHECKING:
    from collections.abc import Iterable

_CLAUSE_END = re.compile(r"[;,:]\s")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|\S")
_LEAST_SHARE = 2  # a clause end is a good place to cut once it leaves at least one in so many characters


def shorten_safely(text: str, longest: int, never_cut_off: Iterable[str], instead: str) -> str:
    """Return a text of at most so many characters that keeps each of the words `never_cut_off` which stands in it.

    Cut behind a clause where one ends in time, else behind a word. Where a word to be kept stands too far back, the clause it
    stands in is kept and what is before it is cut; where that is too long as well, `instead` takes the place of all of it.
    """
    if len(text) <= longest:
        return text
    kept_words = frozenset(word.lower() for word in never_cut_off)
    wanted = _found(text, kept_words)
    candidates = [_at_a_clause(text, longest, longest // _LEAST_SHARE), _at_a_word(text, longest), _at_a_clause(text, longest, 1)]
    if wanted and (clause := _clause_of(text, kept_words)):
        candidates.append(_with_its_end(text, clause, longest))
    for candidate in candidates:
        # The last word before the ellipsis must not be one that denies something which is no longer there.
        if candidate and _found(candidate, kept_words) == wanted and not _ends_with(candidate, kept_words):
            return candidate
    return shorten(instead, longest)


def _found(text: str, words: frozenset[str]) -> list[str]:
    return [word for word in _WORD.findall(text.lower()) if word in words]


def _ends_with(text: str, words: frozenset[str]) -> bool:
    if not text.endswith("…"):
        return False
    before = _WORD.findall(text.removesuffix("…").lower())
    return not before or before[-1] in words


def _at_a_clause(text: str, longest: int, least: int) -> str:
    ends = [found.start() for found in _CLAUSE_END.finditer(text) if least <= found.start() < longest]
    return text[: ends[-1]] + "…" if ends else ""


def _at_a_word(text: str, longest: int) -> str:
    """Return the text cut behind a word; empty where that would part a word from its question mark."""
    cut = shorten(text, longest)
    rest = text[len(cut) - 1 :]
    end = _CLAUSE_END.search(rest, 1)
    return "" if "?" in (rest[: end.start()] if end else rest) else cut


def _clause_of(text: str, words: frozenset[str]) -> int:
    """Return where the clause with the first word to be kept begins; 0 where that is the first clause."""
    place = min(found.start() for found in _WORD.finditer(text) if found[0].lower() in words)
    begins = [found.end() for found in _CLAUSE_END.finditer(text) if found.end() <= place]
    return begins[-1] if begins else 0


def _with_its_end(text: str, clause: int, longest: int) -> str:
    end = text[clause:]
    room = longest - len(end) - 1
    return f"{shorten(text[:clause].rstrip(' ;,:'), room)} {end}" if room > len(end) // _LEAST_SHARE else ""
