"""Trials as FHIR: `GET /fhir/ResearchStudy`, by id or searched for, and `POST /fhir/ResearchStudy/$match` for one patient."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from typing import TYPE_CHECKING

import orjson
from flask import Blueprint, Response, request

from service.assembly import QUESTION_PARAMETERS, read_question
from service.decisions.trials_on_file import trials_on_file
from service.errors import RequestError
from service.web.body import read_body
from service.web.errors import outcome
from service.web.fhir_paging import PAGING, FhirPage
from service.web.match_input import match_input
from service.web.parameters import given_parameters
from service.web.research_study import fhir_status, match_extension, research_study, score

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.assembly import Service
    from service.consultation import Question
    from service.knowledge.trial_rows import Trial

Json = dict[str, object]

_FILTERS = ("_id", "identifier", "condition", "status")
_MATCHED = ("suitable", "all")


def fhir_blueprint(service: Service) -> Blueprint:
    """Return the routes of trials in FHIR."""
    blueprint = Blueprint("fhir", __name__, url_prefix="/fhir")

    @blueprint.get("/ResearchStudy/<study_id>")
    def read(study_id: str) -> Response:
        question = _question(service, given_parameters(request.args, QUESTION_PARAMETERS))
        study = next((found for trial, found in _listed(service, question) if trial.id == study_id), None)
        if study is None:
            return outcome(HTTPStatus.NOT_FOUND, "not-found", "unknown-trial", "no trial on file has this id on that day")
        return _answer(study)

    @blueprint.get("/ResearchStudy")
    def search() -> Response:
        given = given_parameters(request.args, (*QUESTION_PARAMETERS, *_FILTERS, *PAGING))
        page = FhirPage.taken_from(given)
        sent = dict(given)
        asked = {name: given.pop(name) for name in _FILTERS if name in given}
        question = _question(service, given)
        found = [study for trial, study in _listed(service, question) if _wanted(service, trial, study, asked)]
        bundle = _bundle([{"resource": study, "search": {"mode": "match"}} for study in found[page.of(found)]])
        bundle["total"], bundle["link"] = len(found), page.links(_address(service), sent, len(found))
        return _answer(bundle)

    @blueprint.post("/ResearchStudy/$match")
    def match() -> Response:
        given = given_parameters(request.args, (*QUESTION_PARAMETERS, "fit"))
        shown = given.pop("fit", "suitable")
        if shown not in _MATCHED:
            raise RequestError("not a choice of trials", where="fit", hint=f"one of {', '.join(_MATCHED)}")
        sent = match_input(read_body(request, service.settings))
        question = _question(service, given)
        consultation = service.consult_bundle(sent.bundle, question)
        library = service.rules.library
        entries: list[Json] = []
        for verdict in () if consultation.deceased else consultation.trials:
            status = fhir_status(verdict.recruitment.status, library.registries)
            if (shown != "all" and verdict.fit == "does-not-fit") or not sent.wants(verdict.trial.phase, status):
                continue
            study = research_study(verdict.trial, verdict.bound.version, verdict.recruitment, library)
            study["extension"] = [*_list(study["extension"]), match_extension(verdict)]
            entries.append({"resource": study, "search": {"mode": "match", "score": score(verdict)}})
        if sent.not_used:
            entries.append({"resource": _not_used(sent.not_used), "search": {"mode": "outcome"}})
        return _answer(_bundle(entries))

    return blueprint


def _address(service: Service) -> str:
    """Return the address of the search as clients reach it; as it was called where none is set up."""
    base = service.settings.public_base_url
    return base + request.path if base else request.base_url


def _question(service: Service, given: dict[str, str]) -> Question:
    return read_question(given, service.settings, date.today())  # noqa: DTZ011 - the day where the service runs


def _listed(service: Service, question: Question) -> Iterator[tuple[Trial, Json]]:
    """Yield the trials on file as of the day asked, each with its study."""
    days = (question.as_of, question.known_by, question.sighting_stale_days)
    for row in trials_on_file(service.rules, service.registry(), *days):
        yield row.trial, research_study(row.trial, row.bound.version, row.recruitment, service.rules.library)


def _wanted(service: Service, trial: Trial, study: Json, asked: dict[str, str]) -> bool:
    checks = {
        "_id": lambda value: trial.id in value.split(","),
        "identifier": lambda value: any(row.number == value.rpartition("|")[2] for row in trial.numbers),
        "status": lambda value: study.get("status") in value.split(","),
        "condition": lambda value: any(_of_the_condition(service, word) for word in value.split(",")),
    }
    return all(checks[name](value) for name, value in asked.items())


def _of_the_condition(service: Service, token: str) -> bool:
    """Return whether a token, with or without its system, is a code of the leukaemia of our trials or of one above it."""
    system, bar, code = token.rpartition("|")
    library = service.rules.library
    for concept in (library.registries.condition, "all-unspecified-lineage"):
        values = library.value_sets.get(concept)
        for row in values.codes if values is not None else ():
            if row.code == code and (not bar or system in library.systems[row.system].uris):
                return True
    return False


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else []


def _not_used(names: tuple[str, ...]) -> Json:
    text = f"These parameters were not used: {', '.join(names)}"
    return {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": "information", "code": "not-supported", "diagnostics": text}],
    }


def _bundle(entries: list[Json]) -> Json:
    total = sum(1 for entry in entries if entry["search"] != {"mode": "outcome"})
    bundle: Json = {"resourceType": "Bundle", "type": "searchset", "total": total}
    if entries:
        bundle["entry"] = entries
    return bundle


def _answer(resource: Json) -> Response:
    return Response(orjson.dumps(resource), mimetype="application/fhir+json")
