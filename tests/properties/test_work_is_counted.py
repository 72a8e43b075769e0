"""What one answer costs, counted instead of timed: a machine that is busy counts the same.

Counted are calls of functions, Python's and C's, while the application answers one call of a hook in a warm process.
"""

import gc
import io
import sys
from collections import Counter
from pathlib import Path

import msgspec
import orjson
import pytest
from werkzeug.test import EnvironBuilder

from service.assembly import build_service
from service.decisions.bind import bind_rules
from service.knowledge.strict_yaml import read_yaml
from service.record.bundle import Head
from service.settings import Settings
from service.synth.noise import add_one, bill, visit
from service.web.app import create_app
from tests.bench.bodies import PATIENTS, patient_view, patient_views
from tests.bench.caller import HOOK
from tests.stories.adults import adult_first_relapse
from tests.stories.hook_requests import KEYS
from tests.stories.hook_requests import patient_view as call_of

ROOT = Path(__file__).resolve().parents[2]
# Made once in a process: reading and checking of knowledge, binding it to facts, compiling patterns, templates and schemas.
PER_PROCESS = (
    "service/knowledge/loader.py",
    "service/knowledge/strict_yaml.py",
    "service/knowledge/checks/",
    "service/decisions/bind.py:bind_rules",
    "service/assembly.py:build_service",
    "/yaml/",
    "/re/_compiler.py",
    "/jinja2/compiler.py",
    "/pydantic/_internal/_generate_schema.py",
)
FHIR_LIBRARY = ("/fhir/resources/", "/fhir_core/")


class Work:
    """Calls of functions by where they are written (`file:function`), and of decoders by what they decode into."""

    def __init__(self):
        self.python: Counter[str] = Counter()
        self.built_in = 0
        self.into: Counter[object] = Counter()

    @property
    def calls(self):
        return sum(self.python.values()) + self.built_in

    def of(self, places):
        """The calls of functions whose place has one of these words in it."""
        return {place: count for place, count in self.python.items() if any(word in place for word in places)}

    def __call__(self, frame, event, argument):
        if event == "call":
            self.python[f"{frame.f_code.co_filename}:{frame.f_code.co_name}"] += 1
        elif event == "c_call":
            self.built_in += 1
            owner = getattr(argument, "__self__", None)
            if isinstance(owner, msgspec.json.Decoder):
                self.into[owner.type] += 1
            elif argument is orjson.loads:
                self.into[dict] += 1


def work_of(what):
    """The work of doing it once. The collector is off: what it calls depends on what others left behind."""
    found = Work()
    gc.collect()
    gc.disable()
    before = sys.getprofile()
    sys.setprofile(found)
    try:
        what()
    finally:
        sys.setprofile(before)
        gc.enable()
    return found


@pytest.fixture(scope="module")
def app():
    """The application, with time enough: counting takes longer than answering, and no clock may decide here."""
    return create_app(build_service(Settings(answer_seconds=3_600)))


@pytest.fixture(scope="module")
def work(app):
    """A function that gives the work of one answer, after the same call was answered before."""

    def counted(body, path=HOOK):
        answer(app, body, path)
        return work_of(lambda: answer(app, body, path))

    return counted


def answer(app, body, path=HOOK):
    builder = EnvironBuilder(path, method="POST", input_stream=io.BytesIO(body), content_type="application/json")
    builder.content_length = len(body)
    environ = builder.get_environ()
    statuses = []
    said = b"".join(app(environ, lambda status, _headers: statuses.append(status)))
    assert statuses[0].startswith("200"), said[:300]
    return said


@pytest.fixture(scope="module")
def by_size(work):
    """The work of calls of four sizes."""
    return {size: work(patient_view(size).sent) for size in (20, 1_000, 5_000, 10_000)}


