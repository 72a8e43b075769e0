"""The CDS Hooks endpoints: discovery, and one POST for each service."""

from __future__ import annotations

from contextlib import nullcontext
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
from service.web.deadline import check_time
from service.web.keeping import Call, caller, shown_cards
from service.web.offered import offered
from service.web.options import OPTIONS, read_options
from service.web.prefetch import is_stripped, receive
from service.web.record_access import RecordServers
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
    servers = RecordServers(service.settings)
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
        g.service = service_id
        body = read_body(request, service.settings)
        answer = answer_call(service, offers, service_id, body, date.today(), servers)  # noqa: DTZ011 - the day where we run
        memory.keep(shown_cards(answer, Call(service_id, g.hook, caller(), datetime.now(tz=UTC))))
        return answer_cards(answer)

    return blueprint


def answer_call(  # noqa: PLR0913 - each is another part
    service: Service, offers: Offered, service_id: str, body: bytes, today: date, servers: RecordServers | None = None
) -> ServiceResponse:
    """Return the cards for one call of one of our services; what it lacks is fetched from its FHIR server, if that is listed.

    Raises: IncomingError, RecordError.
    """
    sent = decode_request(body)
    g.hook, g.hook_instance = sent.hook, sent.hook_instance
    asked = offers.find(service_id, sent.hook)
    if asked is None:
        raise UnsupportedHook("hook", f"this service answers {', '.join(offers.hooks(service_id))}")
    g.trigger, g.stripped = trigger(sent.extension), is_stripped(sent) or None
    refuse_other_fhir(sent.extension, body)
    check_time()
    with (servers.of(sent) if servers is not None else None) or nullcontext() as server:
        received = receive(sent, asked, server)  # whatever else is to be read from the server is read in here too
    g.unavailable = sorted(received.unavailable)
    settings, profile = service.settings, profile_of_the_call(service.settings)
    chosen = read_options(sent.extension, asked, settings, today, other_days=may_ask_other_days(settings))
    g.options_not_used = list(chosen.not_used)
    check_time()
    consultation = service.consult_prefetch(received.resources, sent.context.patient_id, received.unavailable, chosen.question)
    check_time()
    choice = choice_for(profile, chosen.choice)
    answer = service.cards.write(consultation, received.unavailable, choice=choice, not_fetched=received.not_fetched)
    if chosen.not_used:
        answer = replace(answer, extension={OPTIONS: {"notUsed": list(chosen.not_used)}})
    return shape(answer, profile, service.wording)
