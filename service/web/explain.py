"""`POST /explain`: a Bundle in, the explanation page out; and the page of an assessment that is there already."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from flask import Blueprint, Response, current_app, request

from service.assembly import QUESTION_PARAMETERS, read_question
from service.consultation import assessment_document
from service.errors import RequestError
from service.web.body import read_body
from service.web.pages.explanation import explanation
from service.web.pages.operators.addresses import OnFile
from service.web.parameters import given_parameters

if TYPE_CHECKING:
    from collections.abc import Mapping

    from service.assembly import Service
    from service.web.pages.catalogue import Catalogue
    from service.web.pages.render import Pages

_PARAMETERS = (*QUESTION_PARAMETERS, "strict")
_KEPT = "all-cds-explain"


def explain_blueprint(service: Service, pages: Pages) -> Blueprint:
    """Return the route of the tester's page; the application remembers what `explanation_response` needs."""
    blueprint = Blueprint("explain", __name__)

    @blueprint.record
    def keep(state: object) -> None:
        state.app.extensions[_KEPT] = (service, pages)  # type: ignore[attr-defined]  # Flask's own BlueprintSetupState

    @blueprint.post("/explain")
    def explain() -> Response:
        given = given_parameters(request.args, _PARAMETERS)
        strict = given.pop("strict", "false")
        if strict not in {"true", "false"}:
            raise RequestError("not true or false", where="strict")
        question = read_question(given, service.settings, date.today())  # noqa: DTZ011 - the day where the service runs
        consultation = service.consult_bundle(read_body(request, service.settings), question, strict=strict == "true")
        return explanation_response(assessment_document(consultation))

    return blueprint


def explanation_response(document: Mapping[str, object]) -> Response:
    """Return the page of an assessment, in the language of the request; called while a request is answered."""
    service, pages = current_app.extensions[_KEPT]
    return explanation_page(document, pages.chosen(), service, pages)


def explanation_page(document: Mapping[str, object], words: Catalogue, service: Service, pages: Pages) -> Response:
    """Return the page of an assessment in one language, with links to what is on file where a browser may open it."""
    library = service.rules.library
    page = explanation(document, library, words, service.wording)
    on_file = OnFile.of(library, service.settings, page.profile.as_of, page.profile.known_by)
    return pages.response("explanation.html", words, page=page, on_file=on_file)
