"""Conditions: those that count, with their codes, status and dates."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from service.logic.dates import PartialDate
from service.logic.units import one_unit, to_unit
from service.record.certainty import LETTERS, OVER_LETTER, letters_of
from service.record.clinical_status import RELAPSED, clinical_status
from service.record.codes import NOTHING as UNCODED
from service.record.codes import Coded, coded, concept_of
from service.record.disease_words import is_leukaemia
from service.record.record import MENTION, Diagnosis, Drug
from service.record.relapse_places import with_places_told
from service.record.relapse_words import FIRST_REMISSION, NOTHING, PAST, SUSPECTED_RELAPSE, TOLD, TRANSPLANTS
from service.record.said import findings_in, findings_of, given_in, stances
from service.record.shelf import LONGEST_READ
from service.record.told_relapse import note_tells_relapse
from service.record.tolerant import MISTAKEN, Json, Unreadable, day, mappings, notes, period, refuse_modified, text
from service.record.vocabulary import RELAPSE, RELAPSES
from service.record.wanted import LONGEST_REMEMBERED, RELAPSE_AT_VISITS, REMISSION_AT_VISITS, names_of

if TYPE_CHECKING:
    from service.record.said import Findings
    from service.record.shelf import Shelf
    from service.record.vocabulary import Vocabulary

REFUTED = "refuted"
_AT_VISIT = "encounter-diagnosis"
DENIED = frozenset({MISTAKEN, REFUTED})
DOUBTFUL = frozenset({"provisional", "differential", "unconfirmed"})
_NOT_REFUTED = DOUBTFUL | {"confirmed"}
OVER = frozenset({"inactive", "resolved"})
ENDED = OVER | {"remission"}
# codes that name the disease together with its state on the day of the recording, each with the one that names the disease alone
STATES = {
    "all-in-relapse": "all-unspecified-lineage",
    "all-in-remission": "all-unspecified-lineage",
    "all-not-in-remission": "all-unspecified-lineage",
    "all-refractory": "all-unspecified-lineage",
    "lymphoid-leukaemia-in-relapse": "lymphoid-leukaemia-unspecified",
    "acute-leukaemia-in-relapse": "acute-leukaemia-unspecified",
    "acute-leukaemia-in-remission": "acute-leukaemia-unspecified",
}
_OF_RELAPSE = RELAPSE_AT_VISITS.union(RELAPSES)
_WITH_RELAPSE = "icd-10-cm"  # the system that has a code of a relapse where the others of its kind have none
_FAILURES = frozenset({"status-refractory", "status-progression", "status-worsened"})
REFRACTORY = frozenset({"all-refractory", "refractory-malignancy"})
_NOT_OVER = frozenset({"", "active"})
_STATUSES = RELAPSED | {"remission"}
_ASSERTED = "http://hl7.org/fhir/StructureDefinition/condition-assertedDate"
_UNDATED_ENDS = ("abatementAge", "abatementRange", "abatementString")
_UNDATED_ONSETS = ("onsetAge", "onsetRange", "onsetString")


def verification_of(resource: Json, shelf: Shelf) -> frozenset[str]:
    """Return all that tells how sure it is, in small letters: a site's own coding may stand first, or words alone."""
    value = resource.get("verificationStatus")
    if isinstance(value, str):
        return frozenset({value.lower()})
    said = coded(resource, "verificationStatus", shelf.terms, named=False)
    return frozenset(word.lower() for word in (*(code for _, code in said.codings), *said.text.split(" | ")) if word)


