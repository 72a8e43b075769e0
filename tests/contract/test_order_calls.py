"""Calls about orders, and of a beginning visit, as clients send them. CH-H-02 to 10, CH-C-06, 09, 12, CH-F-25, CH-R-09."""

import copy
import json
import re
from dataclasses import replace

import pytest

from service.cards.parts import ORDERS, TRACE
from service.web.app import create_app
from tests.contract.cds_hooks_checker import response_faults
from tests.contract.stored import FIXTURES, REQUESTS, SERVICES, stored_request

ORDER, DISPATCH = SERVICES["order-sign"], SERVICES["order-dispatch"]
ABOUT_ORDERS = [name for name in REQUESTS if "-order-" in name]
FOREIGN = FIXTURES.parent.parent / "shared" / "fhir-examples" / "crd-hook-requests"
OF_BLINATUMOMAB = "adult-first-relapse-order-sign"


@pytest.fixture
def call():
    """A stored call, free to be changed."""

    def read(name=OF_BLINATUMOMAB):
        return json.loads(stored_request(name))

    return read


def orders_of(body):
    return [entry["resource"] for entry in body["context"]["draftOrders"]["entry"]]


def topics(answer):
    assert answer.status_code == 200, answer.data
    return [card["source"]["topic"]["code"] for card in answer.json["cards"]]


def logged(capsys):
    """The line of the last call."""
    return json.loads(capsys.readouterr().err.strip().splitlines()[-1])


SAID_OF_BLINATUMOMAB = ["allbli01orderwarning", "allbli01order"]


@pytest.mark.parametrize("name", ABOUT_ORDERS)
def test_every_answer_about_orders_is_a_good_answer(post_call, name):
    answer = post_call(stored_request(name))
    assert answer.status_code == 200
    assert response_faults(answer.json) == []


def test_a_visit_that_begins_gets_the_cards_of_the_opened_chart(post_call, call, without_ids):
    # Two hooks under one id: the later answer replaces the earlier one, so both say the same.
    visit, chart = call("adult-first-relapse-encounter-start"), call("adult-first-relapse-patient-view")
    assert without_ids(post_call(visit).json) == without_ids(post_call(chart).json)


def test_ch_d_09_choosing_and_signing_say_the_same_of_one_order(post_call, call, without_ids):
    choosing, signing = call("adult-first-relapse-order-select"), call(OF_BLINATUMOMAB)
    assert topics(post_call(choosing)) == SAID_OF_BLINATUMOMAB
    assert without_ids(post_call(choosing).json) == without_ids(post_call(signing).json)


@pytest.mark.parametrize("hook", ["patient-view", "order-dispatch", "encounter-start"])
def test_ch_r_01_each_id_answers_its_own_hooks_only(client, call, is_outcome, hook):
    body = call({"order-dispatch": "adult-first-relapse-order-dispatch"}.get(hook, f"adult-first-relapse-{hook}"))
    is_outcome(client.post(ORDER, json=body), 400)


# ---------------------------------------------------------------- shapes


def test_ch_h_02_resources_of_unknown_types_are_passed_over(post_call, call, without_ids):
    body = call()
    plain = without_ids(post_call(body).json)
    more = [{"resourceType": kind, "id": "x"} for kind in ("NutritionOrder", "DeviceRequest", "VisionPrescription", "Unheard")]
    body["context"]["draftOrders"]["entry"] += [{"resource": one} for one in more]
    assert without_ids(post_call(body).json) == plain


def test_ch_h_04_both_versions_of_order_dispatch_give_the_same_cards(post_call, call, without_ids):
    new, old = call("adult-first-relapse-order-dispatch"), call("adult-first-relapse-order-dispatch-1-0")
    assert topics(post_call(new)) == ["allbrx01order"]
    assert without_ids(post_call(new).json) == without_ids(post_call(old).json)
    new["context"]["fulfillment-tasks"] = new["context"].pop("fulfillmentTasks")
    assert without_ids(post_call(new).json) == without_ids(post_call(old).json)


