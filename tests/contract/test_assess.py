"""`POST /assess`: parameters, content types, limits and errors."""

import gzip
import io
import json
import re
from datetime import date, timedelta

import pytest

PATIENT = {"resource": {"resourceType": "Patient", "id": "p", "birthDate": "1990-01-01"}}


def a_bundle(*entries, **members):
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": [PATIENT, *entries], **members}).encode()


@pytest.fixture
def assess(client):
    def post(body, query="", **options):
        return client.post(f"/assess{query}", data=body, content_type=options.pop("content_type", "application/json"), **options)

    return post


def test_the_answer_has_the_fixed_members(assess):
    answer = assess(a_bundle(), "?as_of=2026-11-22&known_by=2026-11-22")
    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    assert list(answer.json) == [
        *("patient", "asOf", "knownBy", "regulators", "country", "knowledge"),
        *("facts", "riskGroups", "therapies", "trials", "needs", "problems", "timeline"),
    ]
    assert (answer.json["asOf"], answer.json["knownBy"], answer.json["patient"]) == ("2026-11-22", "2026-11-22", "Patient/p")


def test_the_assessment_of_a_deceased_patient_says_so_and_keeps_its_shape(assess, bundle):
    story = json.loads(bundle("adult-first-relapse"))
    alive = assess(json.dumps(story), "?as_of=2026-11-22&known_by=2026-11-22").json
    patient = next(entry["resource"] for entry in story["entry"] if entry["resource"]["resourceType"] == "Patient")
    patient["deceasedDateTime"] = "2026-11-22"
    dead = assess(json.dumps(story), "?as_of=2026-11-22&known_by=2026-11-22").json
    told = {
        "severity": "information",
        "code": "deceased",
        "where": f"Patient/{patient['id']} deceasedDateTime",
        "text": "Recorded as deceased by the day asked for",
    }
    assert told in dead["problems"]
    assert dead | {"problems": [problem for problem in dead["problems"] if problem != told]} == alive
    day_before = assess(json.dumps(story), "?as_of=2026-11-21&known_by=2026-11-22").json
    assert "deceased" not in [problem["code"] for problem in day_before["problems"]]


@pytest.mark.parametrize("kind", ["collection", "searchset", "transaction", "document", "message", "batch"])
def test_a_bundle_of_any_type_is_answered(assess, kind):
    assert assess(a_bundle(type=kind)).status_code == 200


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/fhir+json", "application/fhir+json; charset=UTF-8; fhirVersion=4.0"]
)
def test_content_types_that_are_read(assess, content_type):
    assert assess(a_bundle(), content_type=content_type).status_code == 200


@pytest.mark.parametrize("content_type", ["text/plain", "application/fhir+xml", "application/x-ndjson", ""])
def test_another_content_type_is_415(assess, is_outcome, content_type):
    is_outcome(assess(a_bundle(), content_type=content_type), 415)


def test_regulators_come_from_the_settings_unless_they_are_asked(assess):
    assert assess(a_bundle()).json["regulators"] == ["EMA", "AEMPS"]
    assert assess(a_bundle(), "?regulators=FDA,EMA,FDA").json["regulators"] == ["FDA", "EMA"]


def test_country_is_read_in_either_case(assess):
    assert assess(a_bundle(), "?country=es").json["country"] == "ES"
    assert assess(a_bundle()).json["country"] is None


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("?as_of=tomorrow", "as_of"),
        ("?as_of=2026-02-30", "as_of"),
        ("?as_of=20261122", "as_of"),
        ("?as_of=2026-11", "as_of"),
        ("?known_by=2026-11-22T00:00:00Z", "known_by"),
        ("?regulators=EMA,PMDA", "regulators"),
        ("?regulators=,", "regulators"),
        ("?country=Spain", "country"),
        ("?country=E1", "country"),
        ("?site_group=%0A", "site_group"),
        ("?format=xml", "format"),
        ("?as_of=2026-11-22&as_of=2026-11-23", "as_of"),
    ],
)
def test_a_parameter_that_cannot_be_used_is_400_and_named(assess, is_outcome, query, name):
    issue = is_outcome(assess(a_bundle(), query), 400)
    assert name in issue["diagnostics"]
    assert issue["expression"] == [name]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/assess"),
        ("POST", "/explain"),
        ("POST", "/what-if"),
        ("POST", "/fhir/ResearchStudy/$match"),
        ("GET", "/fhir/ResearchStudy"),
    ],
)
def test_a_day_that_has_not_come_is_400_at_every_address(client, is_outcome, method, path):
    body = {"data": a_bundle(), "content_type": "application/json"} if method == "POST" else {}
    assert is_outcome(client.open(f"{path}?as_of=9999-12-31", method=method, **body), 400)["expression"] == ["as_of"]


def test_tomorrow_has_come_somewhere(assess):
    tomorrow = date.today() + timedelta(days=1)  # noqa: DTZ011 - the day where the service runs
    assert assess(a_bundle(), f"?as_of={tomorrow}").status_code == 200


def test_a_misspelt_parameter_is_400_and_not_taken_for_today(assess, is_outcome):
    assert "as_of" in is_outcome(assess(a_bundle(), "?asof=2026-11-22"), 400)["diagnostics"]


