"""Nothing of a patient reaches a log, an error or a metric: every text of the call is marked and looked for."""

import gzip
import json

import pytest

from service.web import feedback
from service.web.logs import ALLOWED, log, only_allowed
from tests.contract.stored import HOOK, PATIENTS, REQUESTS, stored_patient, stored_request
from tests.stand_ins.log_watch import forbidden, leaks, watched

MARKS = ("MARK-FAMILY", "MARK-GIVEN", "MARK-MRN", "MARK-NOTE", "MARK-TOKEN", "MARK-ID", "1981-03-14")


def marked(body):
    """The call with marked names, numbers, notes, ids and token."""
    text = json.dumps(body).replace("adult-first-relapse", "MARK-ID")
    body = json.loads(text)
    patient = body["prefetch"]["patient"]
    patient["name"] = [{"family": "MARK-FAMILY", "given": ["MARK-GIVEN"]}]
    patient["identifier"] = [{"value": "MARK-MRN"}]
    body["fhirServer"] = "https://ehr.example.org/fhir"
    body["fhirAuthorization"] = {
        "access_token": "MARK-TOKEN",
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": "s",
        "subject": "c",
    }
    for entry in body["prefetch"]["observations"]["entry"]:
        entry["resource"]["note"] = [{"text": "MARK-NOTE"}]
    return body


def without(key):
    def change(body):
        del body["prefetch"][key]

    return change


def other_patient(body):
    body["prefetch"]["observations"]["entry"][0]["resource"]["subject"] = {"reference": "Patient/MARK-MRN"}


def broken_observation(body):
    body["prefetch"]["observations"]["entry"][0]["resource"]["valueQuantity"] = "MARK-NOTE"


def broken_birth_date(body):
    body["prefetch"]["patient"]["birthDate"] = "MARK-NOTE"


def wrong_hook(body):
    body["hook"] = "MARK-NOTE"


def wrong_instance(body):
    body["hookInstance"] = "MARK-MRN"


CHANGES = [
    None,
    without("patient"),
    without("conditions"),
    other_patient,
    broken_observation,
    broken_birth_date,
    wrong_hook,
    wrong_instance,
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: getattr(change, "__name__", "unchanged"))
def test_ch_j_23_ch_a_05_patient_names_never_in_logs_or_errors(post_hook, hook_call, capfd, change):
    body = marked(hook_call())
    if change is not None:
        change(body)
    answer = post_hook(body)
    written = "".join(capfd.readouterr())
    assert '"event":"answered"' in written
    assert [mark for mark in MARKS if mark in written] == []
    if answer.status_code != 200:
        assert [mark for mark in MARKS if mark in answer.text] == []


@pytest.mark.parametrize(
    "query", ["?MARK-NOTE=1", "?as_of=MARK-NOTE", "?regulators=MARK-NOTE", "?format=MARK-NOTE", "?country=MARK-NOTE"]
)
def test_what_stands_in_an_address_is_not_repeated(client, capfd, query):
    answer = client.post(f"/assess{query}", data=b"{}", content_type="application/json")
    assert answer.status_code == 400
    assert "MARK" not in answer.text
    assert "MARK" not in "".join(capfd.readouterr())


def test_an_unexpected_error_is_logged_by_kind_and_place_only(client, service, monkeypatch, capfd, hook_call):
    def fail(*_arguments, **_options):
        raise ValueError("MARK-FAMILY")

    monkeypatch.setattr(type(service), "consult_prefetch", fail)
    client.post("/cds-services/all-immunotherapy", data=json.dumps(marked(hook_call())), content_type="application/json")
    written = "".join(capfd.readouterr())
    assert "ValueError" in written
    assert "test_privacy.py" in written
    assert [mark for mark in MARKS if mark in written] == []


def test_no_metric_holds_anything_of_the_call(client, post_hook, hook_call):
    post_hook(marked(hook_call()))
    client.get("/MARK-NOTE")
    assert "MARK" not in client.get("/metrics").text


