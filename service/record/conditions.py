"""Conditions and allergies: those that count, with their codes, status and dates."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

from service.record.codes import NOTHING, Coded, coded, concept_of
from service.record.record import Diagnosis, Sensitivity
from service.record.said import findings_in, findings_of
from service.record.tolerant import Json, day, mapping, mappings, notes, period, refuse_modified, text
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
_STATUSES = frozenset({"relapse", "recurrence", "remission"})
_CERTAINTY = "icd-10-gm-certainty"  # the letter beside a German code
_LETTERS = {"verification-confirmed": "confirmed", "verification-refuted": REFUTED, "status-resolved": "confirmed"}
_UNSURE = "unconfirmed"
_BEHIND = re.compile(r"[A-Z]\d\d[.\d]*[-!*+† ]*([A-Z]+)")  # a code of ICD-10-GM, its marks, and letters of certainty and side


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
    letters = _letters(resource, shelf)
    if letters:
        verification |= {_LETTERS.get(letter, _UNSURE) for letter in letters}
    refuted = REFUTED in verification
    torn = refuted and not verification.isdisjoint(_NOT_REFUTED)
    code = coded(resource, "code", shelf.terms)
    morphology = _morphology(resource, shelf)
    sites = [concept_of(site, shelf.terms, f"bodySite[{position}].") for position, site in mappings(resource, "bodySite")]
    note = notes(resource)
    said = shelf.clipped(f"{code.text} | {note}".strip(" |"), reference)
    in_code = findings_of(code.text, shelf)
    clinical = _status(resource, "clinicalStatus", shelf)
    onset, _ = period(resource, "onsetPeriod")
    abated, _ = period(resource, "abatementPeriod")
    return Diagnosis(
        reference=reference,
        concepts=code.concepts | morphology.concepts,
        coded=code.codings + morphology.codings,
        text=code.text,
        clinical=_over_by_letter(clinical) if "status-resolved" in letters else clinical,
        certain=not torn and DOUBTFUL.isdisjoint(verification) and not (code.by_name and _is_denied(code, shelf)),
        onset=day(resource, "onsetDateTime") or onset,
        recorded=day(resource, "recordedDate"),
        abated=day(resource, "abatementDateTime") or abated,
        sites=frozenset(concept for site in sites for concept in site.concepts),
        note=note,
        named=_without_denied_burkitt(_named(frozenset(names_of(code.text, shelf.terms)), in_code), code.text, shelf),
        says_relapse=_says_relapse(in_code),
        noted=_named(frozenset(shelf.terms.names_in(note)), findings_in(note, shelf)) if note else frozenset(),
        findings=findings_in(said, shelf) if note else findings_of(said, shelf),
        refuted=refuted and not torn,
    )


def _letters(resource: Json, shelf: Shelf) -> set[str]:
    """Return the concepts of the letters that say how sure German codes are, each beside its code or behind it.

    '' stands for one beside a code that is missing or unknown; behind a code other letters may stand, such as that of a side.
    """
    found: set[str] = set()
    code = mapping(resource, "code")
    for position, coding in mappings(code, "coding", "code."):
        path = f"code.coding[{position}]."
        if (written := text(coding, "code", path))[-1:].isalpha() and (behind := _BEHIND.fullmatch(written)) is not None:
            german = shelf.terms.system_of(text(coding, "system", path)) == "icd-10-gm"
            found.update(concept for letter in behind[1] for concept in shelf.terms.concepts_of(_CERTAINTY, letter) if german)
        if "extension" not in coding:
            continue
        for number, extension in mappings(coding, "extension", path):
            here = f"{path}extension[{number}]."
            address = text(extension, "url", here)
            if shelf.terms.system_of(address) == _CERTAINTY:
                letter = text(mapping(extension, "valueCoding", here), "code", here) or text(extension, "valueCode", here)
                found.update(shelf.terms.concepts_of(address, letter) or ("",))
    return found


def _over_by_letter(clinical: str) -> str:
    """Return the clinical status of what a letter calls the state after an illness; one that says more is kept."""
    return "resolved" if clinical in {"", "active"} else clinical


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


def _is_denied(code: Coded, shelf: Shelf) -> bool:
    """Return whether a condition that is told by words alone is denied, doubted, or somebody else's."""
    return any(
        shelf.vocabulary.phrases.is_denied(code.text, pattern)
        for concept in code.concepts
        if (pattern := shelf.vocabulary.names.get(concept)) is not None
    )


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
