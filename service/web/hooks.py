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
from service.web.keeping import Call, caller, shown_cards
from service.web.offered import offered
from service.web.pages import Pages
from service.web.prefetch import receive

if TYPE_CHECKING:
    from cds_hooks import ServiceResponse
    from service.assembly import Service
    from service.web.answer_memory import AnswerMemory
    from service.web.offered import Offered

_CACHEABLE = {OPEN: "public, max-age=300", REQUIRED: "private, max-age=300"}


def hooks_blueprint(service: Service, memory: AnswerMemory) -> Blueprint:
    """Return the routes of the protocol; which cards were shown is handed to the memory."""
    blueprint = Blueprint("hooks", __name__)
    offers, pages = offered(), Pages(service.settings)
    discovery = orjson.dumps(discovery_document(asked.definition for asked in offers.services))

    @blueprint.get("/cds-services", strict_slashes=False)
    def discover() -> Response:
        response = json_answer(discovery)
        response.headers["Cache-Control"] = _CACHEABLE[service.settings.discovery_auth]
        return response

    @blueprint.post("/cds-services/<service_id>", strict_slashes=False)
    def call(service_id: str) -> Response:
        if service_id not in offers.ids:
            abort(404)
        answer = answer_call(service, offers, service_id, read_body(request, service.settings), date.today(), pages)  # noqa: DTZ011 - the day where we run
        made = Call(service_id, g.hook, caller(), datetime.now(tz=UTC))
        memory.keep(shown_cards(answer, made))
        memory.keep_page(g.get("page"), made)
        return answer_cards(answer)

    return blueprint


def answer_call(  # noqa: PLR0913 - what a call needs, one by one
    service: Service, offers: Offered, service_id: str, body: bytes, today: date, pages: Pages | None = None
) -> ServiceResponse:
    """Return the cards for one call of one of our services; the page that their links lead to stands in `g.page`.

    Raises: IncomingError, RecordError.
    """
    sent = decode_request(body)
    g.hook, g.hook_instance = sent.hook, sent.hook_instance
    asked = offers.find(service_id, sent.hook)
    if asked is None:
        raise UnsupportedHook("hook", f"this service answers {', '.join(offers.hooks(service_id))}")
    received = receive(sent, asked)
    g.unavailable = sorted(received.unavailable)
    question = read_question({}, service.settings, today)
    patient, registry = sent.context.patient_id, service.registry()
    consultation = service.consult_prefetch(received.resources, patient, received.unavailable, question, registry)
    g.page = pages.page(patient, received, consultation, registry) if pages is not None else None
    return service.cards.write(consultation, received.unavailable, g.page.link if g.page is not None else None)
