"""The reader of the calls of one service: the same states of prefetch as with every key left undecoded, whatever was sent."""

from __future__ import annotations

import json

import pytest

from cds_hooks import (
    Absent,
    Empty,
    Failed,
    FailureReason,
    InvalidMember,
    NotAnObject,
    NotJson,
    Present,
    UnsupportedHook,
    classify,
    decode_request,
    request_reader,
)

read = request_reader({"patient": "Patient/{{context.patientId}}", "lab-results": "Observation?patient={{context.patientId}}"})

KEYS = ("patient", "lab-results")
PATIENT = {"resourceType": "Patient", "id": "a"}
RESULT = {"resourceType": "Observation", "id": "b"}
FOUND = {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": RESULT, "search": {"mode": "match"}}]}


def body(**members: object) -> bytes:
    call = {
        "hook": "patient-view",
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "context": {"userId": "Practitioner/example", "patientId": "a"},
    }
    return json.dumps({**call, **members}).encode()


def states(sent: bytes) -> list[object]:
    found = classify(read(sent).prefetch, KEYS)
    assert found == classify(decode_request(sent).prefetch, KEYS)
    return [found[key] for key in KEYS]


def resources(state: object) -> list[object]:
    assert isinstance(state, Present)
    return [json.loads(bytes(raw)) for raw in state.resources]


def test_a_resource_and_the_answer_to_a_search_are_read():
    patient, results = states(body(prefetch={"patient": PATIENT, "lab-results": FOUND}))
    assert resources(patient) == [PATIENT]
    assert resources(results) == [RESULT]


@pytest.mark.parametrize(
    ("prefetch", "expected"),
    [
        ({"patient": None, "lab-results": None}, [Empty(), Empty()]),
        ({"lab-results": {"resourceType": "Bundle"}}, [Absent(), Empty()]),
        ({"lab-results": {"resourceType": "Bundle", "entry": None}}, [Absent(), Empty()]),
        ({"patient": None}, [Empty(), Absent()]),
        ({}, [Absent(), Absent()]),
        (None, [Absent(), Absent()]),
        ({"lab-results": {"resourceType": "OperationOutcome"}}, [Absent(), Failed(FailureReason.OPERATION_OUTCOME)]),
        ({"lab-results": {"resourceType": "Bundle", "type": "history"}}, [Absent(), Failed(FailureReason.HISTORY)]),
        ({"lab-results": {"resourceType": "Bundle", "entry": 7}}, [Absent(), Failed(FailureReason.UNREADABLE)]),
        ({"lab-results": "Observation"}, [Absent(), Failed(FailureReason.UNREADABLE)]),
    ],
)
def test_what_is_no_data_keeps_its_state(prefetch, expected):
    assert states(body(prefetch=prefetch)) == expected


def test_one_resource_where_a_search_was_asked_and_a_bundle_where_one_was_are_read():
    patient, results = states(
        body(prefetch={"patient": {"resourceType": "Bundle", "entry": [{"resource": PATIENT}]}, "lab-results": RESULT})
    )
    assert resources(patient) == [PATIENT]
    assert resources(results) == [RESULT]


def test_a_key_that_nobody_asked_for_is_passed_over_but_tells_that_data_were_sent():
    assert set(read(body(prefetch={"lab-results": FOUND, "claims": FOUND})).prefetch) == {"lab-results"}
    assert set(read(body(prefetch={"claims": FOUND})).prefetch) == {"claims"}


def test_a_byte_order_mark_is_passed_over():
    assert set(read(b"\xef\xbb\xbf" + body(prefetch={"lab-results": FOUND})).prefetch) == {"lab-results"}


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        (b"{", NotJson),
        (b"[]", NotAnObject),
        (body(prefetch=[FOUND]), InvalidMember),
        (body(hook="order-start", prefetch={"lab-results": FOUND}), UnsupportedHook),
        (body(prefetch={"lab-results": FOUND}, context="a"), InvalidMember),
    ],
)
def test_faults_are_told_as_ever(sent, error):
    with pytest.raises(error):
        read(sent)
