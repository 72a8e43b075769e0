"""Lists of antigens of which one thing is said: by a heading in front, or by the words behind the last of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from service.record.clauses import SENTENCE_START, any_of

if TYPE_CHECKING:
    from collections.abc import Sequence

# possessive: a list of markers is read once, without trying every way to divide it
LIST = re.compile(
    r"(?>[\s,/&()]+|(?:and|und|y|or|oder|also|the|surface)\b|HLA-?DR|c?s?(?:CD|cyCD)\d+\w*[+-]?|[A-Za-z]{1,4}[A-Z]\w{0,5})*+\Z"
)
# antigens without a sign of their own, one behind the other; none of them is the marker itself
LIST_BEHIND = re.compile(
    r"\s?(?:,|(?:and|und|y)\b)(?>[\s,/&]+|(?:and|und|y)\b|HLA-?DR\b|TdT\b|[cs]?(?:cy)?CD\d++[A-Za-z]?(?![\w+–-]))*+"
)
_AND = re.compile(r"\b(?:and|und|y)\b")


class Headings:
    """What may stand in front of a list, with a colon: `Positive: CD10, CD19`."""

    def __init__(self, positive: Sequence[str], negative: Sequence[str]) -> None:
        """Compile the words once; matching never changes them."""
        self._positive, self._negative = any_of(positive), any_of(negative)

    def told(self, before: str) -> Literal["positive", "negative"] | None:
        """Return what the heading says of the list in which a marker stands; None where there is none."""
        starts = list(SENTENCE_START.finditer(before))
        if not starts or starts[-1][0][0] != ":" or not LIST.match(before, starts[-1].end()):
            return None
        begin = starts[-2].end() if len(starts) > 1 else 0
        heading = before[begin : starts[-1].start()].strip()
        if self._positive.fullmatch(heading):
            return "positive"
        return "negative" if self._negative.fullmatch(heading) else None


def is_joined(listed: str) -> bool:
    """Return whether a list has a word that joins its antigens, so that what follows is said of each of them."""
    return _AND.search(listed) is not None
