"""Where a text names a marker."""

from __future__ import annotations

import re
from itertools import islice

MOST_MENTIONS = 50  # a text that names one marker more often says nothing clear
_BANDS = re.compile(r"\s?\([pq]\d[\d.]*+;[pq]\d[\d.]*+\)")
_HEADING = re.compile(r"\s?[:=(]\s?")


def mentions(text: str, marker: re.Pattern[str]) -> list[tuple[int, int]]:
    """Return where a text names a marker: a name that only heads another, as in `Philadelphia chromosome: Ph+`, together with it.

    The bands behind a translocation are part of its name. One more than `MOST_MENTIONS` are found at most, and then each alone.
    """
    named = [match.span() for match in islice(marker.finditer(text), MOST_MENTIONS + 1)]
    if len(named) > MOST_MENTIONS:
        return named
    found: list[tuple[int, int]] = []
    for start, end in named:
        bands = _BANDS.match(text, end)
        begins = found.pop()[0] if found and _is_heading(text, found[-1], start) else start
        found.append((begins, bands.end() if bands else end))
    return found


def _is_heading(text: str, name: tuple[int, int], start: int) -> bool:
    """Return whether a name is followed at once by another of the same marker."""
    return _HEADING.fullmatch(text, name[1], start) is not None and is_cytoplasmic(text, name[0]) == is_cytoplasmic(text, start)


def is_cytoplasmic(text: str, start: int) -> bool:
    """Return whether the name of an antigen has a c in front of it, as in `cCD22`."""
    return text[start] == "c" and text[start + 1 : start + 2] in {"C", "c"}
