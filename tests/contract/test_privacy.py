"""Nothing of a patient reaches a log, an error or a metric: every text of the call is marked and looked for."""

import json

import pytest

from service.web.logs import ALLOWED, only_allowed

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