def read_condition(resource: Json, reference: str, shelf: Shelf) -> Diagnosis | None:
    """Return one diagnosis, marked where it was refuted; None where it was entered in error.

    One that is refuted and also confirmed or suspected is neither there nor not there: it is in doubt.
    """
    refuse_modified(resource)
    verification = verification_of(resource, shelf)
    if MISTAKEN in verification:
        return None
    letters = letters_of(resource, shelf.terms)
    if letters:
        verification |= {LETTERS.get(letter, "unconfirmed") for letter in letters}
    refuted = REFUTED in verification
    torn = refuted and not verification.isdisjoint(_NOT_REFUTED)
    told = _words_of(coded(resource, "code", shelf.terms), shelf.vocabulary)
    code = told.code
    morphology = _morphology(resource, shelf)
    sites = [concept_of(site, shelf.terms, f"bodySite[{position}].") for position, site in mappings(resource, "bodySite")]
    note = " | ".join(part for part in (notes(resource), _beside(resource, shelf)) if part)
    in_note = shelf.terms.names_in(note) if note else ()
    said = shelf.clipped(f"{code.text} | {note}".strip(" |"), reference)
    in_code = findings_of(code.text, shelf)
    says_relapse, names_relapse = _relapse_in(code.text, code.concepts, told.named, in_code, shelf.vocabulary)
    clinical, status_tells = clinical_status(resource, shelf)
    ended = told.over or (_has_undated_end(resource) and not any(map(is_leukaemia, code.concepts)))
    over = clinical in _NOT_OVER and (OVER_LETTER in letters or ended)
    onset, began_before = _onset(resource)
    abated = _abated(resource)
    return Diagnosis(
        reference=reference,
        concepts=code.concepts | morphology.concepts,
        coded=code.codings + morphology.codings,
        text=code.text,
        clinical="resolved" if over else clinical,
        certain=not (torn or told.denied) and DOUBTFUL.isdisjoint(verification),
        onset=onset if onset is not None or began_before else _asserted(resource),
        recorded=day(resource, "recordedDate"),
        abated=abated,
        sites=frozenset(concept for site in sites for concept in site.concepts),
        note=note,
        named=with_places_told(
            _without_denied_burkitt(_named(told.named, says_it=says_relapse), code.text, shelf), code.text, shelf.vocabulary
        ),
        doubted=told.doubted,
        says_relapse=says_relapse,
        names_relapse=names_relapse or status_tells - {FIRST_REMISSION} or _relapse_code_of_no_system(code, shelf),
        first_remission=FIRST_REMISSION in status_tells,
        note_tells_relapse=_note_tells_relapse(note, in_note, code, shelf.vocabulary),
        noted=_named(frozenset(in_note), says_it=_says_relapse(findings_in(note, shelf, in_note))) if note else frozenset(),
        treated=told.treated | given_in(note[:LONGEST_READ], in_note, shelf.vocabulary) if in_note else told.treated,
        grafted=_tells_graft(code.text, told.named, in_code, shelf.vocabulary)
        or _tells_graft(note[:LONGEST_READ], frozenset(in_note), (), shelf.vocabulary),
        findings=findings_in(said, shelf) if note else findings_of(said, shelf),
        refuted=refuted and not torn,
        began_before=began_before,
        onset_age=_age_at_onset(resource.get("onsetAge")),
        at_visit=_is_at_visit(resource.get("category")),
    )


def _is_at_visit(category: object) -> bool:
    """Return whether a category is that of the diagnosis of a visit."""
    kinds = category if isinstance(category, list) else ()
    codings = (kind.get("coding") for kind in kinds if isinstance(kind, dict))
    return any(
        _AT_VISIT in coding.values() for some in codings if isinstance(some, list) for coding in some if isinstance(coding, dict)
    )


def _beside(resource: Json, shelf: Shelf) -> str:
    """Return the words that stand for a note: how the onset is told in words, and at which stage the disease is."""
    stages = (coded(stage, "summary", shelf.terms, f"stage[{n}].").text for n, stage in mappings(resource, "stage"))
    return " | ".join(part for part in (text(resource, "onsetString"), *stages) if part)


def _relapse_code_of_no_system(code: Coded, shelf: Shelf) -> frozenset[str]:
    """Return a relapse as told where the code of one stands with a system that has none such, or none: weak evidence."""
    if not code.concepts.isdisjoint(RELAPSE_AT_VISITS):
        return NOTHING
    meant = (shelf.terms.concepts_of(_WITH_RELAPSE, written) for _, written in code.codings)
    return TOLD if any(not RELAPSE_AT_VISITS.isdisjoint(concepts) for concepts in meant) else NOTHING


