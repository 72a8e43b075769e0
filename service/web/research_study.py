"""A trial as a FHIR R4 ResearchStudy, with the flat criteria as a contained Group.

A Group cannot say alternatives, windows or unknowns: it is a view for reading; what a match says is an extension.
The registry's word of recruitment is kept as it is in an extension, with the day on which it was seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.logic.truth import Truth

if TYPE_CHECKING:
    from datetime import date

    from service.decisions.recruitment import Recruitment
    from service.decisions.trial_verdicts import TrialVerdict
    from service.knowledge.library import Library
    from service.knowledge.registries import Registries
    from service.knowledge.trial_rows import Trial, TrialCriterion, TrialVersion

Json = dict[str, object]

RECRUITMENT = "urn:all-cds:fhir:recruitment"
MATCH = "urn:all-cds:fhir:match"
_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
_COUNTRIES = "urn:iso:std:iso:3166"
_GROUP = "criteria"


def research_study(trial: Trial, version: TrialVersion, recruitment: Recruitment, library: Library) -> Json:
    """Return the study: numbers, title, status, drugs, countries, arms, and the criteria as a contained Group."""
    registries = library.registries
    study: Json = {
        "resourceType": "ResearchStudy",
        "id": trial.id,
        "contained": [_group(version)],
        "extension": [_recruitment(recruitment)],
        "identifier": [_identifier(row.registry, row.number, registries) for row in trial.numbers],
        "title": trial.title,
        **_status(recruitment.status, registries),
        "condition": [_condition(library)],
        "focus": [{"text": name} for name in trial.interventions],
        "enrollment": [{"reference": f"#{_GROUP}"}],
    }
    if trial.phase:
        study["phase"] = {"text": trial.phase}
    if trial.sponsor:
        study["sponsor"] = {"display": trial.sponsor}
    if trial.countries:
        study["location"] = [{"coding": [{"system": _COUNTRIES, "code": code}]} for code in trial.countries]
    if version.arms:
        study["arm"] = [{"name": arm.name, "description": arm.text} for arm in version.arms]
    if page := _page(trial, registries):
        study["relatedArtifact"] = [{"type": "documentation", "display": trial.registry_number, "url": page}]
    return {name: value for name, value in study.items() if value != []}


def fhir_status(word: str, registries: Registries) -> str:
    """Return the research-study-status of the registry's word; empty where FHIR has none."""
    return registries.statuses.get(word, "")


def _status(word: str, registries: Registries) -> Json:
    code = fhir_status(word, registries)
    return {"status": code} if code else {"_status": {"extension": [{"url": _ABSENT, "valueCode": "unknown"}]}}


def _identifier(registry: str, number: str, registries: Registries) -> Json:
    name = registries.registries.get(registry)
    made: Json = {"value": number}
    if name is not None and name.system:
        made["system"] = name.system
    made["type"] = {"text": name.title if name is not None else registry}
    return made


def _page(trial: Trial, registries: Registries) -> str:
    name = registries.registries.get("nct")
    number = trial.registry_number
    return name.page.format(number=number) if name is not None and name.page and number else ""


def _condition(library: Library) -> Json:
    values = library.value_sets.get(library.registries.condition)
    if values is None:
        return {"text": "acute lymphoblastic leukaemia"}
    first = next((code for code in values.codes if code.verified), None)
    if first is None:
        return {"text": values.says}
    uri = library.systems[first.system].uris[0]
    return {"coding": [{"system": uri, "code": first.code, "display": first.display}], "text": values.says}


def _recruitment(recruitment: Recruitment) -> Json:
    parts: list[Json] = []
    if recruitment.status:
        parts.append({"url": "status", "valueCode": recruitment.status})
    if recruitment.seen is not None:
        parts.append({"url": "seen", "valueDate": _day(recruitment.seen)})
    parts.append({"url": "open", "valueCode": recruitment.open})
    if recruitment.source:
        parts.append({"url": "source", "valueString": recruitment.source})
    return {"url": RECRUITMENT, "extension": parts}


def _day(day: date) -> str:
    return day.isoformat()


def _group(version: TrialVersion) -> Json:
    return {
        "resourceType": "Group",
        "id": _GROUP,
        "type": "person",
        "actual": False,
        "characteristic": [_characteristic(row) for row in version.criteria],
    }


def _characteristic(row: TrialCriterion) -> Json:
    return {"code": {"text": f"{row.id} {row.text}"}, "valueBoolean": True, "exclude": row.kind == "exclusion"}


def score(verdict: TrialVerdict) -> float:
    """Return how far the patient goes with the trial: 1 fits, 0 does not, between them the share of criteria that are met."""
    if verdict.fit != "needs-data":
        return 1.0 if verdict.fit == "fits" else 0.0
    truths = verdict.judged.truths
    met = sum(truth is Truth.YES for truth in truths)
    # never 1: something is missing; never 0: nothing excludes
    return round((met + 0.5) / (len(truths) + 1), 3)


def match_extension(verdict: TrialVerdict) -> Json:
    """Return the answer as an extension: the fit, what fails, what is missing, and each criterion with its evidence."""
    return {
        "url": MATCH,
        "extension": [
            {"url": "fit", "valueCode": verdict.fit},
            *({"url": "failing", "valueString": name} for name in verdict.failing),
            *({"url": "needs", "valueString": name} for name in verdict.needs),
            *({"url": "confirm", "valueString": f"{name} {text}"} for name, text in verdict.confirm()),
            *({"url": "flag", "valueCode": name} for name in verdict.flags),
            *(_criterion(result.id, result.text, result.truth, result.evidence) for result in verdict.judged.results()),
        ],
    }


def _criterion(name: str, text: str, truth: Truth, evidence: tuple[str, ...]) -> Json:
    return {
        "url": "criterion",
        "extension": [
            {"url": "id", "valueString": name},
            {"url": "text", "valueString": text},
            {"url": "truth", "valueCode": truth.word},
            *({"url": "evidence", "valueReference": {"reference": reference}} for reference in evidence),
        ],
    }
