"""The contexts of the hooks that are read: CH-H-01 to 08 of the conformance list, as far as the protocol goes."""

import json

import pytest

from cds_hooks import (
    EncounterStartContext,
    InvalidMember,
    MissingMember,
    OrderDispatchContext,
    OrderSelectContext,
    OrderSignContext,
    decode_request,
)

INSTANCE = "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"
PERSON = {"userId": "PractitionerRole/a", "patientId": "1288992"}
ORDERS = {"entry": [{"resource": {"resourceType": "MedicationRequest", "category": {}, "id": "e" * 194}}]}
LONG = f"MedicationRequest/{'e' * 194}"


def context(hook, **members):
    sent = {"hook": hook, "hookInstance": INSTANCE, "context": members}
    return decode_request(json.dumps(sent).encode()).context


def test_ch_h_06_orders_stay_the_bytes_that_came_whatever_their_shape():
    read = context("order-select", **PERSON, encounterId="1", selections=[LONG], draftOrders=ORDERS)
    assert isinstance(read, OrderSelectContext)
    assert (read.user_id, read.patient_id, read.encounter_id) == ("PractitionerRole/a", "1288992", "1")
    assert read.selections == (LONG,)
    assert read.draft_orders is not None
    assert json.loads(bytes(read.draft_orders)) == ORDERS


@pytest.mark.parametrize("draft_orders", ["text", 1, [], [{}], True])
def test_ch_h_06_orders_of_any_other_shape_are_handed_on_too(draft_orders):
    read = context("order-sign", **PERSON, draftOrders=draft_orders)
    assert isinstance(read, OrderSignContext)
    assert read.draft_orders is not None
    assert json.loads(bytes(read.draft_orders)) == draft_orders


@pytest.mark.parametrize("hook", ["order-select", "order-sign"])
@pytest.mark.parametrize("members", [{}, {"draftOrders": None, "selections": None}])
def test_ch_h_07_orders_that_were_not_sent_are_none(hook, members):
    read = context(hook, **PERSON, **members)
    assert isinstance(read, OrderSelectContext | OrderSignContext)
    assert read.draft_orders is None
    assert getattr(read, "selections", None) is None


@pytest.mark.parametrize(
    ("sent", "read"),
    [([], ()), ([LONG, 7, None, "", {}], (LONG,)), (LONG, (LONG,)), ({"a": 1}, None), (7, None), ("", None)],
)
def test_ch_h_08_selections_are_texts_of_any_length_and_what_is_no_text_is_passed_over(sent, read):
    found = context("order-select", **PERSON, selections=sent)
    assert isinstance(found, OrderSelectContext)
    assert found.selections == read


def test_ch_h_04_both_versions_of_order_dispatch_name_the_same_orders():
    new = context("order-dispatch", patientId="1", dispatchedOrders=["ServiceRequest/a"], performer="Organization/b")
    old = context("order-dispatch", patientId="1", order="ServiceRequest/a", performer="Organization/b", task={"id": "t"})
    assert new == old == OrderDispatchContext("1", ("ServiceRequest/a",))


@pytest.mark.parametrize("name", ["fulfillmentTasks", "fulfillment-tasks", "task", "performer", "userId"])
@pytest.mark.parametrize("value", [None, [], [{}], {}, 7, "x"])
def test_ch_h_04_who_carries_orders_out_and_how_it_is_spelt_makes_no_difference(name, value):
    plain = context("order-dispatch", patientId="1", dispatchedOrders=["ServiceRequest/a", "ServiceRequest/b"])
    assert (
        context("order-dispatch", patientId="1", dispatchedOrders=["ServiceRequest/a", "ServiceRequest/b"], **{name: value})
        == plain
    )


def test_ch_h_04_a_dispatch_that_names_no_order_is_read():
    assert context("order-dispatch", patientId="1") == OrderDispatchContext("1", None)


def test_ch_h_05_one_text_is_read_as_a_list_of_one():
    assert context("order-dispatch", patientId="1", dispatchedOrders="ServiceRequest/a") == OrderDispatchContext(
        "1", ("ServiceRequest/a",)
    )


def test_an_encounter_that_begins_names_its_encounter():
    assert context("encounter-start", **PERSON, encounterId="e-1") == EncounterStartContext(
        "PractitionerRole/a", "1288992", "e-1"
    )
    with pytest.raises(MissingMember) as caught:
        context("encounter-start", **PERSON)
    assert caught.value.where == "context.encounterId"


@pytest.mark.parametrize("hook", ["encounter-start", "order-select", "order-sign"])
@pytest.mark.parametrize("member", ["userId", "patientId"])
def test_ch_r_03_who_and_whose_is_required_and_named(hook, member):
    sent = {**PERSON, "encounterId": "1"}
    del sent[member]
    with pytest.raises(MissingMember) as caught:
        context(hook, **sent)
    assert caught.value.where == f"context.{member}"


def test_ch_r_03_a_dispatch_needs_its_patient_as_a_bare_id():
    with pytest.raises(MissingMember):
        context("order-dispatch", dispatchedOrders=["ServiceRequest/a"])
    with pytest.raises(InvalidMember):
        context("order-dispatch", patientId="Patient/1", dispatchedOrders=["ServiceRequest/a"])


@pytest.mark.parametrize("hook", ["order-select", "order-sign", "encounter-start", "order-dispatch"])
def test_no_context_shows_who_it_is_about(hook):
    read = context(hook, **PERSON, encounterId="77", draftOrders=ORDERS, selections=[LONG], dispatchedOrders=[LONG])
    assert [part for part in ("1288992", "PractitionerRole", "77", "eee") if part in repr(read)] == []
