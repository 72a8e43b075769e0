"""Results and reports that tell a relapse by their name or in words: they prove none, and the record is not silent of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.record.disease_words import OF_THE_ALL, is_leukaemia
from service.record.relapse_words import (
    LATER_REMISSIONS,
    NOTHING,
    NOTHING_SEEN,
    PAST,
    REMISSION_TOLD,
    REMISSIONS,
    SUSPECTED_RELAPSE,
    TOLD,
    TRANSPLANTS,
)
from service.record.vocabulary import RELAPSE, RELAPSES, SITES, is_judgement
from service.record.wanted import RELAPSE_AT_VISITS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from service.record.record import Reading
    from service.record.vocabulary import Vocabulary

_NO = frozenset({"no-relapse", NOTHING_SEEN, "answer-negative"})
RELAPSE_NAMES = frozenset({RELAPSE, *RELAPSES, *SITES})
REPORTS = frozenset({"immunophenotyping-panel", "marrow-report", "genetic-report", "fish-result"})
"""The kinds of reports in which words are read, whether as a report or as a result in words."""
TRANSPLANT_TOLD = "transplant-told"
"""The concept of a disease status that names a transplant before it: it proves none, and the record is not silent of one."""
_TRANSPLANT = frozenset({TRANSPLANT_TOLD})
_NARRATIVES = REPORTS | {"histology-observation"}
_SPOKEN_OF = RELAPSE_NAMES | {SUSPECTED_RELAPSE}


def told_by_result(read: Reading, vocabulary: Vocabulary) -> frozenset[str]:
    """Return how a result tells a relapse that no fact reads in it: by its name, as a report, or in the note of a status."""
    if not RELAPSE_NAMES.isdisjoint(read.concepts) and _answers_relapse(read, vocabulary):
        return TOLD
    if not _NARRATIVES.isdisjoint(read.concepts):
        kinds = read.concepts & REPORTS
        relapse = concludes_relapse(read.words, read.named, NOTHING, kinds, vocabulary)
        return relapse | names_remission(read.words, read.named, kinds, vocabulary)
    if "disease-status" not in read.concepts:
        return NOTHING
    return _beside_status(read, vocabulary) | _transplant_before(read, vocabulary)


def _transplant_before(read: Reading, vocabulary: Vocabulary) -> frozenset[str]:
    """Return whether the words of a disease status tell that a transplant was before it; an autologous one is another one."""
    told = "relapse-after-hsct" in read.answers
    if not told and (read.named.isdisjoint(TRANSPLANTS) or "auto-hsct" in read.named):
        return NOTHING
    return _TRANSPLANT if told or vocabulary.tells_transplant(read.words) else NOTHING


def _beside_status(read: Reading, vocabulary: Vocabulary) -> frozenset[str]:
    """Return a relapse of the history that a disease status tells beside the state of now: in its words, or in its note."""
    if not RELAPSE_NAMES.isdisjoint(read.answers):
        return PAST if vocabulary.relapses.told_in(read.words) == PAST else NOTHING
    if not read.note:
        return NOTHING
    noted = frozenset(vocabulary.terms.names_in(read.note))
    return PAST if note_tells_relapse(read.note, noted, vocabulary, of_leukaemia=True) else NOTHING


def _answers_relapse(read: Reading, vocabulary: Vocabulary) -> bool:
    """Return whether a result that is named `relapse`, and nothing more, has an answer that does not say no."""
    if not read.by_name or read.amount is not None or not all(map(is_judgement, read.concepts)):
        return False
    if not vocabulary.relapses.is_plain(read.text):
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
    """Return how a report concludes a relapse that may be of the leukaemia, by a code or in plain words, as concepts.

    So does a second remission, or a later one, which it names as such.
    `kinds`: of a report that is about the leukaemia, whatever it names.
    """
    if not RELAPSE_AT_VISITS.isdisjoint(coded):
        return TOLD
    told = NOTHING if _SPOKEN_OF.isdisjoint(named) else vocabulary.relapses.told_in(said)
    told |= {concept for concept in LATER_REMISSIONS.intersection(named) if not _is_denied(concept, said, vocabulary)}
    return told if told and _may_be_of_the_all(said, named, kinds, vocabulary) else NOTHING


def names_remission(said: str, named: Iterable[str], kinds: frozenset[str], vocabulary: Vocabulary) -> frozenset[str]:
    """Return whether a report names a remission that may be of the leukaemia, and no relapse of now, as concepts."""
    found = REMISSIONS.intersection(named)
    if not found or all(_is_denied(concept, said, vocabulary) for concept in found):
        return NOTHING
    relapse = NOTHING if _SPOKEN_OF.isdisjoint(named) else vocabulary.relapses.told_in(said)
    if relapse not in {NOTHING, PAST} or not _may_be_of_the_all(said, named, kinds, vocabulary):
        return NOTHING
    return frozenset({REMISSION_TOLD})


def _may_be_of_the_all(said: str, named: Iterable[str], kinds: frozenset[str], vocabulary: Vocabulary) -> bool:
    leukaemias = [concept for concept in named if is_leukaemia(concept)]
    if leukaemias:
        return any(concept.startswith(OF_THE_ALL) for concept in leukaemias)
    return bool(kinds) or vocabulary.diseases.names_all(said) or vocabulary.phrases.is_plain(said, vocabulary.judgements)


def _is_denied(concept: str, said: str, vocabulary: Vocabulary) -> bool:
    names = vocabulary.names.get(concept)
    return names is None or vocabulary.phrases.is_denied(said, names)


def note_tells_relapse(note: str, named: frozenset[str], vocabulary: Vocabulary, *, of_leukaemia: bool) -> bool:
    """Return whether a note tells or suspects a relapse of the leukaemia: that of a leukaemia also where it does not name it."""
    if _SPOKEN_OF.isdisjoint(named):
        return False
    if not (vocabulary.diseases.names_all(note) or any(concept.startswith(OF_THE_ALL) for concept in named)):
        if not of_leukaemia:
            return False
        note = vocabulary.relapses.without_recurring(note)
    return bool(vocabulary.relapses.told_in(note))
