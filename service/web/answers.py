"""How answers are written: JSON bytes, and what is counted of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
from flask import Response, g

from service.web import metrics

if TYPE_CHECKING:
    from cds_hooks import ServiceResponse


def json_answer(body: bytes) -> Response:
    """Return a 200 with a JSON body."""
    return Response(body, mimetype="application/json")


def answer_cards(response: ServiceResponse) -> Response:
    """Return the cards as the protocol writes them, and count them by topic."""
    g.cards = len(response.cards)
    for card in response.cards:
        if card.source.topic:
            metrics.labelled(metrics.CARDS, card.source.topic.code).inc()
    return json_answer(orjson.dumps(response.to_wire()))
