"""Conditions and allergies: those that count, with their codes, status and dates."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from msgspec.structs import replace

from service.logic.units import one_unit, to_unit
from service.record.certainty import LETTERS, OVER_LETTER, letters_of
from service.record.codes import NOTHING, Coded, coded, concept_of
from service.record.leukaemia_words import is_leukaemia
from service.record.record import MENTION, Diagnosis, Drug, Sensitivity
from service.record.said import findings_in, findings_of, given_in, stances
from service.record.shelf import LONGEST_READ
from service.record.tolerant import Json, Unreadable, day, mapping, mappings, notes, period, refuse_modified, text
from service.record.vocabulary import RELAPSES
from service.record.wanted import names_of

if TYPE_CHECKING:
    from service.record.said import Findings
    from service.record.shelf import Shelf

MISTAKEN, REFUTED = "entered-in-error", "refuted"
DENIED = frozenset({MISTAKEN, REFUTED})
DOUBTFUL = frozenset({"provisional", "differential", "unconfirmed"})
_NOT_REFUTED = DOUBTFUL | {"confirmed"}
OVER = frozenset({"inactive", "resolved"})
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
_NOT_OVER = frozenset({"", "active"})
_STATUSES = frozenset({"relapse", "recurrence", "remission"})
_UNDATED_ENDS = ("abatementAge", "abatementRange", "abatementString")
_UNDATED_ONSETS = ("onsetAge", "onsetRange", "onsetString")


def _status(resource: Json, key: str, shelf: Shelf) -> str:
    """Return the code of a status element; the word alone where an older version wrote a plain string."""
    value = resource.get(key)
    if isinstance(value, str):
        return value
    codings = coded(resource, key, shelf.terms, named=False).codings
    return codings[0][1] if codings else text(mapping(resource, key), "text", f"{key}.")


def _statuses(resource: Json, key: str, shelf: Shelf) -> frozenset[str]:
    """Return everything that a status element says, in small letters: it may hold a site's own coding first, or words alone."""
    value = resource.get(key)
    if isinstance(value, str):
        return frozenset({value.lower()})
    said = coded(resource, key, shelf.terms, named=False)
    return frozenset(word.lower() for word in (*(code for _, code in said.codings), *said.text.split(" | ")) if word)


def read_condition(resource: Json, reference: str, shelf: Shelf) -> Diagnosis | None:
    """Return one diagnosis, marked where it was refuted; None where it was entered in error.

    One that is refuted and also confirmed or suspected is neither there nor not there: it is in doubt.
    """
    refuse_modified(resource)
    verification = _statuses(resource, "verificationStatus", shelf)
    if MISTAKEN in verification:
        return None
    letters = letters_of(resource, shelf.terms)
    if letters:
        verification |= {LETTERS.get(letter, "unconfirmed") for letter in letters}
    refuted = REFUTED in verification
    torn = refuted and not verification.isdisjoint(_NOT_REFUTED)
    code, named, doubted = _told(coded(resource, "code", shelf.terms), shelf)
    morphology = _morphology(resource, shelf)
    sites = [concept_of(site, shelf.terms, f"bodySite[{position}].") for position, site in mappings(resource, "bodySite")]
    note = notes(resource)
    said = shelf.clipped(f"{code.text} | {note}".strip(" |"), reference)
    in_code = findings_of(code.text, shelf)
    clinical = _status(resource, "clinicalStatus", shelf)
    onset, onset_ended = period(resource, "onsetPeriod")
    onset = day(resource, "onsetDateTime") or onset
    abated, abated_by = period(resource, "abatementPeriod")
    abated = day(resource, "abatementDateTime") or abated or abated_by
    return Diagnosis(
        reference=reference,
        concepts=code.concepts | morphology.concepts,
        coded=code.codings + morphology.codings,
        text=code.text,
        clinical="resolved" if _is_said_over(resource, clinical, letters, code, shelf) else clinical,
        certain=not torn and DOUBTFUL.isdisjoint(verification) and not (code.by_name and _is_denied(code, doubted, shelf)),
        onset=onset,
        recorded=day(resource, "recordedDate"),
        abated=abated,
        sites=frozenset(concept for site in sites for concept in site.concepts),
        note=note,
        named=_without_denied_burkitt(_named(named, in_code), code.text, shelf),
        doubted=doubted,
        says_relapse=_says_relapse(in_code),
        noted=_named(frozenset(shelf.terms.names_in(note)), findings_in(note, shelf)) if note else frozenset(),
        findings=findings_in(said, shelf) if note else findings_of(said, shelf),
        refuted=refuted and not torn,
        began_before=onset is None and (onset_ended is not None or any(resource.get(key) for key in _UNDATED_ONSETS)),
        onset_age=_age_at_onset(resource.get("onsetAge")),
    )