def test_a_field_that_nobody_allowed_is_not_written():
    line = only_allowed(None, "info", {"event": "answered", "patient": "MARK-ID", "status": 200})
    assert line == {"event": "answered", "status": 200, "not_written": ["patient"]}
    assert not {"patient", "name", "body", "detail"} & ALLOWED


def test_a_log_line_says_what_operators_need(post_hook, hook_call, capfd):
    post_hook(hook_call())
    (line,) = [json.loads(row) for row in capfd.readouterr().err.splitlines() if '"answered"' in row]
    assert (line["hook"], line["status"], line["method"]) == ("patient-view", 200, "POST")
    assert line["hook_instance"] == hook_call()["hookInstance"]
    assert line["cards"] >= 1


# ---------------------------------------------------------------- every stored call, and every way to be refused

WORDS = frozenset({"display", "text", "family", "birthDate", "authorString", "valueString", "url", "fullUrl", "lot"})


def marked_through(value, name=""):
    """A document all of whose words that may tell of somebody are marked."""
    if isinstance(value, dict):
        return {key: marked_through(part, key) for key, part in value.items()}
    if isinstance(value, list):
        return [marked_through(part, name) for part in value]
    return f"MARK-NOTE {value}" if name in WORDS and isinstance(value, str) else value


def output(capfd, client):
    """All that was written, and the page of metrics."""
    return "".join(capfd.readouterr()) + client.get("/metrics").text


def found_in(text):
    """What of the stored patients or of the marks is in a text of several lines."""
    lines = [line for line in text.splitlines() if line.startswith("{")]
    others = "\n".join(line for line in text.splitlines() if not line.startswith("{"))
    return [word for line in lines for word in leaks(line)] + [word for word in forbidden() if word in others]


@pytest.mark.parametrize("name", REQUESTS)
def test_ch_j_23_no_stored_call_leaves_anything_of_its_patient(client, capfd, name):
    for body in (json.loads(stored_request(name)), marked_through(json.loads(stored_request(name)))):
        assert client.post(HOOK, data=json.dumps(body), content_type="application/json").status_code < 500
    said = output(capfd, client)
    assert said.count('"event":"answered"') == 2
    assert found_in(said) == []


@pytest.mark.parametrize("path", ["/assess", "/assess?format=cards", "/assess?strict=true", "/fhir/ResearchStudy/$match"])
def test_ch_j_23_no_stored_patient_leaves_anything(client, capfd, path):
    for name in PATIENTS[::4]:
        for body in (json.loads(stored_patient(name)), marked_through(json.loads(stored_patient(name)))):
            assert client.post(path, data=json.dumps(body), content_type="application/json").status_code < 500
    assert found_in(output(capfd, client)) == []


