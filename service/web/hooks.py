"""The CDS Hooks endpoints: discovery, and one POST for each service."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import orjson
from flask import Blueprint, Response, abort, g, request

from cds_hooks import UnsupportedHook, decode_request
from service.assembly import OPEN, REQUIRED
from service.cards.shaping import shape
from service.web.announce import discovery
from service.web.answers import answer_cards, json_answer
from service.web.body import read_body
from service.web.client_profiles import choice_for, may_ask_other_days, profile_of_the_call
from service.web.keeping import Call, caller, shown_cards
from service.web.offered import offered
from service.web.options import OPTIONS, read_options
from service.web.prefetch import is_stripped, receive
from service.web.vendor_extensions import refuse_other_fhir, trigger

if TYPE_CHECKING:
    from cds_hooks import ServiceResponse
    from service.assembly import Service
    from service.web.answer_memory import AnswerMemory
    from service.web.offered import Offered

_CACHEABLE = {OPEN: "public, max-age=300", REQUIRED: "private, max-age=300"}


def hooks_blueprint(service: Service, memory: AnswerMemory) -> Blueprint:
    """Return the routes of the protocol; which cards were shown is handed to the memory."""
    blueprint = Blueprint("hooks", __name__)
    offers = offered()
    announced = orjson.dumps(discovery(offers, service))

    @blueprint.get("/cds-services", strict_slashes=False)
    def discover() -> Response:
        response = json_answer(announced)
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
    g.trigger, g.stripped = trigger(sent.extension), is_stripped(sent) or None
    refuse_other_fhir(sent.extension, body)
    received = receive(sent, asked)
    g.unavailable = sorted(received.unavailable)
    settings, profile = service.settings, profile_of_the_call(service.settings)
    chosen = read_options(sent.extension, asked, settings, today, other_days=may_ask_other_days(settings))
    g.options_not_used = list(chosen.not_used)
    consultation = service.consult_prefetch(received.resources, sent.context.patient_id, received.unavailable, chosen.question)
    answer = service.cards.write(consultation, received.unavailable, choice=choice_for(profile, chosen.choice))
    if chosen.not_used:
        answer = replace(answer, extension={OPTIONS: {"notUsed": list(chosen.not_used)}})
    return shape(answer, profile, service.wording)