def _age_at_onset(told: object) -> int | None:
    """Return an age in completed years; None where it is not one exactly."""
    if not isinstance(told, dict) or told.get("comparator") or type(value := told.get("value")) is not int:
        return None
    years = to_unit(Decimal(value), one_unit(text(told, "code", "onsetAge."), text(told, "unit", "onsetAge.")), "a")
    return int(years) if years is not None and years >= 0 and years == int(years) else None


def mentioned_in(diagnosis: Diagnosis, shelf: Shelf) -> Drug | None:
    """Return the immunotherapies that the words of a diagnosis say were given, from its onset to its recording; None for none.

    They are like a finished order: perhaps given, never certainly.
    """
    told = given_in(diagnosis.text, names_of(diagnosis.text, shelf.terms), shelf)
    told |= given_in(diagnosis.note[:LONGEST_READ], diagnosis.noted, shelf)
    if not told:
        return None
    return Drug(
        diagnosis.reference,
        told,
        diagnosis.text,
        MENTION,
        diagnosis.onset,
        diagnosis.recorded,
        given=False,
        finished=True,
    )


def _is_said_over(resource: Json, clinical: str, letters: set[str], code: Coded, shelf: Shelf) -> bool:
    """Return whether a condition is over without a status that says so.

    A German letter tells it, an end without a day, or the words that name the condition; of a leukaemia, the letter alone.
    """
    if clinical not in _NOT_OVER:
        return False
    if OVER_LETTER in letters:
        return True
    if any(map(is_leukaemia, code.concepts)):
        return False
    if any(resource.get(key) for key in _UNDATED_ENDS):
        return True
    if not code.by_name:
        return False
    patterns = [pattern for concept in code.concepts if (pattern := shelf.vocabulary.names.get(concept)) is not None]
    return bool(patterns) and all(shelf.vocabulary.diseases.says_over(code.text, pattern) for pattern in patterns)


_OF_RELAPSE = frozenset({"all-in-relapse", "lymphoid-leukaemia-in-relapse", "acute-leukaemia-in-relapse"})
_REFRACTORY = frozenset({"all-refractory", "refractory-malignancy"})


def may_tell_relapse(broken: Json, shelf: Shelf) -> bool:
    """Return whether a Condition that is broken somewhere tells a relapse or refractory disease, or may do so."""
    try:
        verification = _statuses(broken, "verificationStatus", shelf)
    except Unreadable:
        verification = frozenset()
    if not verification.isdisjoint(DENIED | DOUBTFUL):
        return False
    try:
        code = coded(broken, "code", shelf.terms)
        named = code.concepts.union(names_of(code.text, shelf.terms))
        if not named.isdisjoint({*_OF_RELAPSE, *_REFRACTORY, *RELAPSES}) or _says_relapse(findings_of(code.text, shelf)):
            return True
    except Unreadable:
        pass  # its status may tell
    try:
        return not _statuses(broken, "clinicalStatus", shelf).isdisjoint({"relapse", "recurrence"})
    except Unreadable:
        return True


def tells_state(diagnosis: Diagnosis) -> bool:
    """Return whether a diagnosis says more than the disease: its relapse or remission."""
    named = diagnosis.concepts | diagnosis.named
    return (
        diagnosis.clinical in _STATUSES
        or diagnosis.says_relapse
        or any(concept in STATES or concept in RELAPSES for concept in named)
    )