def test_format_cards_is_the_answer_of_the_hook(assess, bundle):
    answer = assess(bundle("adult-first-relapse"), "?format=cards&as_of=2026-11-22")
    assert list(answer.json) == ["cards"]
    assert answer.json["cards"]


@pytest.mark.parametrize("body", [b"", b"{", b"nonsense", b"\xff"])
def test_what_is_not_json_is_400(assess, is_outcome, body):
    is_outcome(assess(body), 400)


@pytest.mark.parametrize("body", [b"[]", b"{}", b"null", b'{"resourceType":"Patient","id":"p"}'])
def test_json_that_is_no_bundle_is_400(assess, is_outcome, body):
    is_outcome(assess(body), 400)


def test_a_bundle_without_a_patient_is_422(assess, is_outcome):
    is_outcome(assess(b'{"resourceType":"Bundle","type":"collection"}'), 422)


def test_a_bundle_with_two_patients_is_422(assess, is_outcome):
    is_outcome(assess(a_bundle({"resource": {"resourceType": "Patient", "id": "q"}})), 422)


@pytest.mark.parametrize(
    "stranger",
    [
        {"resourceType": "Patient", "id": "SECRET"},
        {"resourceType": "Condition", "id": "SECRET", "code": {"text": "x"}, "subject": {"reference": "Patient/OTHER"}},
        {"resourceType": "Condition", "code": {"text": "x"}, "subject": {"reference": "Patient/OTHER"}},
    ],
)
def test_what_belongs_to_somebody_else_is_named_by_its_place_and_by_no_id(assess, is_outcome, stranger):
    answer = assess(a_bundle({"resource": stranger, "fullUrl": "https://x.example/SECRET"}))
    is_outcome(answer, 422)
    assert b"entry[1]" in answer.data
    assert not re.search(b"SECRET|OTHER", answer.data)


def test_gzip_is_read(assess):
    answer = assess(gzip.compress(a_bundle()), headers={"Content-Encoding": "gzip"})
    assert answer.status_code == 200


def test_what_only_says_to_be_gzip_is_400(assess, is_outcome):
    is_outcome(assess(a_bundle(), headers={"Content-Encoding": "gzip"}), 400)


def test_half_a_gzip_is_400(assess, is_outcome):
    is_outcome(assess(gzip.compress(a_bundle())[:-12], headers={"Content-Encoding": "gzip"}), 400)


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip"])
def test_another_encoding_is_415(assess, is_outcome, encoding):
    is_outcome(assess(a_bundle(), headers={"Content-Encoding": encoding}), 415)


def test_ch_g_08_a_body_over_the_limit_is_413_without_parsing(client_with, is_outcome):
    body = b"not even JSON " * 10
    small = client_with(body_limit=len(body) - 1)
    is_outcome(small.post("/assess", data=body, content_type="application/json"), 413)
    just = client_with(body_limit=len(body))
    is_outcome(just.post("/assess", data=body, content_type="application/json"), 400)


@pytest.mark.parametrize(("spare", "status"), [(-1, 413), (0, 200)])
def test_ch_g_08_a_body_sent_in_pieces_is_not_cut_at_the_limit(client_with, spare, status):
    # Without a length the reader must notice by itself that there is more.
    body = a_bundle()
    answer = client_with(body_limit=len(body) + spare).post(
        "/assess",
        input_stream=io.BytesIO(body),
        content_type="application/json",
        environ_overrides={"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
    )
    assert answer.status_code == status


def test_ch_g_08_a_body_that_inflates_over_the_limit_is_413(client_with, is_outcome):
    body = a_bundle(note="x" * 100_000)
    packed = gzip.compress(body)
    headers = {"Content-Encoding": "gzip"}
    small = client_with(inflated_limit=len(body) - 1)
    is_outcome(small.post("/assess", data=packed, content_type="application/json", headers=headers), 413)
    just = client_with(inflated_limit=len(body))
    assert just.post("/assess", data=packed, content_type="application/json", headers=headers).status_code == 200


def test_data_after_the_day_asked_are_not_used_and_listed(assess):
    later = {
        "resource": {
            "resourceType": "Condition",
            "id": "c",
            "subject": {"reference": "Patient/p"},
            "code": {"text": "acute lymphoblastic leukaemia"},
            "recordedDate": "2026-11-23",
        }
    }
    body = a_bundle(later)
    codes = [problem["code"] for problem in assess(body, "?as_of=2026-11-22").json["problems"]]
    assert "after-as-of" in codes
    assert "after-as-of" not in [problem["code"] for problem in assess(body, "?as_of=2026-11-23").json["problems"]]


def test_a_transplant_of_this_year_was_done_by_today_and_not_surely_by_the_day_before(assess):
    today = date.today()  # noqa: DTZ011 - the day where the service runs
    graft = {
        "resourceType": "Procedure",
        "id": "graft",
        "status": "completed",
        "performedDateTime": f"{today:%Y}",
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "58390007"}]},
    }
    body = a_bundle({"resource": graft})
    for day, state in ((today, "known"), (today - timedelta(days=1), "unknown")):
        assert assess(body, f"?as_of={day}").json["facts"]["prior_allo_hsct"]["state"] == state
