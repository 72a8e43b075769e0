"""The made-up call before the first real one does reach the cards."""

import gc
import json
import subprocess
import sys
from datetime import date

import pytest

from service.assembly import build_service
from service.settings import Settings
from service.web import warm_up as module
from service.web.app import create_app
from service.web.offered import offered


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
    body = json.dumps(module.made_up_call())
    answer = app.test_client().post("/cds-services/all-immunotherapy", data=body, content_type="application/json")
    assert answer.status_code == 200
    topics = [card["source"]["topic"]["code"] for card in json.loads(answer.data)["cards"]]
    assert "allleukaemiaprofile" in topics
    assert len(topics) > 2  # products too, not only what is known and what is missing


def test_the_warm_up_call_holds_one_of_everything_that_is_asked_for():
    prefetch = module.made_up_call()["prefetch"]
    asked = {key: one.type for key, one in offered().services[0].prefetch.items()}
    found = {key: bundle["entry"][0]["resource"]["resourceType"] for key, bundle in prefetch.items() if key != "patient"}
    seldom = {"medicationstatements", "medicationdispenses"}  # read as what was ordered and given
    assert {**found, "patient": "Patient"} == {key: kind for key, kind in asked.items() if key not in seldom}


@pytest.mark.parametrize("more", [0, 1, 1_000])
def test_the_made_up_record_grows_to_the_wanted_size(more):
    entries = [len(module.made_up_call(number)["prefetch"]["observations"]["entry"]) for number in (0, more)]
    assert entries[1] - entries[0] == more


FAULTS = """
from resource import RUSAGE_SELF, getrusage
from service.web.warm_up import KEPT_BYTES, keep_freed_memory

def pages_asked_for():
    begun = getrusage(RUSAGE_SELF).ru_minflt
    bytearray(b"x") * (KEPT_BYTES // 2)
    return getrusage(RUSAGE_SELF).ru_minflt - begun

first = pages_asked_for()
keep_freed_memory()
pages_asked_for()
print(first, pages_asked_for())
"""


def test_what_a_large_body_needed_is_kept_for_the_next():
    # In a process of its own: what is kept depends on everything that a process has freed before.
    said = subprocess.run([sys.executable, "-c", FAULTS], check=True, capture_output=True, text=True).stdout
    first, later = map(int, said.split())
    assert first >= module.KEPT_BYTES // 2 // 4096  # pages
    assert later < first / 10
