"""Cells that were given, where a text tells by them when a specimen was taken: `CD19 negative after CAR-T`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from service.record.clauses import any_of
from service.record.signs import plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class CellsGiven:
    """The words of `language.yaml` for the time after cells."""

    def __init__(self, words: Mapping[str, Sequence[str]]) -> None:
        """Compile the words once; matching never changes them."""
        after, directed, cells = (any_of(words[part]).pattern for part in ("after_cells", "directed", "cells_given"))
        antigens = rf"(?:(?:anti-?)?CD\d{{2}}(?:/CD\d{{2}})?[\s-](?:{directed}\s)?)?"
        self._after = re.compile(rf"{after}[\s-]{antigens}{cells}", re.IGNORECASE)
        names = {plain(name).casefold() for name in words["cells_given"]}
        self._pieces = tuple(sorted(name for name in names if not any(other in name for other in names - {name})))

    def left_out(self, text: str) -> str:
        """Return a text without the cells after which it was; the cells themselves, and what comes before them, stay."""
        folded = text.casefold()
        return self._after.sub(" ", text) if any(piece in folded for piece in self._pieces) else text
