"""What a call of the hook may look like."""

import json
import uuid

import pytest

from tests.contract.stored import FIXTURES, REQUESTS, stored_request

NEIGHBOURS = FIXTURES.parent.parent / "shared" / "fhir-examples" / "cds-hooks-logical-models"


def test_request_each_hook_minimal(post_hook, hook_call):
    assert post_hook(hook_call()).status_code == 200


@pytest.mark.parametrize("name", REQUESTS)
def test_every_stored_call_is_answered(post_call, name):
    assert post_call(stored_request(name)).status_code == 200


DECEASED = [
    ({"deceasedBoolean": True}, True),
    ({"deceasedDateTime": "2026-01-01"}, True),
    ({"deceasedDateTime": "2999-01-01"}, False),
]


@pytest.mark.parametrize(("members", "deceased"), DECEASED)
@pytest.mark.parametrize("name", ["adult-first-relapse-patient-view", "adult-first-relapse-order-sign"])
def test_nothing_is_offered_for_a_deceased_patient(post_call, name, members, deceased):
    call = json.loads(stored_request(name))
    call["prefetch"]["patient"] |= members
    assert bool(post_call(call).json["cards"]) is not deceased


@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=utf-8", "application/fhir+json"])
def test_ch_g_06_content_types(post_hook, hook_call, content_type):
    answer = post_hook(hook_call(), content_type=content_type)
    assert answer.status_code == 200
    assert answer.mimetype == "application/json"


@pytest.mark.parametrize("accept", ["application/json+fhir", "text/html", "*/*"])
def test_ch_g_06_no_accept_header_is_demanded(post_hook, hook_call, accept):
    assert post_hook(hook_call(), headers={"Accept": accept}).status_code == 200


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/xml", "multipart/form-data", "", "application/json; charset=utf-16"]
)
def test_another_content_type_is_415(post_hook, hook_call, is_outcome, content_type):
    is_outcome(post_hook(hook_call(), content_type=content_type), 415)


def test_ch_g_07_request_unknown_members(post_hook, hook_call, without_ids):
    body = hook_call()
    plain = post_hook(body).json
    for part in (body, body["context"], body["prefetch"]["patient"]):
        part["foo"] = {"bar": [1]}
    assert without_ids(post_hook(body).json) == without_ids(plain)


@pytest.mark.parametrize("value", ["order-sign", "order-dispatch", "patient-viewed", ""])
def test_ch_r_01_another_hook_is_400(post_hook, hook_call, is_outcome, value):
    is_outcome(post_hook({**hook_call(), "hook": value}), 400)


@pytest.mark.parametrize("member", ["hook", "hookInstance", "context"])
def test_ch_r_01_ch_r_02_ch_r_03_a_required_member_that_is_missing_is_400_and_named(post_hook, hook_call, is_outcome, member):
    body = hook_call()
    del body[member]
    assert member in is_outcome(post_hook(body), 400)["diagnostics"]


@pytest.mark.parametrize(
    "value", [str(uuid.UUID(int=4)).upper(), "7c1d2e00-c6d4-11f1-9b3a-0800200c9a66", "d1f2694e-6ea4-51ca-8614-498b9833de95"]
)
def test_ch_r_02_a_uuid_of_any_version_is_accepted(post_hook, hook_call, value):
    assert post_hook({**hook_call(), "hookInstance": value}).status_code == 200


def test_ch_r_04_a_token_without_a_server_is_400(post_hook, hook_call, is_outcome):
    is_outcome(post_hook({**hook_call(), "fhirAuthorization": {"access_token": "x"}}), 400)


def test_ch_a_02_a_token_for_another_patient_is_422(post_hook, hook_call, is_outcome):
    body = hook_call()
    body["fhirServer"] = "https://ehr.example.org/fhir"
    body["fhirAuthorization"] = {"access_token": "x", "patient": "somebody-else"}
    is_outcome(post_hook(body), 422)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"null", b"\xff\xfe", b"1"])
def test_ch_r_08_a_body_that_is_no_object_is_400(post_hook, is_outcome, body):
    is_outcome(post_hook(body), 400)


def test_ch_r_08_an_unknown_service_is_404(client, is_outcome):
    is_outcome(client.post("/cds-services/another", data=b"{}", content_type="application/json"), 404)


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/cds-services/all-immunotherapy"), ("POST", "/cds-services"), ("GET", "/assess"), ("PUT", "/health")],
)
def test_ch_r_08_another_method_is_405_and_says_which_are_allowed(client, is_outcome, method, path):
    answer = client.open(path, method=method)
    is_outcome(answer, 405)
    assert answer.headers["Allow"]


def test_ch_d_11_a_slash_at_the_end_of_a_service_is_no_redirect(client, hook_call):
    answer = client.post("/cds-services/all-immunotherapy/", data=json.dumps(hook_call()), content_type="application/json")
    assert answer.status_code == 200


def test_epic_sample_request(post_hook, hook_call, without_ids):
    epic = stored_request("adult-first-relapse-patient-view-epic")
    answer = post_hook(epic)
    assert answer.status_code == 200
    assert [card["summary"] for card in answer.json["cards"]] == [
        card["summary"] for card in post_hook(hook_call()).json["cards"]
    ]


def test_ch_f_11_ch_f_21_a_prefetch_that_is_one_bundle_brings_none_of_the_keys(post_hook, hook_call, is_outcome, bundle):
    # A client of another maker sends it so: its members are keys that nobody asked for, and what is required was not sent.
    body = {**hook_call(), "prefetch": json.loads(bundle("adult-first-relapse"))}
    said = is_outcome(post_hook(body), 412)["diagnostics"]
    assert all(key in said for key in ("patient", "conditions", "observations"))


@pytest.mark.parametrize("prefetch", ["text", 1, [], [{}], True])
def test_a_prefetch_of_another_type_is_400(post_hook, hook_call, is_outcome, prefetch):
    is_outcome(post_hook({**hook_call(), "prefetch": prefetch}), 400)


def test_a_resource_that_cannot_be_read_spoils_itself_only(post_hook, hook_call, without_ids):
    body = hook_call()
    body["prefetch"]["observations"]["entry"].append(
        {"resource": {"resourceType": "Observation", "id": "x", "status": 7, "code": "CD19"}}
    )
    assert post_hook(body).status_code == 200


def test_the_specifications_own_example_lacks_what_we_require(post_hook, is_outcome):
    path = NEIGHBOURS / "example-CDSHooksRequestPV.json"
    if not path.is_file():
        pytest.skip("the collected examples of the specification are not beside this checkout")
    is_outcome(post_hook(path.read_bytes()), 412)
