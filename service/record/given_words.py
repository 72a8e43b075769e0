"""Whether the words beside a treatment take back what its status says: that it was done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.record.clauses import any_of
from service.record.signs import plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class GivenWords:
    """The words of `language.yaml` by which a treatment was planned, declined or not given."""

    def __init__(self, words: Mapping[str, Sequence[str]]) -> None:
        """Compile the words once; matching never changes them."""
        self._withheld = any_of(words["withheld"])
        self._intended = any_of((*words["withheld"], *words["intended"]))

    def takes_back(self, said: str) -> bool:
        """Return whether the name of a treatment, its reason, or the words for its day say that it was planned or not given."""
        return bool(self._intended.search(plain(said)))

    def note_takes_back(self, note: str) -> bool:
        """Return whether a note says that it was not given, or begins with a word for what is planned or declined.

        What a note goes on to say is often about the next treatment.
        """
        note = plain(note)
        return bool(self._withheld.search(note) or self._intended.match(note.lstrip()))