FEEDBACK = f"{HOOK}/feedback"
PATHS = [
    HOOK,
    FEEDBACK,
    "/assess",
    "/fhir/ResearchStudy/$match",
    "/cds-services/MARK-ID",
    "/MARK-ID",
    "/fhir/ResearchStudy/MARK-ID",
]
JSON = {"Content-Type": "application/json"}
REFUSED = {
    "half of it": (b'{"hook": "MARK-NOTE', JSON),
    "a text": (b'"MARK-NOTE"', JSON),
    "members that are none": (b'{"MARK-ID": "MARK-NOTE"}', JSON),
    "values that are none": (b'{"hook": "MARK-NOTE", "hookInstance": "MARK-ID", "context": "MARK-NOTE"}', JSON),
    "another resource": (b'{"resourceType": "MARK-NOTE", "id": "MARK-ID"}', JSON),
    "entries that are none": (b'{"resourceType": "Bundle", "entry": ["MARK-NOTE"], "type": "MARK-ID"}', JSON),
    "feedback that is none": (b'{"feedback": [{"card": "MARK-ID", "outcome": "MARK-NOTE"}]}', JSON),
    "no utf-8": (b'{"hook": "MARK-NOTE\xff"}', JSON),
    "no gzip": (b"MARK-NOTE", {**JSON, "Content-Encoding": "gzip"}),
    "gzip of nothing good": (gzip.compress(b"MARK-NOTE"), {**JSON, "Content-Encoding": "gzip"}),
    "another type": (b"MARK-NOTE", {"Content-Type": "text/MARK-NOTE"}),
    "another charset": (b"MARK-NOTE", {"Content-Type": "application/json; charset=MARK-NOTE"}),
    "another encoding": (b"MARK-NOTE", {**JSON, "Content-Encoding": "MARK-NOTE"}),
    "headers": (
        b"{}",
        {
            **JSON,
            "Authorization": "Bearer MARK-TOKEN",
            "Origin": "https://MARK-ID",
            "Cookie": "MARK-TOKEN",
            "User-Agent": "MARK-ID",
        },
    ),
    "an id of the request that is none": (b"{}", {**JSON, "X-Request-Id": "MARK-ID MARK-FAMILY"}),
}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", REFUSED)
def test_ch_t_05_no_refusal_repeats_what_was_sent(client, capfd, path, name):
    body, headers = REFUSED[name]
    for method in ("POST", "GET", "PUT"):
        answer = client.open(path, method=method, data=body, headers=headers)
        assert 400 <= answer.status_code < 500
        assert "MARK" not in answer.text + str(answer.headers)
    assert found_in(output(capfd, client)) == []


@pytest.mark.parametrize("path", PATHS[:4])
def test_ch_t_05_no_failure_inside_repeats_what_was_sent(client, service, monkeypatch, capfd, is_outcome, hook_call, path):
    def fail(*_arguments, **_options):
        raise ValueError("MARK-FAMILY", {"name": "MARK-GIVEN"})

    monkeypatch.setattr(type(service), "consult_prefetch", fail)
    monkeypatch.setattr(type(service), "consult_bundle", fail)
    monkeypatch.setattr(feedback, "given_feedback", fail)
    told = {"feedback": [{"card": "MARK-ID", "outcome": "accepted", "outcomeTimestamp": "2026-11-22T10:00:00Z"}]}
    answer = client.post(path, json={**marked(hook_call()), **told})
    is_outcome(answer, 500)
    assert "MARK" not in answer.text
    assert found_in(output(capfd, client)) == []


def test_ch_j_23_feedback_leaves_no_word_of_its_user(client, capfd):
    item = {"card": "MARK-ID", "outcome": "overridden", "outcomeTimestamp": "2026-11-22T10:00:00Z"}
    reason = {"reason": {"code": "MARK-NOTE", "display": "MARK-NOTE"}, "userComment": "MARK-FAMILY has died"}
    sent = {"feedback": [{**item, "overrideReason": reason, "extension": {"x": "MARK-MRN"}}]}
    assert client.post(FEEDBACK, json=sent).status_code == 200
    assert found_in(output(capfd, client)) == []


# ---------------------------------------------------------------- the watch over all tests


def test_the_watch_sees_every_line_and_knows_what_it_looks_for(capfd):
    with watched() as lines:
        log.info("answered", error="one")
        log.error("answered", error="two")
    assert [json.loads(line)["error"] for line in lines] == ["one", "two"]
    assert capfd.readouterr().err.splitlines() == lines
    assert {"adult-first-relapse", "1981-03-14", "invented-token", "eyJ"} <= set(forbidden())


@pytest.mark.parametrize("text", ["Invented", "1981-03-14", "adult-first-relapse", "eyJhbGciOi", "MARK-ID"])
def test_the_watch_finds_names_ids_and_tokens(text):
    assert leaks(json.dumps({"event": "answered", "error": f"of {text}."}))


def test_the_watch_does_not_take_the_moment_for_a_birth_date():
    assert leaks('{"event":"answered","timestamp":"1981-03-14T10:00:00Z"}') == []
