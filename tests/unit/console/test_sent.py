"""A Bundle becomes the call that a server holding it would make; a hook request stays what it is."""

import json

import pytest

from service.errors import NotABundle, RequestError
from service.record.bundle import open_bundle
from service.web.console.sent import sent
from service.web.offered import offered

PATIENT = {"resourceType": "Patient", "birthDate": "1990-01-01"}


def a_bundle(*entries):
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": list(entries)}).encode()


def call_of(body, service="", hook="", options=None):
    return json.loads(sent(body, service, hook, options or {}, offered()).call)


def test_references_name_type_and_id_as_on_a_server():
    body = a_bundle(
        {"fullUrl": "urn:uuid:11", "resource": PATIENT},
        {"fullUrl": "urn:uuid:22", "resource": {"resourceType": "Observation", "subject": {"reference": "urn:uuid:11"}}},
    )
    call = call_of(body)
    assert call["context"]["patientId"] == call["prefetch"]["patient"]["id"] == "11"
    (entry,) = call["prefetch"]["observations"]["entry"]
    assert entry["resource"] == {"resourceType": "Observation", "subject": {"reference": "Patient/11"}, "id": "22"}


def test_every_key_of_the_service_is_answered_and_drugs_come_along():
    drug = {"resourceType": "Medication", "id": "d"}
    given = {"resourceType": "MedicationStatement", "id": "s", "medicationReference": {"reference": "Medication/d"}}
    call = call_of(a_bundle({"resource": {**PATIENT, "id": "p"}}, {"resource": drug}, {"resource": given}))
    asked = offered().find("all-immunotherapy", "patient-view")
    assert asked is not None
    assert call["prefetch"].keys() == asked.prefetch.keys()
    found = call["prefetch"]["medicationstatements"]
    assert (found["total"], [row["resource"]["id"] for row in found["entry"]]) == (1, ["s", "d"])
    assert call["prefetch"]["medicationrequests"] == {"resourceType": "Bundle", "type": "searchset", "total": 0, "entry": []}


def test_the_assessed_bundle_is_the_one_that_was_given():
    body = a_bundle({"resource": PATIENT})
    assert sent(body, "", "", {}, offered()).bundle == body


def test_a_hook_request_without_choices_is_sent_byte_by_byte():
    body = b'{ "hook": "patient-view",  "prefetch": {"patient": {"resourceType": "Patient"}, "conditions": null} }'
    made = sent(body, "", "", {}, offered())
    assert made.call == body
    assert (made.service, made.hook) == ("all-immunotherapy", "patient-view")
    assert json.loads(made.bundle)["entry"] == [{"resource": {"resourceType": "Patient"}}]


def test_choices_are_added_to_those_of_the_request():
    body = json.dumps({"hook": "patient-view", "extension": {"x": 1, "all-cds.options": {"as-of": "2026-01-01", "max-cards": 2}}})
    made = sent(body.encode(), "", "", {"regulators": "FDA"}, offered())
    assert json.loads(made.call)["extension"] == {
        "x": 1,
        "all-cds.options": {"as-of": "2026-01-01", "max-cards": 2, "regulators": "FDA"},
    }
    assert made.told == {"as-of": "2026-01-01", "regulators": "FDA"}


@pytest.mark.parametrize("extension", [5, {"all-cds.options": 5}, {"all-cds.options": {"as-of": 5}}, None])
def test_options_of_another_form_are_left_to_the_service(extension):
    body = json.dumps({"hook": "patient-view", "extension": extension}).encode()
    assert sent(body, "", "", {}, offered()).told == {}


@pytest.mark.parametrize("body", [b"[]", b"5", b'{"resourceType": "Patient"}', b"{}"])
def test_anything_else_is_refused(body):
    with pytest.raises(NotABundle):
        sent(body, "", "", {}, offered())


@pytest.mark.parametrize("hook", ["order-sign", "order-dispatch", "no-hook"])
def test_a_bundle_has_no_drafts(hook):
    with pytest.raises(RequestError):
        sent(a_bundle({"resource": PATIENT}), "", hook, {}, offered())


def test_a_bundle_of_a_call_whose_entries_are_none_is_broken_not_empty():
    call = {"hook": "patient-view", "prefetch": {"procedures": {"resourceType": "Bundle", "entry": 5}}}
    (found,) = open_bundle(sent(json.dumps(call).encode(), "", "", {}, offered()).bundle)
    assert found.head is None  # to the reader: something that it could not open
