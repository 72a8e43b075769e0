"""From a call of the hook over what the user did to the report, through a served process; nothing of the patient stays behind."""

import json
import os
import signal
import socket
import subprocess
import sys
from threading import Event
from types import SimpleNamespace

import pytest
import requests

from service import cli
from tests.contract.stored import HOOK, stored_request

PATIENCE = 1_200  # looks, a twentieth of a second apart: only a server that never comes up makes this test wait
MARKS = {
    name: f"MARK{name.upper()}"
    for name in ("family", "given", "mrn", "note", "token", "patient", "encounter", "user", "comment", "server", "secret")
}
BIRTH_DATE = "1981-03-14"


def marked_call():
    """A stored call in which everything that tells who it is about, or opens a door, can be looked for."""
    body = json.loads(stored_request("adult-first-relapse-patient-view"))
    old = body["context"]["patientId"]
    body = json.loads(json.dumps(body).replace(old, MARKS["patient"]))
    body["context"] |= {"userId": f"Practitioner/{MARKS['user']}", "encounterId": MARKS["encounter"]}
    patient = body["prefetch"]["patient"]
    patient["name"] = [{"family": MARKS["family"], "given": [MARKS["given"]]}]
    patient["identifier"] = [{"value": MARKS["mrn"]}]
    patient["birthDate"] = BIRTH_DATE
    for entry in body["prefetch"]["observations"]["entry"]:
        entry["resource"]["note"] = [{"text": MARKS["note"]}]
    body["fhirServer"] = f"https://{MARKS['server'].lower()}.example/fhir"
    body["fhirAuthorization"] = {
        "access_token": MARKS["token"],
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": "patient/*.read",
        "subject": MARKS["secret"],
    }
    return body


class Served:
    """The command as an operator starts it, on a free port, with its state in a folder of its own."""

    def __init__(self, folder, **settings):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ALL_CDS_")}
        self.environment = kept | {"PYTHONPATH": os.pathsep.join(sys.path), "ALL_CDS_STORE": str(folder / "store.db")} | settings
        self.process = self._start("serve", "--port", str(self.port), "--workers", "2")
        self.said = ""

    def __enter__(self):
        for _ in range(PATIENCE):
            try:
                requests.get(f"http://127.0.0.1:{self.port}/health", timeout=5)
                break
            except requests.ConnectionError:
                assert self.process.poll() is None, self.process.communicate()[1]
                Event().wait(0.05)
        return self

    def __exit__(self, *_error):
        self.stop()

    def _start(self, *words):
        return subprocess.Popen(
            [sys.executable, "-m", "service.cli", *words],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def post(self, path, body):
        return requests.post(f"http://127.0.0.1:{self.port}{path}", json=body, timeout=60)

    def stop(self):
        """Tell it to end as an operator does; what it has said is kept."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
            out, err = self.process.communicate(timeout=60)
            self.said = out + err

    def report(self):
        return self.command("feedback", "report")

    def command(self, *words):
        """What another command says beside the server."""
        process = self._start(*words)
        out, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (0, "")
        return out


@pytest.fixture
def report(journey, monkeypatch, capsys, rules):
    """The same command in this process: the knowledge files are read already."""
    monkeypatch.setattr("service.commands.feedback.build_service", lambda _settings: SimpleNamespace(rules=rules))
    monkeypatch.setenv("ALL_CDS_STORE", str(journey["folder"] / "store.db"))
    monkeypatch.setenv("ALL_CDS_KEEP_ANSWERS", "true")

    def run(*words):
        assert cli.main(["feedback", "report", *words]) == 0
        return capsys.readouterr().out

    return run


@pytest.fixture(scope="module")
def journey(tmp_path_factory):
    """Three answers; of the first a card is overridden and one accepted, of the second one is overridden twice over."""
    folder = tmp_path_factory.mktemp("journey")
    with Served(folder, ALL_CDS_KEEP_ANSWERS="true") as served:
        answers = [served.post(HOOK, marked_call()).json()["cards"] for _ in range(3)]
        first, second = ({card["source"]["topic"]["code"]: card for card in cards} for cards in answers[:2])
        profile, therapy = first["allleukaemiaprofile"], next(card for card in answers[0] if card.get("suggestions"))
        code = therapy["overrideReasons"][0]
        told = {"outcome": "overridden", "outcomeTimestamp": "2026-11-22T10:00:00Z"}
        why = {"reason": {"code": code["code"], "system": code["system"]}, "userComment": MARKS["comment"]}
        batch = [
            told | {"card": profile["uuid"], "overrideReasons": {"userComment": MARKS["comment"]}},
            told
            | {
                "card": therapy["uuid"],
                "outcome": "accepted",
                "acceptedSuggestions": [{"id": therapy["suggestions"][0]["uuid"]}],
            },
            told | {"card": second[therapy["source"]["topic"]["code"]]["uuid"], "overrideReason": why},
            told | {"card": f"Patient/{MARKS['patient']}"},
        ]
        statuses = [served.post(f"{HOOK}/feedback", {"feedback": batch}).status_code for _ in range(2)]
        assert statuses == [200, 200]
        served.stop()  # what still waits is written now
        yield {"served": served, "answers": answers, "folder": folder, "therapy": therapy, "reason": code["code"]}


def test_the_report_tells_what_became_of_the_cards(journey, report):
    out = journey["served"].report()
    assert report() == out
    shown = sum(len(cards) for cards in journey["answers"])
    assert out.splitlines()[0] == (
        f"{shown} shown, 1 accepted, 2 overridden ({journey['reason']} 1, own words 1), "
        f"{shown - 3} without feedback; 1 told of that are none of ours"
    )
    for rule in journey["therapy"]["extension"]["all-cds.trace"]["rules"]:
        assert f"  {rule['id']}: 3 shown, 1 accepted, 1 overridden ({journey['reason']} 1), 1 without feedback" in out
    assert f"  open: {shown} shown" in out


def test_the_report_for_a_spreadsheet_says_the_same(journey, report):
    lines = report("--format", "csv").splitlines()
    shown = sum(len(cards) for cards in journey["answers"])
    assert lines[1].startswith(f"all,,{shown},1,0,2,{shown - 3},")
    assert lines[-1].startswith("none of ours,,1,")


def test_cards_of_before_are_not_in_a_report_of_later(report):
    assert report("--since", "2999-01-01").startswith("0 shown")


def test_nothing_that_tells_who_the_patient_is_stays_in_the_store_the_logs_or_the_report(journey, report):
    files = [path for path in journey["folder"].rglob("*") if path.is_file()]
    assert files
    kept = b"".join(path.read_bytes() for path in files).lower()
    said = (journey["served"].said + report() + report("--format", "csv")).lower()
    assert '"answered"' in said
    assert journey["therapy"]["uuid"].encode() in kept  # the search does find what is there
    for mark in (*MARKS.values(), BIRTH_DATE):
        assert mark.lower().encode() not in kept, mark
        assert mark.lower() not in said, mark
    resources = [entry["resource"]["id"] for entry in marked_call()["prefetch"]["observations"]["entry"]]
    assert [name for name in resources if name.lower().encode() in kept or name.lower() in said] == []
    assert b"observation/" not in kept


def test_every_mark_was_in_the_call():
    sent = json.dumps(marked_call()).lower()
    assert [name for name, mark in MARKS.items() if mark.lower() not in sent] == ["comment"]
