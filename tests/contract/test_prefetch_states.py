"""What each state of a prefetch key means: sent, nothing found, nothing sent, failed."""

import json

import pytest

from tests.contract.stored import stored_request

REQUIRED = ("patient", "conditions", "observations")
WORDS = {
    "medicationrequests": "medication orders",
    "medicationadministrations": "medications given",
    "medicationstatements": "medications as stated",
    "medicationdispenses": "medications dispensed",
    "procedures": "procedures",
    "allergies": "allergies",
    "diagnosticreports": "diagnostic reports",
    "specimens": "specimens",
}
OPTIONAL = tuple(WORDS)
EMPTY_SEARCH = {"resourceType": "Bundle", "type": "searchset", "total": 0}
NO_RESULTS = {
    "resourceType": "Bundle",
    "type": "searchset",
    "total": 0,
    "entry": [
        {
            "search": {"mode": "outcome"},
            "resource": {"resourceType": "OperationOutcome", "issue": [{"severity": "warning", "code": "processing"}]},
        }
    ],
}
FAILURE = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "exception"}]}
FAILED_SEARCH = {
    "resourceType": "Bundle",
    "type": "searchset",
    "entry": [{"search": {"mode": "outcome"}, "resource": FAILURE}],
}


NOT_RECEIVED = "**Not received, or not in full**"


def what_was_not_received(answer):
    """The line of the profile that names it; empty where there is none."""
    detail = next(card["detail"] for card in answer.json["cards"] if card["source"]["topic"]["code"] == "allleukaemiaprofile")
    return next((line for line in detail.splitlines() if line.startswith(NOT_RECEIVED)), "")


@pytest.fixture
def open_call(hook_call):
    """A call of a patient with ALL, in which every key is sent."""
    body = hook_call("nothing-but-a-diagnosis")
    body["prefetch"].setdefault("specimens", None)
    return body


@pytest.mark.parametrize("key", REQUIRED)
def test_ch_f_01_ch_f_21_a_required_key_that_was_not_sent_is_412_and_named(post_hook, hook_call, is_outcome, key):
    body = hook_call()
    del body["prefetch"][key]
    assert key in is_outcome(post_hook(body), 412)["diagnostics"]


@pytest.mark.parametrize("key", REQUIRED)
def test_ch_f_07_a_required_key_that_failed_is_not_to_be_sent_as_nothing(post_hook, hook_call, is_outcome, key):
    body = hook_call()
    body["prefetch"][key] = FAILURE
    failed = is_outcome(post_hook(body), 412)["diagnostics"]
    del body["prefetch"][key]
    absent = is_outcome(post_hook(body), 412)["diagnostics"]
    assert key in failed
    assert ("null" in failed, "null" in absent) == (False, True)
    assert "unknown, not absent" in failed


def logged(capsys):
    """The line of the last call."""
    return json.loads(capsys.readouterr().err.strip().splitlines()[-1])


@pytest.mark.parametrize(
    ("key", "value", "status", "remarks"),
    [
        ("procedures", NO_RESULTS, 200, ["processing"]),
        ("procedures", FAILURE, 200, ["exception"]),
        ("procedures", FAILED_SEARCH, 200, ["exception"]),
        ("procedures", EMPTY_SEARCH, 200, None),
        ("procedures", None, 200, None),
        ("observations", FAILURE, 412, ["exception"]),
        ("observations", EMPTY_SEARCH, 200, None),
    ],
)
def test_ch_f_06_ch_f_07_the_codes_of_the_clients_remarks_are_logged(post_hook, open_call, capsys, key, value, status, remarks):
    open_call["prefetch"][key] = value
    assert post_hook(open_call).status_code == status
    assert logged(capsys).get("remarks") == remarks


@pytest.mark.parametrize("prefetch", [pytest.param("absent", id="no prefetch at all"), None, {}])
def test_ch_f_21_without_any_data_all_required_keys_are_named(post_hook, hook_call, is_outcome, prefetch):
    body = hook_call()
    if prefetch == "absent":
        del body["prefetch"]
    else:
        body["prefetch"] = prefetch
    said = is_outcome(post_hook(body), 412)["diagnostics"]
    assert all(key in said for key in REQUIRED)


@pytest.mark.parametrize("key", OPTIONAL)
@pytest.mark.parametrize("state", ["absent", "failed"])
def test_ch_f_01_ch_f_07_without_an_optional_key_the_answer_says_what_could_not_be_had(post_hook, open_call, key, state):
    if state == "absent":
        open_call["prefetch"].pop(key, None)
    else:
        open_call["prefetch"][key] = FAILURE
    answer = post_hook(open_call)
    assert answer.status_code == 200
    assert WORDS[key] in what_was_not_received(answer)


