"""Each rule between members, on both of its sides."""

import copy

import pytest

from cds_hooks.conformance.documents import feedback_faults, request_faults, response_faults
from cds_hooks.conformance.invariants import INVARIANTS
from cds_hooks.conformance.tables import tables

CONTEXT = {"userId": "Practitioner/1", "patientId": "1"}
CALL = {"hook": "patient-view", "hookInstance": "4e0a3a1e-3283-4575-ab82-028d55fe2719", "context": CONTEXT}
TOKEN = {"access_token": "t", "token_type": "Bearer", "expires_in": 300, "scope": "user/Observation.read", "subject": "s"}
SERVED = CALL | {"fhirServer": "https://ehr.example/fhir", "fhirAuthorization": TOKEN}
DELETE = {"type": "delete", "description": "d", "resourceId": "ServiceRequest/1"}
SUGGESTION = {"label": "s", "actions": [DELETE]}
CARD = {"summary": "s", "indicator": "info", "source": {"label": "l"}}
GIVEN = {"card": "c", "outcome": "overridden", "outcomeTimestamp": "2026-11-22T10:00:00Z"}


def card(**members):
    return {"cards": [CARD | members]}


def batch(**members):
    return {"feedback": [GIVEN | members]}


def order_select(*selections):
    context = {
        "userId": "Practitioner/1",
        "patientId": "1",
        "selections": list(selections),
        "draftOrders": {"resourceType": "Bundle"},
    }
    return CALL | {"hook": "order-select", "context": context}


# key, faults of, a document that keeps the rule, one that breaks it
RULES = [
    ("cds-r-1", request_faults, SERVED, {name: part for name, part in SERVED.items() if name != "fhirServer"}),
    (
        "cds-r-2",
        request_faults,
        SERVED | {"fhirAuthorization": TOKEN | {"scope": "patient/Observation.read", "patient": "1"}},
        SERVED | {"fhirAuthorization": TOKEN | {"scope": "patient/Observation.read"}},
    ),
    ("ord-1", request_faults, order_select("MedicationRequest/a-1"), order_select("MedicationRequest")),
    (
        "cds-resp-1",
        response_faults,
        card(
            selectionBehavior="at-most-one",
            suggestions=[SUGGESTION | {"isRecommended": True}, SUGGESTION | {"isRecommended": False}],
        ),
        card(selectionBehavior="at-most-one", suggestions=[SUGGESTION | {"isRecommended": True}] * 2),
    ),
    (
        "cds-resp-2",
        response_faults,
        card(selectionBehavior="any", suggestions=[SUGGESTION]),
        card(selectionBehavior="any", suggestions=[{"label": "s", "actions": [DELETE | {"resource": "ServiceRequest/1"}]}]),
    ),
    (
        "cds-resp-3",
        response_faults,
        card(links=[{"label": "l", "url": "https://app.example", "type": "smart", "appContext": "c"}]),
        card(links=[{"label": "l", "url": "https://app.example", "type": "absolute", "appContext": "c"}]),
    ),
    (
        "cds-resp-4",
        response_faults,
        card(overrideReasons=[{"code": "c", "system": "s", "display": "d"}]),
        card(overrideReasons=[{"code": "c", "system": "s"}]),
    ),
    (
        "cds-resp-5",
        response_faults,
        card(selectionBehavior="any", suggestions=[{"label": "s"}]),
        card(selectionBehavior="any", suggestions=[{"label": "s", "actions": [{"type": "delete", "resourceId": "Task/1"}]}]),
    ),
    ("cds-resp-6", response_faults, card(selectionBehavior="any", suggestions=[SUGGESTION]), card(suggestions=[SUGGESTION])),
    (
        "cds-resp-7",
        response_faults,
        card(selectionBehavior="any", suggestions=[SUGGESTION | {"actionSelectionBehavior": "all"}]),
        card(selectionBehavior="any", suggestions=[SUGGESTION | {"actionSelectionBehavior": "one"}]),
    ),
    ("cds-fb-1", feedback_faults, batch(), batch(outcome="ignored")),
    (
        "cds-fb-2",
        feedback_faults,
        batch(outcome="accepted", acceptedSuggestions=[{"id": "4e0a3a1e-3283-4575-ab82-028d55fe2719"}]),
        batch(outcome="accepted"),
    ),
    (
        "cds-fb-3",
        feedback_faults,
        batch(overrideReason={"userComment": "words"}),
        batch(overrideReason={"reason": {}, "userComment": ""}),
    ),
]


def named(faults):
    return {rule.key for rule in tables().rules for fault in faults if f"({rule.key})" in fault.what}


@pytest.mark.parametrize(("key", "faults", "good", "bad"), RULES, ids=[rule[0] for rule in RULES])
def test_v_13_a_rule_is_kept_by_the_one_and_broken_by_the_other(key, faults, good, bad):
    assert named(faults(copy.deepcopy(good))) == set()
    assert named(faults(copy.deepcopy(bad))) == {key}


def test_v_13_every_rule_of_the_file_is_computed_and_tried_here():
    keys = {rule.key for rule in tables().rules}
    assert keys == set(INVARIANTS)
    assert keys == {rule[0] for rule in RULES}


@pytest.mark.parametrize(
    ("faults", "document"),
    [
        (request_faults, []),
        (request_faults, {"hook": "patient-view"}),
        (feedback_faults, [GIVEN]),
        (feedback_faults, {"feedback": {}}),
    ],
)
def test_what_is_no_such_document_has_faults(faults, document):
    assert faults(document)


@pytest.mark.parametrize(
    ("member", "value"),
    [("userId", "1"), ("userId", None), ("patientId", "Patient/1"), ("patientId", ""), ("encounterId", 5)],
)
def test_ch_r_03_a_faulty_context_is_named(member, value):
    faults = request_faults(CALL | {"context": CONTEXT | {member: value}})
    assert [fault.where for fault in faults] == [f"context.{member}"]


def test_a_good_call_and_a_good_batch_have_no_faults():
    assert request_faults(SERVED | {"prefetch": {"patient": None, "more": {"resourceType": "Patient"}}}) == []
    assert request_faults(CALL | {"prefetch": {"patient": []}}) != []
    assert feedback_faults(batch(overrideReason={"reason": {"code": "c", "system": "s"}})) == []
