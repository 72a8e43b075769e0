"""The minimum that every CDS service is held to, where no other file asks for it under the name that it is known by."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.contract.stored import FIXTURES, HOOK
from tests.contract.test_prefetch_states import (
    EMPTY_SEARCH,
    FAILED_SEARCH,
    FAILURE,
    NO_RESULTS,
    what_was_not_received,
)

HOOK_CALLS = FIXTURES.parent.parent / "shared" / "fhir-examples" / "crd-hook-requests"
OBSERVATION = {
    "resourceType": "Observation",
    "id": "o",
    "status": "final",
    "code": {"text": "something else"},
    "subject": {"reference": "Patient/nothing-but-a-diagnosis"},
}
PROCEDURE = {
    "resourceType": "Procedure",
    "id": "o",
    "status": "completed",
    "code": {"text": "something else"},
    "subject": {"reference": "Patient/nothing-but-a-diagnosis"},
}
ABSENT = "absent"
NEXT = [{"relation": "next", "url": "https://ehr.example.org/fhir?page=2"}]


def found(resource, **members):
    return {"resourceType": "Bundle", "type": "searchset", "total": 1, "entry": [{"resource": resource}], **members}


def with_stray(resource):
    stray = {"resource": {"resourceType": "Organization", "id": "x"}, "search": {"mode": "include"}}
    bundle = found(resource)
    return bundle | {"entry": [*bundle["entry"], stray]}


def absolute(resource):
    return {**resource, "subject": {"reference": f"https://ehr.example.org/fhir/{resource['subject']['reference']}"}}


# The table of states: value, status where the key is required, status where it is not, whether the answer says that it lacks.
STATES: dict[str, tuple[Callable[[Any], Any], int, int, bool]] = {
    "f_01 absent": (lambda _: ABSENT, 412, 200, True),
    "f_02 null": (lambda _: None, 200, 200, False),
    "f_04 a search with a match": (found, 200, 200, False),
    "f_04 a search with an included resource": (with_stray, 200, 200, False),
    "f_05 a search without entries": (lambda _: EMPTY_SEARCH, 200, 200, False),
    "f_06 a remark only": (lambda _: NO_RESULTS, 200, 200, False),
    "f_07 a failure inside a search": (lambda _: FAILED_SEARCH, 412, 200, True),
    "f_07 a failure": (lambda _: FAILURE, 412, 200, True),
    "f_08 a first page": (lambda resource: found(resource, link=NEXT), 200, 200, True),
    "f_09 a collection": (lambda resource: found(resource, type="collection"), 200, 200, False),
    "f_10 a single resource": (lambda resource: resource, 200, 200, False),
    "f_12 another type": (lambda _: {"resourceType": "Organization", "id": "x"}, 422, 422, False),
    "f_13 absolute references": (lambda resource: found(absolute(resource)), 200, 200, False),
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(
    ("key", "resource", "said", "is_required"),
    [("observations", OBSERVATION, "observations", True), ("procedures", PROCEDURE, "procedures", False)],
    ids=["required", "optional"],
)
def test_prefetch_state_table(post_hook, hook_call, state, key, resource, said, is_required):
    make, where_required, where_optional, lacks = STATES[state]
    call = hook_call("nothing-but-a-diagnosis")
    call["prefetch"].setdefault("specimens", None)
    call["prefetch"].pop(key, None)
    if (value := make(copy.deepcopy(resource))) != ABSENT:
        call["prefetch"][key] = value
    call["prefetch"]["com-example-unasked"] = {"resourceType": "Coverage", "id": "x"}  # f_11: changes nothing
    answer = post_hook(call)
    assert answer.status_code == (where_required if is_required else where_optional)
    if answer.status_code == 200:
        assert (said in what_was_not_received(answer)) is lacks


def nothings(value, path="$"):
    """Each null and empty part of a document."""
    if value is None or (isinstance(value, str | list | dict) and not value):
        return [path]
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found_at for name, part in parts for found_at in nothings(part, f"{path}.{name}")]


def test_ch_g_02_ch_g_03_no_null_no_empty(client, post_hook, hook_call):
    with_cards, silent = post_hook(hook_call()), post_hook(hook_call("aml"))
    assert nothings(client.get("/cds-services").json) == []
    assert with_cards.json["cards"]
    assert nothings(with_cards.json) == []
    assert nothings(silent.json) == ["$.cards"]  # the one list that may be empty
    assert nothings(post_hook(b"{").json) == []
    taken = client.post(f"{HOOK}/feedback", data=b'{"feedback": []}', content_type="application/json")
    assert nothings(taken.json) == ["$"]  # nothing at all was asked


def test_ch_b_03_ch_b_04_ch_b_05_feedback_20(client, post_hook, hook_call):
    card = next(card for card in post_hook(hook_call()).json["cards"] if card.get("suggestions"))
    accepted = {
        "card": card["uuid"],
        "outcome": "accepted",
        "acceptedSuggestions": [{"id": card["suggestions"][0]["uuid"]}],
        "outcomeTimestamp": "2026-11-22T10:05:31Z",
    }
    reason = {name: card["overrideReasons"][0][name] for name in ("code", "system")}
    overridden = {
        "card": card["uuid"],
        "outcome": "overridden",
        "overrideReason": {"reason": reason, "userComment": "a comment"},
        "outcomeTimestamp": "2026-11-22T10:05:31Z",
    }
    for batch in ([accepted], [overridden], [accepted, overridden]):
        answer = client.post(f"{HOOK}/feedback", data=json.dumps({"feedback": batch}), content_type="application/json")
        assert (answer.status_code, answer.data) == (200, b"{}")


@pytest.mark.parametrize("card", ["9f0fa4d0-0000-4000-8000-000000000009", "123456"])
def test_ch_b_08_ch_b_09_feedback_repeat_orphan(client, card):
    item = {"card": card, "outcome": "overridden", "outcomeTimestamp": "2026-11-22T10:05:31Z"}
    for _ in range(2):
        answer = client.post(f"{HOOK}/feedback", data=json.dumps({"feedback": [item, item]}), content_type="application/json")
        assert (answer.status_code, answer.data) == (200, b"{}")


def test_x_22_x_24_oracle_narrow_card(post_hook, hook_call):
    # A panel an eighth of a screen wide, which removes links and shows critical cards as interrupting windows.
    for card in post_hook(hook_call()).json["cards"]:
        assert len(card["summary"]) <= 139
        assert card["indicator"] != "critical"
        lines = card["detail"].splitlines()
        assert not [line for line in lines if line.lstrip().startswith("|")]  # no table
        assert "](" not in card["detail"]  # every word is there without the links
        assert all("appContext" not in link for link in card.get("links", []))


@pytest.mark.skipif(not HOOK_CALLS.is_dir(), reason="other people's calls lie beside the repository, not in it")
@pytest.mark.parametrize("path", sorted(HOOK_CALLS.glob("*_hook_request.json")), ids=lambda path: path.stem)
def test_inferno_shapes_of_calls_that_others_wrote(client, path):
    hooks = {service["hook"]: service for service in client.get("/cds-services").json["services"]}
    # The examples mix two patients: one of them is made the patient of all orders.
    call = json.loads(path.read_text(encoding="utf-8").replace("Patient/1288992", "Patient/example"))
    service = hooks.get(call["hook"])
    if service is None:
        answer = client.post(HOOK, data=json.dumps(call), content_type="application/json")
        assert answer.status_code == 400
        return
    call["prefetch"] = dict.fromkeys(service["prefetch"])
    answer = client.post(f"/cds-services/{service['id']}", data=json.dumps(call), content_type="application/json")
    assert answer.status_code == 200
