"""How strongly an antigen is on the cells, where no word says that it is: `CD22 moderate`, `CD19 dim to moderate`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from service.record.clauses import any_of
from service.record.signs import plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_BORDER = r"(?<![\w])"


class Grades:
    """The words of `language.yaml` for strengths."""

    def __init__(self, words: Mapping[str, Sequence[str]]) -> None:
        """Compile the words once; matching never changes them."""
        every = any_of((*words["grades"], *words["dim_after"], *words["strengths"])).pattern
        to, joined = any_of(words["range_to"]).pattern, any_of(words["joined_by"]).pattern
        self._to = re.compile(rf"({every})[\s-]{to}[\s-](?={every})", re.IGNORECASE)
        self._glued = re.compile(
            rf"\b((?:cy|[cs])?CD\d{{1,3}})(?={any_of(words['glued']).pattern.removeprefix(_BORDER)})", re.IGNORECASE
        )
        # one that stands in front of an antigen is of that one, and left as it is
        of_next = rf"\s+(?:(?!{joined})\w+\s+){{0,3}}[cs]?CD\d"
        self._told = re.compile(rf"{any_of(words['grades']).pattern}(?!{of_next})", re.IGNORECASE)

    def parted(self, text: str) -> str:
        """Return a plain text in which a blank stands between an antigen and its strength: `CD22dim`."""
        return self._glued.sub(r"\1 ", text)

    def as_answers(self, text: str) -> str | None:
        """Return a text about antigens in which each strength behind one is a plain positive, a dim one dim; None for none."""
        joined, ranges = self._to.subn(r"\1 ", plain(text))
        said, grades = self._told.subn(" positive ", joined)
        return said if ranges or grades else None