def without_state(diagnosis: Diagnosis) -> Diagnosis:
    """Return a diagnosis as it was before it was recorded: the disease and its onset, nothing of a relapse or a remission."""
    return replace(
        diagnosis,
        concepts=frozenset(STATES.get(concept, concept) for concept in diagnosis.concepts).difference(RELAPSES),
        clinical="",
        note="",
        named=diagnosis.named.difference(STATES, RELAPSES),
        says_relapse=False,
        noted=frozenset(),
        findings=tuple(found for found in diagnosis.findings if not found[0].startswith("status-")),
    )


def _told(code: Coded, shelf: Shelf) -> tuple[Coded, frozenset[str], frozenset[str]]:
    """Return a code, the concepts that its text names without the leukaemias that it denies, and the leukaemias that it doubts.

    Where words alone name a leukaemia, whatever they deny or doubt beside it is not told.
    """
    named = frozenset(names_of(code.text, shelf.terms))
    if not any(map(is_leukaemia, named)):
        return code, named, frozenset()
    if "bcp-all" in named and shelf.vocabulary.diseases.says_mature(code.text):
        named |= {"burkitt"}
    denied, doubted = stances(code.text, named, shelf.vocabulary)
    told = named - denied
    if not code.by_name:
        return code, told, doubted
    if not any(map(is_leukaemia, told)):
        return code, named, denied | doubted
    told = frozenset(concept for concept in told if is_leukaemia(concept) or not _is_said_away(concept, code.text, shelf))
    return Coded(told, code.codings, code.text, by_name=True), told, doubted


def _is_denied(code: Coded, doubted: frozenset[str], shelf: Shelf) -> bool:
    """Return whether a condition that is told by words alone is denied, doubted, or somebody else's."""
    if any(map(is_leukaemia, code.concepts)):
        return not doubted.isdisjoint(code.concepts)
    return any(_is_said_away(concept, code.text, shelf) for concept in code.concepts)


def _is_said_away(concept: str, text_: str, shelf: Shelf) -> bool:
    pattern = shelf.vocabulary.names.get(concept)
    return pattern is not None and shelf.vocabulary.phrases.is_denied(text_, pattern)


def _named(concepts: frozenset[str], findings: Findings) -> frozenset[str]:
    """Return the concepts that a text names, without the relapses that it denies, doubts, or says of something else."""
    return concepts if concepts.isdisjoint(RELAPSES) or _says_relapse(findings) else concepts.difference(RELAPSES)


def _without_denied_burkitt(named: frozenset[str], text_: str, shelf: Shelf) -> frozenset[str]:
    """Return the concepts that a text names without the mature leukaemia, where it denies that; one in doubt is named."""
    pattern = shelf.vocabulary.names.get("burkitt") if "burkitt" in named else None
    found = None if pattern is None else shelf.vocabulary.phrases.finding(text_, pattern)
    return named if found is None or found.answer != "negative" or found.contradictory else named - {"burkitt"}


def _says_relapse(findings: Findings) -> bool:
    """Return whether a text speaks of a relapse without denying or doubting it."""
    finding = dict(findings).get("status-relapse")
    return finding is not None and not finding.contradictory and finding.answer in {None, "positive"}


def _morphology(resource: Json, shelf: Shelf) -> Coded:
    """Return the histology that profiles write into an extension of the Condition."""
    found = NOTHING
    for position, extension in mappings(resource, "extension"):
        if extension.get("valueCodeableConcept") is not None:
            more = coded(extension, "valueCodeableConcept", shelf.terms, f"extension[{position}].", named=False)
            found = Coded(found.concepts | more.concepts, found.codings + more.codings, found.text)
    return found


def read_allergy(resource: Json, reference: str, shelf: Shelf) -> Sensitivity | None:
    """Return one allergy or intolerance, with the substances of its reactions; None where it was refuted or is over."""
    if (
        not DENIED.isdisjoint(_statuses(resource, "verificationStatus", shelf))
        or _status(resource, "clinicalStatus", shelf) in OVER
    ):
        return None
    code = coded(resource, "code", shelf.terms)
    when = day(resource, "onsetDateTime") or day(resource, "recordedDate")
    reactions = (coded(reaction, "substance", shelf.terms, f"reaction[{n}].") for n, reaction in mappings(resource, "reaction"))
    substances = frozenset(concept for substance in reactions for concept in substance.concepts)
    return Sensitivity(reference, code.concepts | substances, code.text, when)
