"""What a test looks for, where the words of its result name it again: `no MRD detected`, `keine Fusion nachweisbar`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from service.record.clauses import any_of
from service.record.signs import plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Sought:
    """The words of `language.yaml` by which one sort of finding is denied as a whole."""

    def __init__(self, words: Mapping[str, Sequence[str]], sort: str) -> None:
        """Compile the words once; matching never changes them."""
        name, none, no, found, are = (any_of(words[part]).pattern for part in (sort, "none_of", "none", "found", "there"))
        self._denied = re.compile(rf"(?:{none}\s{name}|{no}\s{name}(?:\s{are})?\s{found})", re.IGNORECASE)

    def as_answer(self, text: str) -> str | None:
        """Return a text in which the denied finding is a plain negative; None where nothing is denied so."""
        said, times = self._denied.subn(" negative ", plain(text))
        return said if times else None
