"""The CDS Hooks endpoints: discovery, and one POST for each service."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import orjson
from flask import Blueprint, Response, abort, g, request

from cds_hooks import ServiceResponse, UnsupportedHook, decode_request, discovery_document
from service.assembly import OPEN, REQUIRED, read_question
from service.web.answers import answer_cards, json_answer
from service.web.body import read_body
from service.web.keeping import Call, caller, shown_cards
from service.web.offered import offered
from service.web.orders import orders_of
from service.web.prefetch import receive

if TYPE_CHECKING:
    from service.assembly import Service
    from service.decisions.orders import Ordered
    from service.web.answer_memory import AnswerMemory
    from service.web.offered import Offered

_CACHEABLE = {OPEN: "public, max-age=300", REQUIRED: "private, max-age=300"}


def hooks_blueprint(service: Service, memory: AnswerMemory) -> Blueprint:
    """Return the routes of the protocol; which cards were shown is handed to the memory."""
    blueprint = Blueprint("hooks", __name__)
    offers = offered()
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
        answer = answer_call(service, offers, service_id, read_body(request, service.settings), date.today())  # noqa: DTZ011 - the day where we run
        memory.keep(shown_cards(answer, Call(service_id, g.hook, caller(), datetime.now(tz=UTC))))
        return answer_cards(answer)

    return blueprint


def answer_call(service: Service, offers: Offered, service_id: str, body: bytes, today: date) -> ServiceResponse:
    """Return the cards for one call of one of our services.

    Raises: IncomingError, RecordError.
    """
    sent = decode_request(body)
    g.hook, g.hook_instance = sent.hook, sent.hook_instance
    asked = offers.find(service_id, sent.hook)
    if asked is None:
        raise UnsupportedHook("hook", f"this service answers {', '.join(offers.hooks(service_id))}")
    drafted = orders_of(sent, asked, service.rules.vocabulary)
    products: tuple[Ordered, ...] = ()
    if drafted is not None:
        products, codes = service.ordered(drafted, sent.context.patient_id)
        g.orders = list(codes)
        if not products:  # nothing of ours is ordered: no data are needed to say nothing
            return ServiceResponse()
    received = receive(sent, asked)
    g.unavailable = sorted(received.unavailable)
    question = read_question({}, service.settings, today)
    consultation = service.consult_prefetch(received.resources, sent.context.patient_id, received.unavailable, question)
    if drafted is not None:
        return service.cards.write_orders(consultation, service.judge(consultation, products), received.unavailable)
    return service.cards.write(consultation, received.unavailable)
