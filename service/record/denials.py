"""Further tests behind the answer of one, as in `negative by FISH, negative by PCR`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from service.record.clauses import any_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_MOST = 5  # further tests of one marker
_CLAUSE = r"(?:(?![,;|\n]|\.(?!\w)).)*+"


class FurtherTests:
    """The words of `language.yaml` for what another test says."""

    def __init__(self, words: Mapping[str, Sequence[str]]) -> None:
        """Compile the words once; matching never changes them."""
        parts = ("positive_after", "negative_after", "by_a_test", "and")
        positive, negative, by, joined = (any_of(words[part]).pattern for part in parts)
        self._positive = re.compile(rf",\s?(?:{joined}\s)?{positive}\s{by}\s", re.IGNORECASE)
        self._negative = re.compile(rf",\s?(?:{joined}\s)?(?P<said>{negative}\s{by}\s{_CLAUSE})", re.IGNORECASE)

    def affirms(self, rest: str) -> bool:
        """Return whether what follows an answer is that of a test which was positive."""
        return self._positive.match(rest) is not None

    def denials(self, rest: str) -> Iterator[re.Match[str]]:
        """Yield the clauses, `said`, that follow an answer at once and are those of tests which were negative; a few at most."""
        end = 0
        for _ in range(_MOST):
            found = self._negative.match(rest, end)
            if found is None:
                return
            yield found
            end = found.end()
