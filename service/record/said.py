"""What the words of a result say: of its test, of named markers, and of the one thing it is about."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from service.record.disease_words import Stance, is_leukaemia
from service.record.methods_told import is_method, with_methods
from service.record.relapse_places import with_places_told
from service.record.shelf import Spoken
from service.record.vocabulary import is_judgement
from service.record.wanted import LONGEST_REMEMBERED, names_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from service.logic.dates import PartialDate
    from service.record.codes import Coded
    from service.record.findings import Answer, Finding
    from service.record.phrases import Phrases
    from service.record.shelf import Shelf
    from service.record.vocabulary import Vocabulary

Findings = tuple[tuple[str, "Finding"], ...]
"""What is said of markers, by concept."""

ANTIGENS = frozenset({"cd19-blasts", "cd22-blasts"})
OF_ONE_DISEASE = ANTIGENS | {"mrd", "disease-status", "marrow-blasts"}


_OF_ASSAY = ANTIGENS | {"mrd"}


def may_be_of_other_disease(code: Coded) -> bool:
    """Return whether the name of a test must be looked at: it may tell of another disease, or of what the test can find."""
    return not OF_ONE_DISEASE.isdisjoint(code.concepts) or bool(_of_assay(code))


def _of_assay(code: Coded) -> frozenset[str]:
    """Return what a test known by name alone finds, and is not about where its name tells of the limits of the test."""
    if not code.by_name:
        return frozenset()
    return frozenset(c for c in code.concepts if c in _OF_ASSAY or c.startswith(("marker-", "bcr-abl1-")))


def tested(code: Coded, shelf: Shelf, reference: str) -> frozenset[str]:
    """Return what a test is about; nothing of the leukaemia where its name, whatever its code, is that of another disease.

    One known by name alone is no MRD, antigen or marker where the name tells of a limit of the test, no antigen or marker where
    it tells of a donor or a relative, and no MRD where it tells of lymphocytes.
    """
    if may_be_of_other_disease(code) and shelf.vocabulary.phrases.is_of_other_disease(code.text):
        shelf.problem(
            "warning", "other-disease", f"{reference} code", "The name of the test is that of another disease; not used"
        )
        return code.concepts - OF_ONE_DISEASE
    found = _of_assay(code)
    if not found:
        return code.concepts
    phrases = shelf.vocabulary.phrases
    if phrases.assay.is_about(code.text):
        return code.concepts - found
    if phrases.is_of_relative(code.text):
        return code.concepts - (found - {"mrd"})
    return code.concepts - {"mrd"} if "mrd" in found and phrases.is_lymphocyte_subset(code.text) else code.concepts


def affirmed(value: Coded, shelf: Shelf, *, dated: bool = False) -> frozenset[str]:
    """Return what a value says: judgements that come from words alone only where nothing beside them could turn their sense.

    `dated`: it is a status of the disease, and may tell since which day nothing was seen. A leukaemia, a CNS status or a
    pregnancy that words alone name is told only where they neither deny nor doubt it.
    """
    concepts = value.concepts
    if not value.by_name:
        return concepts
    concepts = with_places_told(not_denied(value.text, concepts, shelf.vocabulary), value.text, shelf.vocabulary)
    if any(map(is_leukaemia, concepts)):
        concepts = concepts.difference(*stances(value.text, concepts, shelf.vocabulary))
    judged = frozenset(filter(is_judgement, concepts))
    plainly = not judged or shelf.vocabulary.is_plain_judgement(value.text, judged, dated=dated)
    return concepts if plainly else concepts - judged


_OPPOSITES: dict[frozenset[str], Answer] = {
    frozenset({"answer-positive"}): "negative",
    frozenset({"answer-negative"}): "positive",
}
_ANSWERS = frozenset[str]().union(*_OPPOSITES)
_NO_ANSWER = frozenset({"answer-indeterminate"})


def answered(value: Coded, code: Coded, shelf: Shelf) -> frozenset[str]:
    """Return what the value of a test says; indeterminate beside that where its code and the words with it say the opposite."""
    found = affirmed(value, shelf, dated="disease-status" in code.concepts)
    opposite = _OPPOSITES.get(found & _ANSWERS) if value.codings and not value.by_name else None
    if opposite is None:
        return found
    parts = value.text.split(" | ") if value.text else ()
    return found | _NO_ANSWER if any(opposite in _told_by(part, code, shelf) for part in parts) else found


def _told_by(part: str, code: Coded, shelf: Shelf) -> set[Answer | None]:
    """Return what some words say of the test, whether they name what was tested or not."""
    spoken = spoken_in(part, shelf)
    named = (finding.answer for concept, finding in spoken.findings if concept in code.concepts and not finding.contradictory)
    return {told_in(part, spoken, code, shelf.vocabulary), *named}


def since_told(code: Coded, value: Coded, shelf: Shelf) -> PartialDate | None:
    """Return since which day a status of the disease is so, where its words tell that."""
    return shelf.vocabulary.relapses.since(value.text) if value.by_name and "disease-status" in code.concepts else None


_DENIABLE = frozenset({"cns1", "cns2", "cns3", "pregnancy"})


def not_denied(said: str, named: frozenset[str], vocabulary: Vocabulary) -> frozenset[str]:
    """Return what a text names without a CNS status or a pregnancy that it denies or doubts, or one of two."""
    if _DENIABLE.isdisjoint(named):
        return named
    patterns = {concept: pattern for concept in _DENIABLE & named if (pattern := vocabulary.names.get(concept)) is not None}
    phrases = vocabulary.phrases
    return named.difference(
        concept
        for concept, pattern in patterns.items()
        if phrases.is_denied(said, pattern) or (concept != "pregnancy" and phrases.names_two(said, pattern))
    )


def named_in_note(code: Coded, noted: str, shelf: Shelf) -> frozenset[str]:
    """Return what a note names, for a test of which a note tells how it was measured: a saturation, on oxygen or not."""
    return frozenset(shelf.terms.names_in(noted)) if noted and "spo2" in code.concepts else frozenset()


_FUSIONS = frozenset(
    {
        "marker-ph",
        "marker-kmt2a-r",
        "marker-etv6-runx1",
        "marker-tcf3-pbx1",
        "marker-tcf3-hlf",
        "etv6-runx1-rtpcr",
        "kmt2a-aff1-rtpcr",
    }
)
_TRANSCRIPTS = frozenset({"bcr-abl1-rtpcr-p190", "bcr-abl1-rtpcr-p210"})
_UNCLEAR = frozenset({None, "indeterminate"})
_BLASTS_OF_FLUID = frozenset({"csf-blasts-percent", "csf-blasts-count"})


def told_in(said: str, spoken: Spoken, code: Coded, vocabulary: Vocabulary) -> Answer | None:
    """Return what the words of a result say of the one thing it is about, which they may name again."""
    if not said:
        return spoken.answer
    phrases = vocabulary.phrases
    if not _BLASTS_OF_FLUID.isdisjoint(code.concepts):
        return phrases.blasts_told(said) or spoken.answer
    if spoken.answer not in _UNCLEAR:
        return spoken.answer
    if "mrd" in code.concepts:
        denied = phrases.residual.as_answer(said)
        return spoken.answer if denied is None else phrases.answer(denied)
    if not ANTIGENS.isdisjoint(code.concepts):
        graded = phrases.grades.as_answers(said)
        return spoken.answer if graded is None else phrases.answer(graded)
    return (_of_fusion(said, spoken, code.concepts, phrases) if _is_of_fusion(code) else None) or spoken.answer


def _is_of_fusion(code: Coded) -> bool:
    return not _FUSIONS.isdisjoint(code.concepts) or _is_of_bcr_abl1(code.concepts)


def _is_of_bcr_abl1(tested: frozenset[str]) -> bool:
    return "marker-ph" in tested or any(concept.startswith("bcr-abl1-") for concept in tested)


def _of_fusion(said: str, spoken: Spoken, tested: frozenset[str], phrases: Phrases) -> Answer | None:
    """Return the answer of a test of a fusion whose words name the fusion or a transcript of it again; None where it is unclear.

    One transcript that is there is enough; that one is not there tells nothing of the others, unless the test is of this one.
    In a test of another fusion than BCR::ABL1 a transcript of that tells nothing.
    """
    if phrases.fusion.names_transcript(said) and not _is_of_bcr_abl1(tested):
        return None
    answers = {phrases.answer(part) for part in phrases.fusion.as_answers(said)}
    if answers in ({"positive"}, {"positive", "negative"}):
        return "positive"
    named = spoken.named & _TRANSCRIPTS
    of_all = named <= tested if named else not phrases.fusion.names_transcript(said)
    return "negative" if answers == {"negative"} and of_all else None


def given_in(said: str, named: Iterable[str], vocabulary: Vocabulary) -> frozenset[str]:
    """Return the immunotherapies and kinase inhibitors that a text names and says to have been given before what it tells."""
    found = vocabulary.told_before.intersection(named)
    if not found:
        return found
    patterns = ((concept, vocabulary.names.get(concept)) for concept in found)
    says_given = vocabulary.diseases.says_given
    return frozenset(concept for concept, names in patterns if names is not None and says_given(said, names))


def stances(said: str, named: frozenset[str], vocabulary: Vocabulary) -> tuple[frozenset[str], frozenset[str]]:
    """Return which of the leukaemias that a text names it denies, and which it doubts."""
    found: dict[Stance, set[str]] = {stance: set() for stance in Stance}
    for concept in filter(is_leukaemia, named):
        pattern = vocabulary.names.get(concept)
        if pattern is not None:
            found[vocabulary.diseases.stance(said, pattern)].add(concept)
    return frozenset(found[Stance.DENIED]), frozenset(found[Stance.DOUBTED])


_SILENT = Spoken((), None, not_quantifiable=False, named=frozenset())


def spoken_in(said: str, shelf: Shelf) -> Spoken:
    """Return what the words of a result say."""
    if not said:
        return _SILENT
    found = shelf.spoken.get(said)
    if found is None:
        phrases, named = shelf.vocabulary.phrases, shelf.terms.names_in(said)
        found = shelf.spoken[said] = Spoken(
            _remembered_findings(said, named, shelf),
            phrases.answer(said),
            not_quantifiable=phrases.is_not_quantifiable(said),
            named=not_denied(said, frozenset(named), shelf.vocabulary),
        )
    return found


def findings_in(said: str, shelf: Shelf, named: tuple[str, ...] | None = None) -> Findings:
    """Return what a text says of each marker that it names; `named`: what it names, where that was looked up already."""
    if not said:
        return ()
    remembered = shelf.findings.get(said)
    if remembered is not None:
        return remembered
    return _remembered_findings(said, shelf.terms.names_in(said) if named is None else named, shelf)


def findings_of(name: str, shelf: Shelf) -> Findings:
    """Return what the words of a catalogue, such as the name of a disease, say of each marker that they name."""
    if len(name) > LONGEST_REMEMBERED:
        return findings_in(name, shelf)
    return _findings_of_catalogue(name, shelf.vocabulary) if name else ()


def _remembered_findings(said: str, named: tuple[str, ...], shelf: Shelf) -> Findings:
    found = shelf.findings[said] = _findings(said, named, shelf.vocabulary)
    return found


@lru_cache(maxsize=4_096)
def _findings_of_catalogue(name: str, vocabulary: Vocabulary) -> Findings:
    return _findings(name, names_of(name, vocabulary.terms), vocabulary)


def _findings(said: str, named: tuple[str, ...], vocabulary: Vocabulary) -> Findings:
    phrases, more = vocabulary.phrases, vocabulary.named_markers
    patterns = [*vocabulary.markers.items()]
    patterns += [(name, more[name]) for name in named if name in more]
    found = (
        (concept, phrases.finding(said, pattern, numbered=concept == "status-relapse", graded=concept in ANTIGENS))
        for concept, pattern in patterns
    )
    told = [(concept, _of_transcript(concept, finding, said, vocabulary)) for concept, finding in found if finding is not None]
    if any(map(is_method, named)):
        by_name = dict(patterns)
        told = [(concept, with_methods(by_name[concept], finding, said, vocabulary)) for concept, finding in told]
    return tuple(told)


def _of_transcript(concept: str, finding: Finding, said: str, vocabulary: Vocabulary) -> Finding:
    """Return what is said of BCR::ABL1, also where it is said of one transcript that is there."""
    fusion = vocabulary.phrases.fusion
    if concept != "marker-ph" or finding.answer != "indeterminate" or not fusion.names_transcript(said):
        return finding
    again = vocabulary.phrases.finding(fusion.without_transcripts(said), vocabulary.markers[concept])
    return again if again is not None and again.answer == "positive" and not again.contradictory else finding
