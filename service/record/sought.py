"""What a test looks for, where the words of its result name it again: `no MRD detected`, `positive p190`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from service.record.clauses import Clauses, any_of
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


class SoughtResidual(Sought):
    """The same of residual disease, of which a result may say that there is none, and nothing else."""

    def __init__(self, words: Mapping[str, Sequence[str]]) -> None:
        """Compile the words once; matching never changes them."""
        super().__init__(words, "residual")
        self._none = any_of(words["no_residual"])

    def as_answer(self, text: str) -> str | None:
        """Return a plain negative for a text that says no more than that there is none; else as of all findings."""
        return " negative " if self._none.fullmatch(plain(text).strip(" .;")) else super().as_answer(text)


class SoughtFusion(Sought):
    """The same of a fusion, of which a result may also name the transcript."""

    def __init__(self, words: Mapping[str, Sequence[str]]) -> None:
        """Compile the words once; matching never changes them."""
        super().__init__(words, "fusion")
        self._transcript = any_of(words["transcripts"])
        self._parts = re.compile(rf"[,;]|\b{Clauses(words).joined}")

    def names_transcript(self, text: str) -> bool:
        """Return whether a text names a transcript."""
        return self._transcript.search(text) is not None

    def without_transcripts(self, text: str) -> str:
        """Return a text without the names of transcripts."""
        return self._transcript.sub(" ", text)

    def as_answers(self, text: str) -> tuple[str, ...]:
        """Return what is to be answered without what the test looks for, one for each transcript; none where it is not named."""
        denied = self.as_answer(text)
        said = plain(text) if denied is None else denied
        if not self.names_transcript(said):
            return () if denied is None else (said,)
        parts = self._parts.split(said)
        apart = parts if all(map(self.names_transcript, parts)) else [said]
        return tuple(map(self.without_transcripts, apart))
