"""The made-up call before the first real one does reach the cards."""

import gc
import json
from datetime import date
from pathlib import Path

import pytest

from service.assembly import Settings, build_service
from service.knowledge.strict_yaml import read_yaml
from service.web import warm_up as module
from service.web.app import create_app


@pytest.fixture
def untouched_collector():
    threshold = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*threshold)


def test_the_warm_up_call_gets_cards(untouched_collector):
    service = build_service(Settings())
    app = create_app(service)
    module.warm_up(app, service, date(2026, 11, 22))
    call = read_yaml(Path(module.__file__).with_name("warm_up.yaml").read_bytes(), "warm_up.yaml").value
    answer = app.test_client().post("/cds-services/all-immunotherapy", data=json.dumps(call), content_type="application/json")
    assert answer.status_code == 200
    assert json.loads(answer.data)["cards"]