def _onset(resource: Json) -> tuple[PartialDate | None, bool]:
    """Return the onset, and whether there was one on a day that is not told."""
    start, end = period(resource, "onsetPeriod")
    onset = day(resource, "onsetDateTime") or PartialDate.of_period(start, end)
    return onset, onset is None and (end is not None or any(resource.get(key) for key in _UNDATED_ONSETS))


def _abated(resource: Json) -> PartialDate | None:
    """Return when a condition was over, the end of a period where only that is told."""
    start, end = period(resource, "abatementPeriod")
    return day(resource, "abatementDateTime") or PartialDate.of_period(start, end) or end


def _asserted(resource: Json) -> PartialDate | None:
    """Return the day on which a condition was first asserted, which profiles write into an extension; None where none is told."""
    told = ((place, one) for place, one in mappings(resource, "extension") if one.get("url") == _ASSERTED)
    return next((on for place, one in told if (on := day(one, "valueDateTime", f"extension[{place}].")) is not None), None)


def _age_at_onset(told: object) -> int | None:
    """Return an age in completed years; None where it is not one exactly."""
    if not isinstance(told, dict) or told.get("comparator") or type(value := told.get("value")) is not int:
        return None
    years = to_unit(Decimal(value), one_unit(text(told, "code", "onsetAge."), text(told, "unit", "onsetAge.")), "a")
    return int(years) if years is not None and years >= 0 and years == int(years) else None


def _has_undated_end(resource: Json) -> bool:
    """Return whether a condition ended at an age or in words, on no day."""
    return any(resource.get(key) for key in _UNDATED_ENDS)


_CELLS_OF_HISTORY = frozenset({"car-t-history", "cell-therapy-history"})


def history_in(diagnosis: Diagnosis) -> Drug | None:
    """Return the treatment of which the code of a history tells; None for none.

    It was given by the day on which that was written down: surely, where the history is certain and tells what it was.
    """
    if diagnosis.concepts.isdisjoint(_CELLS_OF_HISTORY):
        return None
    surely = diagnosis.certain and "car-t-history" in diagnosis.concepts
    return _mention(diagnosis, frozenset({"car-t-infusion"}), given=surely)


def mentioned_in(diagnosis: Diagnosis) -> Drug | None:
    """Return the treatments that the words of a diagnosis say were given, from its onset to its recording; None for none.

    They are like a finished order: perhaps given, never certainly.
    """
    return _mention(diagnosis, diagnosis.treated, given=False) if diagnosis.treated else None


def _mention(diagnosis: Diagnosis, told: frozenset[str], *, given: bool) -> Drug:
    return Drug(
        diagnosis.reference,
        told,
        diagnosis.text,
        MENTION,
        diagnosis.onset,
        diagnosis.recorded,
        given=given,
        finished=True,
    )


def may_tell_relapse(broken: Json, shelf: Shelf) -> bool:
    """Return whether a Condition that is broken somewhere tells a relapse or refractory disease, or may do so."""
    try:
        verification = verification_of(broken, shelf)
    except Unreadable:
        verification = frozenset()
    if not verification.isdisjoint(DENIED | DOUBTFUL):
        return False
    try:
        code = coded(broken, "code", shelf.terms)
        clinical, status_tells = clinical_status(broken, shelf)
    except Unreadable:
        return True
    named = code.concepts.union(names_of(code.text, shelf.terms))
    return (
        not named.isdisjoint(_OF_RELAPSE | REFRACTORY)
        or _says_relapse(findings_of(code.text, shelf))
        or clinical in RELAPSED
        or bool(status_tells - {FIRST_REMISSION})
    )


def tells_state(diagnosis: Diagnosis) -> bool:
    """Return whether a diagnosis says more than the disease: its relapse or remission."""
    named = diagnosis.concepts | diagnosis.named
    return (
        diagnosis.clinical in _STATUSES
        or diagnosis.says_relapse
        or bool(diagnosis.names_relapse)
        or diagnosis.note_tells_relapse
        or any(concept in STATES or concept in RELAPSES for concept in named)
    )


