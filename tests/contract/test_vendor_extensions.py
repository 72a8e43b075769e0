"""What record systems say of a call beside the specification, and calls that came with nothing."""

import json

import pytest

from tests.contract.stored import HOOK, stored_request

VERSION = "com.epic.cdshooks.request.fhir-version"
TRIGGER = "com.epic.cdshooks.request.bpa-trigger-action"


def line(capfd):
    (found,) = [json.loads(row) for row in capfd.readouterr().err.splitlines() if '"answered"' in row]
    return found


@pytest.mark.parametrize(("sent", "number"), [(18, 18), ("18", 18), ("60", 60)])
def test_x_01_the_trigger_is_a_number_or_a_text(post_hook, hook_call, capfd, sent, number):
    assert post_hook({**hook_call(), "extension": {TRIGGER: sent}}).status_code == 200
    assert line(capfd)["trigger"] == number


@pytest.mark.parametrize("sent", ["MARK", None, -1, 12345, {"a": 1}, "", 1.5, True])
def test_x_01_any_other_trigger_is_passed_over_and_not_written_down(post_hook, hook_call, capfd, sent):
    assert post_hook({**hook_call(), "extension": {TRIGGER: sent}}).status_code == 200
    assert "trigger" not in line(capfd)


@pytest.mark.parametrize("said", ["R4", "r4", "4", "4.0.1", "4.0", "R4B", "4.3.0", "FHIR R4", None, "", 4, ["STU3"], "?"])
def test_ch_h_03_r4_and_what_says_nothing_is_read(post_hook, hook_call, said):
    assert post_hook({**hook_call(), "extension": {VERSION: said}}).status_code == 200


@pytest.mark.parametrize("said", ["STU3", "DSTU2", "3.0.2", "R5", "5.0.0", "1.0.2", "R3"])
def test_ch_h_03_another_version_is_412_and_says_what_to_choose(post_hook, hook_call, is_outcome, said):
    issue = is_outcome(post_hook({**hook_call(), "extension": {VERSION: said}}), 412)
    assert VERSION in issue["diagnostics"]
    assert "R4" in issue["diagnostics"]


@pytest.mark.parametrize(
    ("kind", "status"), [("ProcedureRequest", 412), ("MedicationOrder", 412), ("DiagnosticOrder", 412), ("ServiceRequest", 200)]
)
def test_ch_h_03_an_order_that_only_an_older_version_has_gives_the_version_away(post_call, kind, status):
    body = json.loads(stored_request("adult-first-relapse-order-sign"))
    body["context"]["draftOrders"] = {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": kind, "id": "1"}}]}
    assert post_call(body).status_code == status
    # what the client says of itself comes before what its data look like
    assert post_call({**body, "extension": {VERSION: "R4"}}).status_code == 200


@pytest.mark.parametrize("mode", ["match", "include"])
@pytest.mark.parametrize("kind", ["ProcedureRequest", "MedicationOrder", "DiagnosticOrder"])
def test_ch_h_03_a_resource_that_only_an_older_version_has_gives_the_version_away(post_hook, hook_call, is_outcome, kind, mode):
    body = hook_call()
    resources = [({"resourceType": "Procedure", "id": "1"}, "match"), ({"resourceType": kind, "id": "2"}, mode)]
    entries = [{"resource": resource, "search": {"mode": found}} for resource, found in resources]
    body["prefetch"]["procedures"] = {"resourceType": "Bundle", "type": "searchset", "entry": entries}
    issue = is_outcome(post_hook(body), 412)
    assert "FHIR R4" in issue["diagnostics"]


def test_ch_h_03_a_text_that_names_an_older_resource_is_no_such_resource(post_hook, hook_call):
    body = hook_call()
    body["prefetch"]["patient"]["identifier"] = [{"value": "ProcedureRequest", "system": "urn:resourceType"}]
    assert post_hook(body).status_code == 200


def test_x_07_a_call_without_anything_is_412_and_the_hint_is_about_the_address(post_hook, hook_call, is_outcome, capfd):
    body = hook_call()
    for empty in ("{}", "null"):
        issue = is_outcome(post_hook({**body, "prefetch": json.loads(empty)}), 412)
        assert "exactly the one registered" in issue["diagnostics"]
        assert line(capfd)["stripped"] is True
    del body["prefetch"]["patient"]
    issue = is_outcome(post_hook(body), 412)
    assert "exactly the one registered" not in issue["diagnostics"]
    assert "stripped" not in line(capfd)


def test_x_07_a_call_with_a_server_to_ask_is_not_stripped(post_hook, hook_call, capfd):
    post_hook({**hook_call(), "prefetch": {}, "fhirServer": "https://ehr.example.org/fhir"})
    assert "stripped" not in line(capfd)


def test_ch_h_08_ids_longer_than_fhir_allows_are_read(client, hook_call):
    body = json.dumps(hook_call()).replace("adult-first-relapse", "e" * 194)
    assert client.post(HOOK, data=body, content_type="application/json").status_code == 200
