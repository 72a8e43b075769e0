"""A client that others wrote calls the service. It is no judge of the protocol: it demands members that are optional.

It lives in an environment of its own, which `make test` makes; without it these tests fail and say so.
"""

import json
import subprocess
import sys
import threading
from collections import deque
from pathlib import Path

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from cds_hooks.conformance.answers import Answer
from service.assembly import build_service
from service.settings import Settings
from service.web.app import create_app
from tests.answers_checked import check
from tests.contract.stored import FIXTURES, HOOK, stored_request

FOREIGN = Path(sys.prefix) / "foreign" / "bin" / "python"
SCRIPT = Path(__file__).parents[1] / "stand_ins" / "foreign_client.py"
REQUIRED = ("patient", "conditions", "observations")


class Quiet(WSGIRequestHandler):
    def log(self, *_arguments):
        pass


@pytest.fixture(scope="module")
def answers():
    """What the service answered, the newest last."""
    return deque()


@pytest.fixture(scope="module")
def address(answers):
    app = create_app(build_service(Settings()))

    @app.after_request
    def note(answer):
        answers.append((answer.status_code, answer.get_data()))
        return answer

    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def send(address, answers):
    """What the client sent and understood for a task, and what it was answered."""
    assert FOREIGN.is_file(), f"{FOREIGN} is missing: `make test` makes the environment of the foreign client"

    def run(**task):
        answers.clear()
        told = subprocess.run(
            [FOREIGN, "-I", SCRIPT],
            input=json.dumps({"url": f"{address}{HOOK}", **task}),
            check=False,
            capture_output=True,
            text=True,
        )
        assert told.returncode == 0, told.stderr
        for status, body in answers:
            check("POST", HOOK, Answer(status, "application/json", body))
        return json.loads(told.stdout), list(answers)

    return run


def diagnostics(body):
    return json.loads(body)["issue"][0]["diagnostics"]


def test_a_call_with_the_right_patient_gets_the_cards_that_every_client_gets(send):
    call = json.loads(stored_request("adult-first-relapse-patient-view"))
    told, ((status, body),) = send(prefetch=call["prefetch"], context=call["context"])
    assert status == 200
    cards = json.loads(body)["cards"]
    assert [card["summary"] for card in told["understood"][0]["cards"]] == [card["summary"] for card in cards]
    assert any("Blinatumomab" in card["summary"] for card in cards)


def test_ch_f_11_ch_f_21_a_bundle_as_prefetch_is_keys_that_nobody_asked_for_and_412_names_those_that_lack(send):
    bundle = FIXTURES / "patients" / "adult-first-relapse.json"
    told, ((status, body),) = send(bundle=str(bundle))
    assert told["sent"][0]["prefetch"]["resourceType"] == "Bundle"  # the fault that this client has
    assert status == 412
    assert all(key in diagnostics(body) for key in REQUIRED)


def test_ch_r_09_a_good_prefetch_for_the_patient_that_this_client_invents_is_refused(send):
    call = json.loads(stored_request("adult-first-relapse-patient-view"))
    _, ((status, body),) = send(prefetch=call["prefetch"], context={})
    assert status == 422
    assert "context.patientId" in diagnostics(body)


def test_what_it_makes_up_itself_is_never_a_failure_inside(send):
    told, answered = send(synthetic=3)
    assert len(told["sent"]) == len(answered) == 3
    assert {status for status, _ in answered} == {412}