def tells_relapse(diagnosis: Diagnosis) -> bool:
    """Return whether a diagnosis tells a relapse or refractory disease of the leukaemia."""
    named = diagnosis.concepts | diagnosis.named
    says = diagnosis.says_relapse or bool(diagnosis.names_relapse) or diagnosis.clinical in RELAPSED
    return says or not named.isdisjoint(_OF_RELAPSE | REFRACTORY)


def without_state(diagnosis: Diagnosis) -> Diagnosis:
    """Return a diagnosis as it was before it was recorded: the disease and its onset, nothing of a relapse or a remission."""
    return replace(
        diagnosis,
        concepts=frozenset(STATES.get(concept, concept) for concept in diagnosis.concepts).difference(RELAPSES),
        clinical="",
        note="",
        named=diagnosis.named.difference(STATES, RELAPSES),
        says_relapse=False,
        names_relapse=NOTHING,
        note_tells_relapse=False,
        noted=frozenset(),
        findings=tuple(found for found in diagnosis.findings if not found[0].startswith("status-")),
    )


class _Told(NamedTuple):
    """What the words of a diagnosis say of what they, or its code, name."""

    code: Coded  # where words alone name a leukaemia: without what they deny or doubt beside it
    named: frozenset[str]  # what the words name, without the leukaemias that they deny
    doubted: frozenset[str]  # the leukaemias that they doubt
    denied: bool  # named by words alone, and denied, doubted, or somebody else's
    over: bool  # named by words alone, and said to be over
    treated: frozenset[str]  # the immunotherapies and kinase inhibitors that they say were given before


def _told(code: Coded, vocabulary: Vocabulary) -> _Told:
    """Return what the words beside a code say."""
    named = frozenset(names_of(code.text, vocabulary.terms))
    treated = given_in(code.text, named, vocabulary)
    if not any(map(is_leukaemia, named)):
        denied = code.by_name and any(_is_said_away(concept, code.text, vocabulary) for concept in code.concepts)
        over = code.by_name and _is_said_over(code, vocabulary)
        return _Told(code, named, frozenset(), denied, over, treated)
    if "bcp-all" in named and vocabulary.diseases.says_mature(code.text):
        named |= {"burkitt"}
    denied_ones, doubted = stances(code.text, named, vocabulary)
    told = named - denied_ones
    if not code.by_name:
        return _Told(code, told, doubted, denied=False, over=False, treated=treated)
    if not any(map(is_leukaemia, told)):
        return _Told(code, named, denied_ones | doubted, denied=True, over=False, treated=treated)
    told = frozenset(concept for concept in told if is_leukaemia(concept) or not _is_said_away(concept, code.text, vocabulary))
    left = Coded(told, code.codings, code.text, by_name=True)
    return _Told(left, told, doubted, denied=not doubted.isdisjoint(told), over=False, treated=treated)


# the names of diagnoses come again and again, as those of tests do; a long text is a patient's
_remembered = lru_cache(maxsize=4_096)(_told)


def _words_of(code: Coded, vocabulary: Vocabulary) -> _Told:
    return _remembered(code, vocabulary) if len(code.text) <= LONGEST_REMEMBERED else _told(code, vocabulary)


def _is_said_away(concept: str, text_: str, vocabulary: Vocabulary) -> bool:
    pattern = vocabulary.names.get(concept)
    return pattern is not None and vocabulary.phrases.is_denied(text_, pattern)


def _is_said_over(code: Coded, vocabulary: Vocabulary) -> bool:
    patterns = [pattern for concept in code.concepts if (pattern := vocabulary.names.get(concept)) is not None]
    return bool(patterns) and all(vocabulary.diseases.says_over(code.text, pattern) for pattern in patterns)


def _named(concepts: frozenset[str], *, says_it: bool) -> frozenset[str]:
    """Return the concepts that a text names, without the relapses that it denies, doubts, or says of something else."""
    return concepts if says_it else concepts.difference(RELAPSES)


