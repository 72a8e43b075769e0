"""Which of the places outside the marrow that words name are those of the relapse that they tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from service.record.vocabulary import Vocabulary

PLACES = frozenset({"site-cns", "site-testis", "cns-leukaemia", "testicular-disease", "leukaemia-of-skin"})
PLACE_OPEN: Final = "relapse-place-open"
"""The concept of words that name a place and do not tell whether the relapse was there."""


def with_places_told(named: frozenset[str], said: str, vocabulary: Vocabulary) -> frozenset[str]:
    """Return what words name; without the places that they deny; `PLACE_OPEN` where one stands apart from the relapse.

    `CNS relapse`, `relapse, CNS positive` tell the place; `relapse, CNS negative` denies it; `relapse, CNS to be examined` does
    neither.
    """
    places = PLACES & named
    if not places:
        return named
    denied, left_open = set[str](), False
    for concept in places:
        pattern = vocabulary.names.get(concept)
        finding = None if pattern is None else vocabulary.phrases.finding(said, pattern, numbered=True)
        if finding is None or pattern is None or finding.answer == "positive":
            continue
        if finding.answer == "negative":
            denied.add(concept)
        elif finding.answer is not None or not vocabulary.relapses.is_told_beside(said, pattern):
            left_open = True
    return (named - denied) | ({PLACE_OPEN} if left_open else set())
