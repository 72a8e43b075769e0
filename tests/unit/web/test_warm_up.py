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


@pytest.mark.parametrize("number", [0, 1], ids=["one-of-everything", "another-patient"])
def test_each_warm_up_call_gets_cards(untouched_collector, number):
    service = build_service(Settings())
    app = create_app(service)
    module.warm_up(app, service, date(2026, 11, 22))
    body = json.dumps(list(module.made_up_calls())[number])
    answer = app.test_client().post("/cds-services/all-immunotherapy", data=body, content_type="application/json")
    assert answer.status_code == 200
    topics = [card["source"]["topic"]["code"] for card in json.loads(answer.data)["cards"]]
    assert "allleukaemiaprofile" in topics
    assert len(topics) > 2  # products too, not only what is known and what is missing


def test_the_other_patient_has_another_leukaemia_than_the_first():
    first, other = list(module.made_up_calls())[:2]
    held = [json.dumps(call["prefetch"]) for call in (first, other)]
    assert [("Philadelphia chromosome-positive" in one, "Karyotype" in one) for one in held] == [(False, False), (True, True)]


def test_the_warm_up_call_holds_one_of_everything_that_is_asked_for():
    prefetch = module.made_up_call(module.made_up_patients(), 0)["prefetch"]
    asked = {key: one.type for key, one in offered().services[0].prefetch.items()}
    found = {key: bundle["entry"][0]["resource"]["resourceType"] for key, bundle in prefetch.items() if key != "patient"}
    seldom = {"medicationstatements", "medicationdispenses"}  # read as what was ordered and given
    assert {**found, "patient": "Patient"} == {key: kind for key, kind in asked.items() if key not in seldom}


@pytest.mark.parametrize("more", [0, 1, 1_000])
def test_the_made_up_record_grows_to_the_wanted_size(more):
    patients = module.made_up_patients()
    entries = [len(module.made_up_call(patients, number)["prefetch"]["observations"]["entry"]) for number in (0, more)]
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


TOUCHED = """
from resource import RUSAGE_SELF, getrusage
from service.web.warm_up import TOUCHED_BYTES, keep_freed_memory, touch_memory

keep_freed_memory()
touch_memory()
begun = getrusage(RUSAGE_SELF).ru_minflt
bytearray(b"x") * (TOUCHED_BYTES // 2)
print(getrusage(RUSAGE_SELF).ru_minflt - begun)
"""


def test_the_first_body_finds_memory_that_was_asked_for_before():
    said = subprocess.run([sys.executable, "-c", TOUCHED], check=True, capture_output=True, text=True).stdout
    assert int(said) < module.TOUCHED_BYTES // 2 // 4096 / 10


def test_what_a_large_body_needed_is_kept_for_the_next():
    # In a process of its own: what is kept depends on everything that a process has freed before.
    said = subprocess.run([sys.executable, "-c", FAULTS], check=True, capture_output=True, text=True).stdout
    first, later = map(int, said.split())
    assert first >= module.KEPT_BYTES // 2 // 4096  # pages
    assert later < first / 10
