"""`POST /assess`: a Bundle in, the assessment out; with `format=cards` the cards."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import orjson
from flask import Blueprint, Response, request

from service.assembly import QUESTION_PARAMETERS, read_question
from service.consultation import assessment_document
from service.errors import RequestError
from service.settings import read_language
from service.web.answers import answer_cards, json_answer
from service.web.body import read_body
from service.web.call_language import language_of_the_call
from service.web.parameters import given_parameters

if TYPE_CHECKING:
    from service.assembly import Service

_PARAMETERS = (*QUESTION_PARAMETERS, "format", "strict", "language")
_FORMATS = ("json", "cards")


def assess_blueprint(service: Service) -> Blueprint:
    """Return the route of the tester's API."""
    blueprint = Blueprint("assess", __name__)

    @blueprint.post("/assess")
    def assess() -> Response:
        given = given_parameters(request.args, _PARAMETERS)
        form = given.pop("format", "json")
        if form not in _FORMATS:
            raise RequestError("not a format", where="format", hint=f"one of {', '.join(_FORMATS)}")
        strict = given.pop("strict", "false")
        if strict not in {"true", "false"}:
            raise RequestError("not true or false", where="strict")
        chosen = read_language(given.pop("language"), "language") if "language" in given else ""
        question = read_question(given, service.settings, date.today())  # noqa: DTZ011 - the day where the service runs
        consultation = service.consult_bundle(read_body(request, service.settings), question, strict=strict == "true")
        if form == "cards":
            return answer_cards(service.cards_in(language_of_the_call(service.settings, chosen)).write(consultation))
        return json_answer(orjson.dumps(assessment_document(consultation)))

    return blueprint
