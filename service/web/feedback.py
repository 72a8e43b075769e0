"""The endpoint to which clients tell what users did with our cards."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Blueprint, Response, abort, request

from cds_hooks import MissingMember, decode_feedback
from service.errors import StoreError
from service.explanations.keys import vault_of
from service.web import metrics
from service.web.answers import json_answer
from service.web.body import read_body
from service.web.client_profiles import profile_of_the_call
from service.web.errors import outcome
from service.web.keeping import caller, given_feedback
from service.web.offered import offered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cds_hooks import Feedback
    from service.assembly import Service
    from service.cards.profiles import ClientProfile
    from service.settings import Settings
    from service.web.answer_memory import AnswerMemory


def feedback_blueprint(service: Service, memory: AnswerMemory) -> Blueprint:
    """Return the route; what is told is handed to the memory."""
    blueprint = Blueprint("feedback", __name__)
    ids, vault = offered().ids, vault_of(service.settings)

    @blueprint.post("/cds-services/<service_id>/feedback", strict_slashes=False)
    def tell(service_id: str) -> Response:
        if service_id not in ids:
            abort(404)
        items = decode_feedback(read_body(request, service.settings))
        if is_strict(profile_of_the_call(service.settings), service.settings):
            _refuse_incomplete(items)
        try:
            orphans = memory.take(given_feedback(items, caller(), datetime.now(tz=UTC), vault))
        except StoreError as error:
            # Not 503 as elsewhere: the protocol's clients are only known to send again what failed with 500.
            text = "the feedback could not be kept; it may be sent again"
            return outcome(HTTPStatus.INTERNAL_SERVER_ERROR, "transient", error.code, text)
        for item in items:
            metrics.FEEDBACK.labels(outcome=item.outcome.value).inc()
        metrics.FEEDBACK_ORPHANS.inc(orphans)
        return json_answer(b"{}")

    return blueprint


def is_strict(profile: ClientProfile, settings: Settings) -> bool:
    """Return whether an acceptance must name what was accepted: by what its client is known to send, else by the setting."""
    return settings.feedback_strict if profile.feedback == "setting" else profile.feedback == "strict"


def _refuse_incomplete(items: Sequence[Feedback]) -> None:
    """Return nothing where every acceptance says what was accepted. Raises: MissingMember."""
    for place, item in enumerate(items):
        if item.incomplete:
            raise MissingMember(f"feedback[{place}].acceptedSuggestions", "an acceptance names what was accepted")