def dull(count, what):
    """A call about one patient with so many more resources of one sort, which no fact asks for."""
    story = adult_first_relapse()
    for number in range(count):
        if what == "visit":
            visit(story, "2026-01-05")
        elif what == "bill":
            bill(story, "2026-01-05")
        else:
            add_one(story, what, "2026-01-05", number)
    call = call_of(story)
    call["prefetch"]["encounters"] = {
        "resourceType": "Bundle",
        "type": "searchset",
        "entry": [{"resource": one} for one in story.resources if one["resourceType"] in {"Encounter", "Claim"}],
    }
    return orjson.dumps(call)


def test_an_answer_counts_the_same_twice(work):
    body = patient_view(20).sent
    assert work(body).calls == work(body).calls


def test_what_is_the_same_for_every_patient_is_not_done_again_for_each(by_size):
    for size, found in by_size.items():
        assert found.of(PER_PROCESS) == {}, size


def test_what_is_not_done_again_is_done_once(rules):
    assert work_of(lambda: bind_rules(rules.library, rules.vocabulary.terms)).of(PER_PROCESS)
    assert work_of(lambda: read_yaml(b"a: 1", "a.yaml")).of(PER_PROCESS)


def test_no_answer_calls_the_fhir_library(by_size):
    for size, found in by_size.items():
        assert found.of(FHIR_LIBRARY) == {}, size


def test_a_strict_reading_does_call_it(work):
    story = adult_first_relapse()
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in story.resources]}
    assert work(orjson.dumps(bundle), "/assess?strict=true").of(FHIR_LIBRARY)


@pytest.mark.parametrize("what", ["heart-rate", "temperature", "blood-pressure"])
def test_a_result_that_no_fact_asks_for_has_its_head_read_once_and_is_never_decoded(work, what):
    few, many = work(dull(10, what)), work(dull(110, what))
    assert many.into[dict] == few.into[dict]
    assert many.into[Head] - few.into[Head] == 100


@pytest.mark.parametrize("what", ["visit", "bill"])
def test_a_key_that_nobody_asked_for_is_not_opened(work, what):
    few, many = work(dull(10, what)), work(dull(110, what))
    assert many.into == few.into
    assert many.calls == few.calls


def test_each_head_is_read_at_most_once(work):
    body = patient_view(1_000).sent
    prefetch = orjson.loads(body)["prefetch"]
    resources = sum(len(prefetch[key].get("entry", [])) for key in KEYS)
    assert resources > 500
    # One more for the patient.
    assert 0 < work(body).into[Head] <= resources + 1


def test_whether_a_fact_could_ask_for_a_resource_is_asked_at_most_once(work):
    body = patient_view(1_000).sent
    prefetch = orjson.loads(body)["prefetch"]
    resources = [entry["resource"] for key in KEYS for entry in prefetch[key].get("entry", [])]
    codes = [orjson.dumps(one["code"]) for one in resources if "valueQuantity" in one]
    (asked,) = work(body).of(["record/wanted.py:is_wanted"]).values()
    # Of the numbers of one test it is asked once for all.
    assert 0 < asked <= len(resources) - len(codes) + len(set(codes))


# Wide bounds: twice of what an answer took when they were written. What raises one of them by so much is worth a look.
def test_an_answer_about_a_large_record_takes_no_more_calls_than_this(by_size):
    assert by_size[10_000].calls <= 400_000


# Patients differ: one with many open trials takes more than twice the work of one whose trials all fail.
@pytest.mark.parametrize(("size", "most"), [(20, 40_000), (1_000, 65_000)])
def test_no_patient_takes_more_calls_than_this(work, size, most):
    calls = [work(body).calls for body in patient_views(size).sent]
    assert len(calls) == PATIENTS
    assert max(calls) <= most


def test_twice_the_record_is_at_most_about_twice_the_work(by_size):
    assert by_size[10_000].calls / by_size[5_000].calls <= 2.3


def test_a_resource_costs_the_same_in_a_large_record(by_size):
    small = (by_size[5_000].calls - by_size[1_000].calls) / 4_000
    large = (by_size[10_000].calls - by_size[5_000].calls) / 5_000
    assert large / small <= 1.15