def test_ch_h_05_a_single_resource_may_come_wrapped(post_call, call):
    body = call()
    body["context"]["draftOrders"] = {"resource": orders_of(body)[0]}
    assert topics(post_call(body)) == SAID_OF_BLINATUMOMAB


def test_ch_h_06_neither_type_nor_addresses_nor_subjects_are_required(post_call, call):
    body = call()
    del orders_of(body)[0]["subject"]
    assert "type" not in body["context"]["draftOrders"]
    assert topics(post_call(body)) == SAID_OF_BLINATUMOMAB
    orders_of(body)[0]["subject"] = {"display": "the patient"}
    assert topics(post_call(body)) == SAID_OF_BLINATUMOMAB


MEDICATION = {
    "resourceType": "Medication",
    "id": "m",
    "code": {"coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "1597258"}]},
}


@pytest.mark.parametrize("place", ["contained", "bundled", "prefetch", "nowhere"])
def test_ch_h_06_four_places_of_the_drug(post_call, call, place):
    body = call()
    order = orders_of(body)[0]
    del order["medicationCodeableConcept"]
    order["medicationReference"] = {"reference": "#m" if place == "contained" else "Medication/m"}
    if place == "contained":
        order["contained"] = [MEDICATION]
    elif place == "bundled":
        body["context"]["draftOrders"]["entry"].append({"resource": MEDICATION})
    elif place == "prefetch":
        found = {"entry": [{"resource": MEDICATION, "search": {"mode": "include"}}]}
        other = {"resource": {**order, "id": "another", "medicationReference": {"display": "another"}}}
        body["prefetch"]["medicationrequests"] = {
            "resourceType": "Bundle",
            "type": "searchset",
            "entry": [other, *found["entry"]],
        }
    # Found nowhere it is unknown: not guessed, and nothing is said.
    assert topics(post_call(body)) == ([] if place == "nowhere" else SAID_OF_BLINATUMOMAB)


def test_ch_h_06_an_order_without_a_drug_yet_is_silent(post_call, call):
    assert topics(post_call(call("adult-first-relapse-order-select-nothing-chosen-yet"))) == []


@pytest.mark.parametrize("change", ["left out", "null"])
@pytest.mark.parametrize("hook", ["order-select", "order-sign"])
def test_ch_h_07_missing_draft_orders_are_200_without_cards_and_told_to_the_operator(post_call, call, capsys, hook, change):
    body = call(f"adult-first-relapse-{hook}")
    body["context"]["draftOrders"] = None
    if change == "left out":
        del body["context"]["draftOrders"]
    assert topics(post_call(body)) == []
    assert logged(capsys)["orders"] == ["orders-not-sent"]


def test_ch_h_08_ids_of_194_characters_and_absolute_references_of_one_vendor(post_call, call):
    answer = post_call(call("adult-first-relapse-order-select-vendor"))
    assert topics(answer) == SAID_OF_BLINATUMOMAB
    (reference,) = answer.json["cards"][0]["extension"][ORDERS]
    assert len(reference) == len("MedicationRequest/") + 194


@pytest.mark.parametrize("hook", ["order-select", "order-sign"])
def test_ch_h_09_no_card_calls_an_order_active_or_given(post_call, call, hook):
    for card in post_call(call(f"adult-first-relapse-{hook}")).json["cards"]:
        assert not re.search(r"\bactive order|\bis active|was given|receives", f"{card['summary']} {card['detail']}")


def test_ch_h_10_one_bad_order_does_not_fail_the_call(post_call, call, capsys):
    body = call()
    bad = {**copy.deepcopy(orders_of(body)[0]), "id": "bad", "status": 7, "category": {"text": "Inpatient"}}
    body["context"]["draftOrders"]["entry"].append({"resource": bad})
    assert topics(post_call(body)) == SAID_OF_BLINATUMOMAB
    assert logged(capsys)["orders"] == ["order-unreadable"]


@pytest.mark.parametrize("draft_orders", ["text", 7, True, [], {}, {"entry": [None, 7]}, {"resourceType": "Bundle", "entry": {}}])
def test_ch_h_10_orders_of_no_shape_at_all_are_200(post_call, call, draft_orders):
    body = call()
    body["context"]["draftOrders"] = draft_orders
    assert topics(post_call(body)) == []


def test_selections_say_which_orders_are_spoken_of(post_call, call):
    body = call("adult-first-relapse-order-select")
    body["context"]["selections"] = ["MedicationRequest/draft-acetaminophen"]
    assert topics(post_call(body)) == []


def test_selections_that_lead_nowhere_leave_all_orders(post_call, call, capsys):
    body = call("adult-first-relapse-order-select")
    body["context"]["selections"] = ["MedicationRequest/not-there"]
    assert topics(post_call(body)) == SAID_OF_BLINATUMOMAB
    assert logged(capsys)["orders"] == ["selection-not-among-orders"]


@pytest.mark.parametrize("status", ["cancelled", "entered-in-error", "stopped"])
def test_an_order_that_was_called_off_is_passed_over(post_call, call, status):
    body = call()
    orders_of(body)[0]["status"] = status
    assert topics(post_call(body)) == []


@pytest.mark.parametrize("status", ["active", "on-hold", "unknown", None])
def test_an_order_that_is_signed_again_is_spoken_of(post_call, call, status):
    body = call()
    orders_of(body)[0]["status"] = status
    assert topics(post_call(body)) == SAID_OF_BLINATUMOMAB


# ---------------------------------------------------------------- whose, and which data


def test_ch_r_09_an_order_for_another_patient_is_refused(post_call, call, is_outcome):
    body = call()
    orders_of(body)[0]["subject"] = {"reference": "Patient/somebody-else"}
    assert "somebody-else" not in is_outcome(post_call(body), 422)["diagnostics"]


def test_an_order_of_something_else_may_be_for_anybody(post_call, call):
    body = call("adult-first-relapse-order-sign-paracetamol")
    orders_of(body)[0]["subject"] = {"reference": "Patient/somebody-else"}
    assert topics(post_call(body)) == []


def test_an_order_for_a_group_is_not_judged(post_call, call, capsys):
    body = call()
    orders_of(body)[0]["subject"] = {"reference": "Group/ward"}
    assert topics(post_call(body)) == []
    assert logged(capsys)["orders"] == ["order-for-no-patient"]


def test_an_order_of_something_else_needs_no_data_at_all(post_call, call):
    body = call("adult-first-relapse-order-sign-paracetamol")
    del body["prefetch"]
    assert post_call(body).json == {"cards": []}


def test_ch_f_21_an_order_of_ours_needs_the_data_that_are_required(post_call, call, is_outcome):
    body = call()
    del body["prefetch"]["conditions"]
    assert "conditions" in is_outcome(post_call(body), 412)["diagnostics"]


def test_ch_f_25_an_order_in_the_record_under_the_same_id_gives_way_to_the_one_in_context(post_call, call, without_ids):
    body = call()
    plain = without_ids(post_call(body).json)
    older = {**orders_of(body)[0], "medicationCodeableConcept": {"text": "inotuzumab ozogamicin"}}
    body["prefetch"]["medicationrequests"] = {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": older}]}
    assert without_ids(post_call(body).json) == plain


def test_an_order_that_is_handed_on_and_was_not_sent_is_unknown(post_call, call, capsys):
    body = call("adult-first-relapse-order-dispatch")
    body["prefetch"]["servicerequests"] = None
    assert topics(post_call(body)) == []
    assert logged(capsys)["orders"] == ["order-not-found"]


# ---------------------------------------------------------------- cards


def test_ch_c_12_the_card_names_the_order_by_its_drug_and_its_reference_in_an_extension(post_call, call):
    for card in post_call(call()).json["cards"]:
        assert card["detail"].startswith("About the order of **blinatumomab**.")
        assert card["extension"][ORDERS] == ["MedicationRequest/draft-blinatumomab"]
        assert card["extension"][TRACE]["rules"]


def test_ch_c_06_what_holds_is_a_warning_and_what_the_label_says_is_not(post_call, call):
    # Row 2.1: at least 50 % blasts in the marrow; the story has 83 %.
    warning, label = post_call(call()).json["cards"]
    assert (warning["indicator"], label["indicator"]) == ("warning", "info")
    assert "Marrow blasts: marrow blasts 83 % (2026-10-19)" in warning["detail"]


@pytest.mark.parametrize("name", ABOUT_ORDERS)
def test_ch_y_01_there_are_no_system_actions_and_nothing_is_critical(post_call, name):
    answer = post_call(stored_request(name)).json
    assert "systemActions" not in answer
    assert {card["indicator"] for card in answer["cards"]} <= {"info", "warning"}


@pytest.mark.parametrize("name", ABOUT_ORDERS)
def test_ch_c_10_ch_c_30_every_card_offers_the_reasons_of_the_one_list(post_call, name):
    for card in post_call(stored_request(name)).json["cards"]:
        assert 0 < len(card["overrideReasons"]) <= 6
        assert {reason["system"] for reason in card["overrideReasons"]} == {
            "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes"
        }


def test_ch_c_20_the_limit_of_cards_keeps_the_warning_and_names_what_it_holds_back(service, call):
    small = replace(service, cards=replace(service.cards, most=1))
    (card,) = json.loads(create_app(small).test_client().post(ORDER, json=call()).data)["cards"]
    assert card["indicator"] == "warning"
    assert "Held back by the limit of 1 cards (1): Order of blinatumomab." in card["detail"]


def test_a_patient_without_all_gets_no_judgement_of_labels_for_it(post_call, call):
    (card,) = post_call(call("aml-order-sign")).json["cards"]
    assert card["summary"] == "Order of blinatumomab: the data received do not show acute lymphoblastic leukaemia"
    assert card["indicator"] == "info"
    assert "not met" not in card["detail"]
    assert "suggestions" not in card


def test_feedback_is_taken_for_every_service(client, post_call, call):
    card = post_call(call()).json["cards"][0]["uuid"]
    told = {"feedback": [{"card": card, "outcome": "overridden", "outcomeTimestamp": "2026-11-28T10:00:00Z"}]}
    for address in (ORDER, DISPATCH):
        assert client.post(f"{address}/feedback", json=told).status_code == 200


@pytest.mark.parametrize("name", ["order_select", "order_sign", "order_dispatch", "encounter_start"])
def test_calls_of_another_maker_are_answered_without_cards(client, name):
    path = FOREIGN / f"{name}_hook_request.json"
    if not path.is_file():
        pytest.skip("the collected calls of another maker are not beside this checkout")
    body = json.loads(path.read_bytes())
    if body["hook"] == "encounter-start":  # about no order: it needs the data that this maker leaves to be fetched
        body["prefetch"] = dict.fromkeys(("patient", "conditions", "observations"))
    answer = client.post(SERVICES[body["hook"]], json=body)
    assert (answer.status_code, answer.json) == (200, {"cards": []})


@pytest.mark.parametrize("name", ["appointment_book", "encounter_discharge", "fancy_structure"])
def test_hooks_that_are_not_served_are_400(client, is_outcome, name):
    path = FOREIGN / f"{name}_hook_request.json"
    if not path.is_file():
        pytest.skip("the collected calls of another maker are not beside this checkout")
    for address in set(SERVICES.values()):
        is_outcome(client.post(address, json=json.loads(path.read_bytes())), 400)
