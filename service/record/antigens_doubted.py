"""What a report that is not read may say against an antigen on the blasts: no result, but an older one is then not firm."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from service.record.clauses import QUESTION_OR_CHANGE, SENTENCE_END, any_of
from service.record.signs import plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from service.record.findings import Finding

PANELS = frozenset({"immunophenotyping-panel", "marrow-report"})
"""The kinds of reports whose words are read for antigens."""
_DENIED_BY_SIGN = re.compile(r"\s?\(?-(?![\w>])")
_SHARE_BEHIND = re.compile(r"[^;,]{0,60}?\d\s?%")


class AntigensDoubted:
    """The words of `language.yaml` that may deny or doubt an antigen, and those that name it as the target of a treatment."""

    def __init__(self, words: Mapping[str, Sequence[str]]) -> None:
        """Compile the words once; matching never changes them."""
        lists = ("negative_before", "negative_after", "negative_compound", "doubtful", "turned")
        self._turning = any_of(word for name in lists for word in words[name])
        self._elsewhere, self._blasts = any_of(words["elsewhere"]), any_of(words["blasts"])
        treatments = any_of((*words["directed"], *words["cells_given"])).pattern
        antigens = r"\bCD\d{2}(?:/(?:CD)?\d{2})?(?![\w+])"
        self._target = re.compile(
            rf"{antigens}[\s-](?:{treatments})|{any_of(words['directed_at']).pattern}\s{antigens}", re.IGNORECASE
        )

    def without_targets(self, text: str) -> str:
        """Return a text without the antigens at which a treatment is directed: `CD19-directed therapy` tells of no blast."""
        return self._target.sub(" ", text)

    def may_be_doubted(self, finding: Finding, text: str, marker: re.Pattern[str]) -> bool:
        """Return whether a text may say of an antigen that it is not on the blasts.

        What is not understood may not where no word or sign in its sentence denies or doubts, and no share stands behind the
        antigen; nor may a sentence on lymphocytes.
        """
        if finding.answer != "indeterminate" and not finding.contradictory:
            return finding.answer is not None or finding.percent is not None
        return any(self._is_turned(sentence, marker) for sentence in SENTENCE_END.split(plain(text)))

    def _is_turned(self, sentence: str, marker: re.Pattern[str]) -> bool:
        ends = [found.end() for found in marker.finditer(sentence)]
        if not ends or (self._elsewhere.search(sentence) and not self._blasts.search(sentence)):
            return False
        if self._turning.search(sentence) or QUESTION_OR_CHANGE.search(sentence):
            return True
        return any(_DENIED_BY_SIGN.match(sentence, end) or _SHARE_BEHIND.match(sentence, end) for end in ends)