@pytest.mark.parametrize("key", OPTIONAL)
@pytest.mark.parametrize(
    "value",
    [
        pytest.param(None, id="ch_f_02 null"),
        pytest.param(EMPTY_SEARCH, id="ch_f_05 a search without entries"),
        pytest.param(NO_RESULTS, id="ch_f_06 a search with a remark only"),
    ],
)
def test_ch_f_02_looked_and_found_nothing_is_not_the_same_as_not_sent(post_hook, open_call, key, value):
    open_call["prefetch"][key] = value
    answer = post_hook(open_call)
    assert answer.status_code == 200
    assert what_was_not_received(answer) == ""


def test_ch_f_22_a_record_that_holds_nothing_is_answered(post_hook, hook_call):
    body = hook_call()
    body["prefetch"] = dict.fromkeys((*REQUIRED, *OPTIONAL))
    answer = post_hook(body)
    assert answer.status_code == 200
    assert answer.json == {"cards": []}


@pytest.mark.parametrize("key", REQUIRED)
@pytest.mark.parametrize("value", [FAILURE, FAILED_SEARCH], ids=["outcome", "search with an error"])
def test_ch_f_07_a_required_key_that_failed_is_412(post_hook, hook_call, is_outcome, key, value):
    body = hook_call()
    body["prefetch"][key] = value
    assert key in is_outcome(post_hook(body), 412)["diagnostics"]


def test_ch_f_04_included_resources_are_not_the_patients_data(post_hook, hook_call, without_ids):
    body = hook_call()
    plain = post_hook(body).json
    stray = {"resourceType": "Observation", "id": "stray", "status": "final", "code": {"text": "CD19"}, "valueString": "negative"}
    body["prefetch"]["conditions"]["entry"].append({"resource": stray, "search": {"mode": "include"}})
    assert without_ids(post_hook(body).json) == without_ids(plain)


def test_ch_f_08_a_first_page_is_used_and_marked_as_incomplete(post_hook, open_call):
    page = open_call["prefetch"]["observations"] or dict(EMPTY_SEARCH)
    page["link"] = [{"relation": "next", "url": "https://ehr.example.org/fhir?page=2"}]
    open_call["prefetch"]["observations"] = page
    answer = post_hook(open_call)
    assert answer.status_code == 200
    assert "observations" in what_was_not_received(answer)


def test_ch_f_09_a_collection_is_read_as_a_list(post_hook, hook_call, without_ids):
    body = hook_call()
    plain = post_hook(body).json
    body["prefetch"]["observations"]["type"] = "collection"
    assert without_ids(post_hook(body).json) == without_ids(plain)


def test_ch_f_10_a_single_resource_is_read_as_a_list_of_one(post_hook, hook_call):
    body = hook_call()
    body["prefetch"]["conditions"] = body["prefetch"]["conditions"]["entry"][-1]["resource"]
    assert post_hook(body).status_code == 200


def test_ch_f_11_a_key_that_nobody_asked_for_is_passed_over(post_hook, hook_call, without_ids):
    body = hook_call()
    plain = post_hook(body).json
    body["prefetch"]["coverage"] = {"resourceType": "Coverage", "id": "x"}
    assert without_ids(post_hook(body).json) == without_ids(plain)


def test_ch_f_12_another_type_of_resource_in_a_key_is_refused(post_hook, hook_call, is_outcome):
    body = hook_call()
    body["prefetch"]["patient"] = {"resourceType": "Practitioner", "id": "x"}
    assert "prefetch.patient" in is_outcome(post_hook(body), 422)["diagnostics"]


def test_ch_f_12_ch_r_09_patient_mismatch_422(post_hook, hook_call, is_outcome):
    body = hook_call()
    body["prefetch"]["patient"]["id"] = "somebody-else"
    issue = is_outcome(post_hook(body), 422)
    assert "somebody-else" not in issue["diagnostics"]


def test_ch_r_09_an_observation_of_another_patient_is_refused(post_hook, hook_call, is_outcome):
    body = hook_call()
    body["prefetch"]["observations"]["entry"][0]["resource"]["subject"] = {"reference": "Patient/somebody-else"}
    issue = is_outcome(post_hook(body), 422)
    assert "somebody-else" not in issue["diagnostics"]


@pytest.mark.parametrize("name", ["no-entries", "null-keys"])
def test_an_empty_record_part_gives_the_same_cards_however_it_was_said(post_hook, hook_call, without_ids, name):
    other = stored_request(f"adult-first-relapse-patient-view-{name}")
    assert without_ids(post_hook(other).json) == without_ids(post_hook(hook_call()).json)
