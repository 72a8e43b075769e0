"""So many of the cells that were counted, beside an answer: `negative, 0 of 200 nuclei`, `positive in 150/200`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from service.record.clauses import any_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_DIGIT = re.compile(r"\d")


class CellCounts:
    """The words of `language.yaml` for cells that are counted one by one."""

    def __init__(self, words: Mapping[str, Sequence[str]]) -> None:
        """Compile the words once; matching never changes them."""
        out_of, nuclei = any_of(words["out_of"]).pattern, any_of(words["nuclei"]).pattern
        negative, within = any_of(words["negative_after"]).pattern, any_of(words["within"]).pattern
        found, cells = any_of(words["positive_after"]).pattern, any_of(words["cells"]).pattern
        self._of_all_cells = any_of(words["of_all_cells"])
        self._counted_blasts = re.compile(rf"\A(?:\W*{found}|[\s(]*\+)\W*{cells}\W*\Z", re.IGNORECASE)
        count = rf"\b(\d++)(?:\s?/\s?([1-9]\d*+)\b|\s{out_of}\s([1-9]\d*+)(?=\s{nuclei}))"
        self._count = re.compile(count, re.IGNORECASE)
        self._found_in = re.compile(rf"{within}\s{count}", re.IGNORECASE)
        self._denied_in = re.compile(rf"{negative}\s{within}\s{count}", re.IGNORECASE)

    def without(self, text: str) -> str:
        """Return a text without its counts."""
        return self._count.sub(" ", text)

    def take_back(self, answer: str | None, text: str, *, behind_marker: bool = False) -> bool:
        """Return whether the counts of a text leave an answer open.

        So they do where it affirms what was found in none of the cells, and where only some of them are negative. Directly behind
        the name of a marker a count may be of its denial in front: `negative for CD22 in 150 of 200 cells`.
        """
        if answer is None or not self._count.search(text):
            return False
        if answer == "negative":
            denied = self._found_in if behind_marker else self._denied_in
            return any(match[1] != (match[2] or match[3]) for match in denied.finditer(text))
        return any(int(match[1]) == 0 for match in self._count.finditer(text))

    def are_of_all(self, clause: str) -> bool:
        """Return whether a share is of all cells, or tells how many of them are positive blasts, as in `CD22+ blasts: 0.02 %`."""
        return bool(self._of_all_cells.search(clause) or self._counted_blasts.match(_DIGIT.split(clause, maxsplit=1)[0]))
