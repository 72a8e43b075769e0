"""`GET /assessments/{address}`: one kept assessment as a page or as JSON, for whoever has its link, until it expires."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import orjson
from flask import Blueprint, Response, abort

from service.errors import SealBroken
from service.explanations.addresses import PATH
from service.explanations.finding import find_assessment
from service.web import metrics
from service.web.answers import json_answer
from service.web.explain import explanation_response
from service.web.logs import log
from service.web.pages.render import prefers_html

if TYPE_CHECKING:
    from service.assembly import Service
    from service.explanations.kept import KeptAssessment
    from service.settings import Settings

RULE = f"{PATH}/<address>"
"""The route: it needs no token, because a browser brings none. The address itself is what opens it."""


def assessments_blueprint(service: Service) -> Blueprint:
    """Return the route."""
    blueprint = Blueprint("assessments", __name__)

    @blueprint.get(RULE)
    def assessment(address: str) -> Response:
        kept = readable(service.settings, address, datetime.now(tz=UTC))
        if kept is None:
            abort(404)
        if prefers_html():
            return unshared(explanation_response(orjson.loads(kept.assessment)))
        return unshared(json_answer(kept.assessment))

    return blueprint


def readable(settings: Settings, address: str, now: datetime) -> KeptAssessment | None:
    """Return what is kept under an address; None for all that cannot be shown: malformed, unknown, expired, not to be opened.

    What cannot be opened is counted and said to operators; the reader is told no difference. Raises: StoreError.
    """
    try:
        return find_assessment(settings, address, now)
    except SealBroken as error:
        metrics.ASSESSMENTS_UNREADABLE.inc()
        log.error("assessment cannot be opened", error=error.code)
        return None


def unshared(response: Response) -> Response:
    """Return the answer so that no cache keeps it and no other site learns its address."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
