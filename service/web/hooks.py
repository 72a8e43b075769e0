"""The CDS Hooks endpoints: discovery, and one POST for each service."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import orjson
from flask import Blueprint, Response, abort, g, request

from service.settings import OPEN, REQUIRED
from service.web.announce import discovery
from service.web.answers import answer_cards, json_answer
from service.web.body import read_body
from service.web.call import CallDesk
from service.web.keeping import Call, caller, shown_cards

if TYPE_CHECKING:
    from service.assembly import Service
    from service.web.answer_memory import AnswerMemory

_CACHEABLE = {OPEN: "public, max-age=300", REQUIRED: "private, max-age=300"}


def hooks_blueprint(service: Service, memory: AnswerMemory) -> Blueprint:
    """Return the routes of the protocol; which cards were shown is handed to the memory."""
    blueprint = Blueprint("hooks", __name__)
    desk = CallDesk.of(service)
    announced = orjson.dumps(discovery(desk.offers, service))

    @blueprint.get("/cds-services", strict_slashes=False)
    def discover() -> Response:
        response = json_answer(announced)
        response.headers["Cache-Control"] = _CACHEABLE[service.settings.discovery_auth]
        return response

    @blueprint.post("/cds-services/<service_id>", strict_slashes=False)
    def call(service_id: str) -> Response:
        if service_id not in desk.offers.ids:
            abort(404)
        g.service = service_id
        answer, page = desk.answer(service_id, read_body(request, service.settings), date.today())  # noqa: DTZ011 - the day where we run
        made = Call(service_id, g.hook, caller(), datetime.now(tz=UTC))
        if memory.keeps_cards:
            memory.keep(shown_cards(answer, made))
        memory.keep_page(page, made)
        return answer_cards(answer)

    return blueprint