def _without_denied_burkitt(named: frozenset[str], text_: str, shelf: Shelf) -> frozenset[str]:
    """Return the concepts that a text names without the mature leukaemia, where it denies that; one in doubt is named."""
    pattern = shelf.vocabulary.names.get("burkitt") if "burkitt" in named else None
    found = None if pattern is None else shelf.vocabulary.phrases.finding(text_, pattern)
    return named if found is None or found.answer != "negative" or found.contradictory else named - {"burkitt"}


def _relapse_in(
    said: str, concepts: frozenset[str], words: frozenset[str], findings: Findings, vocabulary: Vocabulary
) -> tuple[bool, frozenset[str]]:
    """Return whether a text says a relapse, and how it names one that it neither says nor denies to be of the leukaemia.

    So it names refractory or progressive disease, unless the diagnosis itself is that (`concepts`), and a relapse of the history.
    One of the residual disease alone is none. Where no leukaemia is named, the words may be about another illness.
    """
    named = concepts | words
    if RELAPSE not in dict(findings) and SUSPECTED_RELAPSE not in words:
        return False, TOLD if REFRACTORY.isdisjoint(concepts) and _names_failure(said, named, vocabulary) else NOTHING
    told, denied = vocabulary.relapses.told_in(said), vocabulary.relapses.denies(said)
    in_remission = not concepts.isdisjoint(REMISSION_AT_VISITS)  # a code and words that say the other thing tell neither
    says, names = _says_relapse(findings) and told != PAST and not in_remission, told or (NOTHING if denied else TOLD)
    if any(map(is_leukaemia, named)):
        says_it = says and "mrd" not in named
        return says_it, NOTHING if says_it else names
    return says, names if _may_be_of_the_all(said, vocabulary) else NOTHING


def _note_tells_relapse(note: str, named: tuple[str, ...], code: Coded, vocabulary: Vocabulary) -> bool:
    of_leukaemia = any(map(is_leukaemia, code.concepts))
    return bool(note) and note_tells_relapse(note[:LONGEST_READ], frozenset(named), vocabulary, of_leukaemia=of_leukaemia)


def _may_be_of_the_all(said: str, vocabulary: Vocabulary) -> bool:
    """Return whether a text that names no leukaemia names ALL in three letters, or nothing beside the state and its history."""
    diseases = vocabulary.diseases
    return diseases.names_all(said) or vocabulary.phrases.is_plain(diseases.without_history(said), vocabulary.judgements)


def _names_failure(said: str, named: frozenset[str], vocabulary: Vocabulary) -> bool:
    """Return whether a text names refractory or progressive disease that may be of the leukaemia, and does not deny it."""
    failures = _FAILURES & named
    if not failures or all(_is_said_away(concept, said, vocabulary) for concept in failures):
        return False
    return any(map(is_leukaemia, named)) or _may_be_of_the_all(said, vocabulary)


def _tells_graft(said: str, named: frozenset[str], findings: Findings, vocabulary: Vocabulary) -> bool:
    """Return whether a text says that a transplant was before what it tells; an autologous one is another one."""
    if "relapse-after-hsct" in named and _says_relapse(findings):
        return True
    if named.isdisjoint(TRANSPLANTS) or "auto-hsct" in named:
        return False
    return vocabulary.tells_transplant(said)


def _says_relapse(findings: Findings) -> bool:
    """Return whether a text speaks of a relapse without denying or doubting it."""
    finding = dict(findings).get(RELAPSE)
    return finding is not None and not finding.contradictory and finding.answer in {None, "positive"}


def _morphology(resource: Json, shelf: Shelf) -> Coded:
    """Return the histology that profiles write into an extension of the Condition."""
    found = UNCODED
    for position, extension in mappings(resource, "extension"):
        if extension.get("valueCodeableConcept") is not None:
            more = coded(extension, "valueCodeableConcept", shelf.terms, f"extension[{position}].", named=False)
            found = Coded(found.concepts | more.concepts, found.codings + more.codings, found.text)
    return found
