"""Lists of antigens of which one thing is said: by a heading in front, or by the words behind the last of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from service.record.clauses import SENTENCE_START, Clauses, any_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class AntigenLists:
    """The words of `language.yaml` in a list of antigens, and with a colon in front of one: `Positive: CD10, CD19`."""

    def __init__(self, words: Mapping[str, Sequence[str]]) -> None:
        """Compile the words once; matching never changes them."""
        self._positive, self._negative = any_of(words["positive_heading"]), any_of(words["negative_heading"])
        joined = Clauses(words).joined
        within = "|".join(map(re.escape, words["in_a_list"]))
        # possessive: a list of markers is read once, without trying every way to divide it
        self.before = re.compile(
            rf"(?>[\s,/&()]+|{joined}|(?:{within})\b|HLA-?DR|c?s?(?:CD|cyCD)\d+\w*[+-]?|[A-Za-z]{{1,4}}[A-Z]\w{{0,5}})*+\Z"
        )
        # antigens without a sign of their own, one behind the other; none of them is the marker itself
        self.behind = re.compile(
            rf"\s?(?:,|{joined})(?>[\s,/&]+|{joined}|HLA-?DR\b|TdT\b|[cs]?(?:cy)?CD\d++[A-Za-z]?(?![\w+–-]))*+"
        )
        self._joined = re.compile(rf"\b{joined}")

    def heading(self, before: str) -> Literal["positive", "negative"] | None:
        """Return what the heading says of the list in which a marker stands; None where there is none."""
        starts = list(SENTENCE_START.finditer(before))
        if not starts or starts[-1][0][0] != ":" or not self.before.match(before, starts[-1].end()):
            return None
        begin = starts[-2].end() if len(starts) > 1 else 0
        heading = before[begin : starts[-1].start()].strip()
        if self._positive.fullmatch(heading):
            return "positive"
        return "negative" if self._negative.fullmatch(heading) else None

    def is_joined(self, listed: str) -> bool:
        """Return whether a list has a word that joins its antigens, so that what follows is said of each of them."""
        return self._joined.search(listed) is not None
