"""By which methods a text denies a marker: of those that it names, one that was not done, or is still to come, denied nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from service.record.clauses import SENTENCE_END
from service.record.mentions import mentions
from service.record.signs import plain

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable

    from service.record.findings import Finding
    from service.record.vocabulary import Vocabulary

_METHOD = "method-"
KARYOTYPES = frozenset({"karyotype", "method-karyotyping"})
"""The concepts of a karyotype, which is a method where a marker is denied by it."""


_PCR, _FISH = "method-pcr", "method-fish"


def is_method(concept: str) -> bool:
    """Return whether a concept is that of a method by which a marker may be denied, or of a test with its method."""
    return method_of(concept) is not None


def method_of(concept: str) -> str | None:
    """Return the method that a concept is, or that of a test such as `BCR::ABL1 RT-PCR`."""
    if concept.startswith(_METHOD) or concept in KARYOTYPES:
        return concept
    if "-rtpcr" in concept or concept == "bcr-abl1-log-ratio":
        return _PCR
    return _FISH if concept == "bcr-abl1-fish" else None


class _Told:
    """The methods of the sentences that name a marker; `open`: one of them is named and has denied nothing."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary, self._end = vocabulary, vocabulary.phrases.clauses.end
        self.methods: set[str] = set()
        self.open = False

    def add(self, text: str, start: int, end: int) -> None:
        """Add those of the sentence around a mention of the marker: of its own clause, of its heading, and of other clauses.

        Where its own clause names one, another clause in front counts only where it says no more than that, or denies it too.
        """
        begin, stop = _around(SENTENCE_END, text, start, end)
        first, last = _around(self._end, text, start, end)
        head, colon, _ = text[begin:start].rpartition(": ")
        begin += len(head) + len(colon)
        own = self._named(text[max(first, begin) : last])
        self._add(own)
        heading = self._heading(head)
        if heading and not self._is_awaited(head, heading):
            self._add(heading)
        self._beside(self._end.split(text[begin : max(first, begin)]), unless_plain=not own)
        self._beside(self._end.split(text[last:stop]), unless_plain=False)

    def _heading(self, head: str) -> set[str]:
        """Return the methods of a heading; where another clause, or a heading of its own, stands in it, those of the last."""
        *others, last = head.rpartition(": ")[2].split(",")
        found = self._named(last).union(*(self._plain(part) for part in others))
        return found or self._named(head)

    def _plain(self, part: str) -> set[str]:
        """Return the methods of a part of a sentence that says no more than these, or denies by them."""
        named = self._named(part)
        return named if named and self._vocabulary.phrases.may_deny(self._without(part, named)) else set()

    def _beside(self, parts: Iterable[str], *, unless_plain: bool) -> None:
        for part in parts:
            named = self._named(part)
            if named and not self._is_awaited(part, named):
                self._add((named if unless_plain else self._plain(part)) - KARYOTYPES)

    def _add(self, named: set[str]) -> None:
        self.methods |= {method for concept in named if (method := method_of(concept)) is not None}

    def _is_awaited(self, part: str, named: set[str]) -> bool:
        awaited = self._vocabulary.phrases.is_awaited(self._without(part, named))
        self.open = self.open or awaited
        return awaited

    def _named(self, part: str) -> set[str]:
        return set(filter(is_method, self._vocabulary.terms.names_in(part))) if part else set()

    def _without(self, part: str, named: set[str]) -> str:
        """Return a part of a sentence without the names of these methods."""
        for name in named:
            pattern = self._vocabulary.names.get(name)
            part = part if pattern is None else pattern.sub(" ", part)
        return part


def with_methods(marker: re.Pattern[str], finding: Finding, said: str, vocabulary: Vocabulary) -> Finding:
    """Return what denies a marker with the methods that did; where all that are named did not, it is open."""
    if finding.answer != "negative":
        return finding
    text, told = plain(said.replace(":\n", ": ")), _Told(vocabulary)
    for start, end in mentions(text, marker):
        told.add(text, start, end)
    if told.methods:
        return replace(finding, methods=frozenset(told.methods))
    return replace(finding, answer="indeterminate", percent=None) if told.open else finding


def _around(border: re.Pattern[str], text: str, start: int, end: int) -> tuple[int, int]:
    """Return where the part of a text begins and ends in which something stands."""
    begin = max((found.end() for found in border.finditer(text, 0, start)), default=0)
    ending = border.search(text, end)
    return begin, ending.start() if ending else len(text)
