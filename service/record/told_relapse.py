"""Results and reports that tell a relapse by their name or in words: they prove none, and the record is not silent of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from service.record.disease_words import OF_THE_ALL, is_leukaemia
from service.record.vocabulary import RELAPSE, RELAPSES, SITES, is_judgement
from service.record.wanted import RELAPSE_AT_VISITS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from service.record.record import Reading
    from service.record.vocabulary import Vocabulary

RELAPSE_TOLD: Final = "relapse-told"
"""The concept of a result or a report that tells a relapse so."""
RELAPSE_PAST: Final = "relapse-past"
"""The concept of a report that tells it as one of the history."""
_TOLD, _NOTHING = frozenset({RELAPSE_TOLD}), frozenset[str]()
_NO = frozenset({"no-relapse", "answer-negative"})
RELAPSE_NAMES = frozenset({RELAPSE, *RELAPSES, *SITES})


def answers_relapse(read: Reading, vocabulary: Vocabulary) -> bool:
    """Return whether a result that is named `relapse`, and nothing more, has an answer that does not say no."""
    if not read.by_name or read.amount is not None or not all(map(is_judgement, read.concepts)):
        return False
    if not vocabulary.diseases.says_relapse(read.text, vocabulary.markers[RELAPSE]):
        return False
    if read.flag is not None:
        return read.flag
    if read.says == "negative" or read.whole == 0 or not _NO.isdisjoint(read.answers):
        return False
    told = bool(read.words) and not read.absent
    return (told and not vocabulary.diseases.says_no(read.words)) or read.whole is not None or read.day is not None


def concludes_relapse(
    said: str, named: Iterable[str], coded: frozenset[str], kinds: frozenset[str], vocabulary: Vocabulary
) -> frozenset[str]:
    """Return whether a report concludes a relapse that may be of the leukaemia, by a code or in plain words, as concepts.

    `kinds`: of a report that is about the leukaemia, whatever it names.
    """
    if not RELAPSE_AT_VISITS.isdisjoint(coded):
        return _TOLD
    if RELAPSE_NAMES.isdisjoint(named) or not vocabulary.diseases.says_relapse(said, vocabulary.markers[RELAPSE]):
        return _NOTHING
    past = vocabulary.diseases.says_history(said, vocabulary.markers[RELAPSE])
    told = _TOLD | {RELAPSE_PAST} if past else _TOLD
    leukaemias = [concept for concept in named if is_leukaemia(concept)]
    if leukaemias:
        return told if any(concept.startswith(OF_THE_ALL) for concept in leukaemias) else _NOTHING
    of_the_all = vocabulary.diseases.names_all(said) or vocabulary.phrases.is_plain(said, vocabulary.judgements)
    return told if kinds or of_the_all else _NOTHING
