"""The CDS Hooks endpoints: discovery, and one POST for each service."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import orjson
from flask import Blueprint, Response, abort, g, request

from cds_hooks import UnsupportedHook, decode_request, discovery_document
from service.assembly import OPEN, REQUIRED, read_question
from service.web.answers import answer_cards, json_answer
from service.web.body import read_body
from service.web.deadline import check_time
from service.web.keeping import Call, caller, shown_cards
from service.web.prefetch import asked_service, receive
from service.web.tracing import span

if TYPE_CHECKING:
    from cds_hooks import ServiceResponse
    from service.assembly import Service
    from service.web.answer_memory import AnswerMemory
    from service.web.prefetch import AskedService

_CACHEABLE = {OPEN: "public, max-age=300", REQUIRED: "private, max-age=300"}


def hooks_blueprint(service: Service, memory: AnswerMemory) -> Blueprint:
    """Return the routes of the protocol; which cards were shown is handed to the memory."""
    blueprint = Blueprint("hooks", __name__)
    asked = asked_service()
    discovery = orjson.dumps(discovery_document([asked.definition]))

    @blueprint.get("/cds-services", strict_slashes=False)
    def discover() -> Response:
        response = json_answer(discovery)
        response.headers["Cache-Control"] = _CACHEABLE[service.settings.discovery_auth]
        return response

    @blueprint.post("/cds-services/<service_id>", strict_slashes=False)
    def call(service_id: str) -> Response:
        if service_id != asked.id:
            abort(404)
        g.service = asked.id
        answer = answer_call(service, asked, read_body(request, service.settings), date.today())  # noqa: DTZ011 - the day where we run
        memory.keep(shown_cards(answer, Call(asked.id, g.hook, caller(), datetime.now(tz=UTC))))
        return answer_cards(answer)

    return blueprint


def answer_call(service: Service, asked: AskedService, body: bytes, today: date) -> ServiceResponse:
    """Return the cards for one call.

    Raises: IncomingError, RecordError.
    """
    sent = decode_request(body)
    g.hook, g.hook_instance = sent.hook, sent.hook_instance
    if sent.hook != asked.hook:
        raise UnsupportedHook("hook", f"this service answers {asked.hook}")
    check_time()
    with span("fetch"):
        received = receive(sent, asked)
    g.unavailable = sorted(received.unavailable)
    question = read_question({}, service.settings, today)
    check_time()
    with span("evaluate"):
        consultation = service.consult_prefetch(received.resources, sent.context.patient_id, received.unavailable, question)
        check_time()
        return service.cards.write(consultation, received.unavailable)
