"""One made-up call before the first real one, so that the first real one waits for nothing."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from service.knowledge.strict_yaml import read_yaml
from service.web.hooks import answer_call
from service.web.prefetch import asked_service

if TYPE_CHECKING:
    from datetime import date

    from flask import Flask

    from service.assembly import Service

_CALL = Path(__file__).with_name("warm_up.yaml")


def warm_up(app: Flask, service: Service, today: date) -> None:
    """Answer the call, then move everything that stays out of the collector's sight."""
    call = read_yaml(_CALL.read_bytes(), _CALL.name).value
    with app.test_request_context():
        orjson.dumps(answer_call(service, asked_service(), orjson.dumps(call), today).to_wire())
    app.test_client().get("/health")
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
