"""Stories as calls about orders: what is being chosen, signed or handed on, in the shapes in which clients send it."""

from __future__ import annotations

import copy
from typing import Any

from service.synth.bundles import search_answer, uuid_of
from service.synth.story import TERMINOLOGY, Story
from service.synth.values import Json
from tests.stories.codes import RXNORM, SNOMED, Code, concept
from tests.stories.hook_requests import patient_view

BLINATUMOMAB = Code(RXNORM, "1597258", "blinatumomab")
INOTUZUMAB = Code(RXNORM, "1942950", "inotuzumab ozogamicin")
PARACETAMOL = Code(RXNORM, "161", "acetaminophen")
PAST_VOD = Code(SNOMED, "65617004", "Veno-occlusive disease of the liver")
CAR_T_REFERRAL = "Referral to a CAR-T centre, question of brexucabtagene autoleucel"
# One vendor's ids are as long as this.
LONG = "eB" * 97


def order_requests(stories: dict[str, Story]) -> dict[str, Json]:
    """Return every such call under the name of its file."""
    story = stories["adult-first-relapse"]
    vod = with_past_vod(story)
    lost, aml = stories["adult-cd19-lost-after-car-t"], stories["aml"]
    referral = service_order(story, CAR_T_REFERRAL, status="active", intent="order")
    return {
        f"{story.name}-encounter-start": encounter_start(story),
        f"{story.name}-order-select": order_select(story, drug_order(story, BLINATUMOMAB), drug_order(story, PARACETAMOL)),
        f"{story.name}-order-select-nothing-chosen-yet": order_select(story, nothing_chosen_yet(story)),
        f"{story.name}-order-select-vendor": as_a_vendor_sends_it(story),
        f"{story.name}-order-sign": order_sign(story, drug_order(story, BLINATUMOMAB), drug_order(story, PARACETAMOL)),
        f"{story.name}-order-sign-without-orders": without_orders(story),
        f"{story.name}-order-sign-paracetamol": order_sign(story, drug_order(story, PARACETAMOL)),
        f"{story.name}-past-vod-order-sign": order_sign(vod, drug_order(vod, INOTUZUMAB)),
        f"{story.name}-order-dispatch": order_dispatch(story, referral),
        f"{story.name}-order-dispatch-1-0": order_dispatch_as_of_1_0(story, referral),
        f"{lost.name}-order-sign": order_sign(lost, drug_order(lost, BLINATUMOMAB)),
        f"{aml.name}-order-sign": order_sign(aml, drug_order(aml, BLINATUMOMAB)),
    }


def with_past_vod(story: Story, verification: str = "confirmed", on: str = "2026-08-03") -> Story:
    """Return the story with a veno-occlusive disease in it: confirmed, or refuted."""
    told = copy.deepcopy(story)
    told.diagnosed(on, PAST_VOD, status="resolved", verification=verification, label="liver")
    return told


# ---------------------------------------------------------------- orders


def drug_order(story: Story, drug: Code, **members: Any) -> Json:
    """Return the draft of an order of a drug."""
    made = {
        "resourceType": "MedicationRequest",
        "id": f"draft-{drug.display.partition(' ')[0]}",
        "status": "draft",
        "intent": "order",
        "medicationCodeableConcept": concept(drug),
        "subject": story.about(),
    }
    return {name: value for name, value in {**made, **members}.items() if value is not None}


def service_order(story: Story, words: str, **members: Any) -> Json:
    """Return the draft of an order of a service that only words name."""
    made = {
        "resourceType": "ServiceRequest",
        "id": "referral",
        "status": "draft",
        "intent": "proposal",
        "code": concept(text=words),
        "subject": story.about(),
    }
    return {**made, **members}


def nothing_chosen_yet(story: Story) -> Json:
    """Return what a browser client sends at once, before a drug is chosen: neither drug nor intent, the category an object."""
    category = concept(Code(f"{TERMINOLOGY}medicationrequest-category", "inpatient"))
    return drug_order(
        story, BLINATUMOMAB, id="order-1", medicationCodeableConcept=None, intent=None, subject=None, category=category
    )


# ---------------------------------------------------------------- calls


def order_call(story: Story, hook: str, context: Json) -> Json:
    """Return a call with every prefetch key answered."""
    call = patient_view(story)
    return {**call, "hook": hook, "context": {**call["context"], **context}}


def encounter_start(story: Story) -> Json:
    """Return the call of a visit that begins."""
    return order_call(story, "encounter-start", {"encounterId": "visit-1"})


def bundle(*orders: Json) -> Json:
    """Return the orders of a session, as a bundle without type and addresses."""
    return {"resourceType": "Bundle", "entry": [{"resource": one} for one in orders]}


def order_select(story: Story, *orders: Json) -> Json:
    """Return the call of an order that is being chosen: the first one."""
    selections = [f"{orders[0]['resourceType']}/{orders[0]['id']}"]
    return order_call(story, "order-select", {"selections": selections, "draftOrders": bundle(*orders)})


def order_sign(story: Story, *orders: Json) -> Json:
    """Return the call of a session that is being signed."""
    return order_call(story, "order-sign", {"draftOrders": bundle(*orders)})


def without_orders(story: Story) -> Json:
    """Return the call of a client that lacks the right to show its orders."""
    return order_call(story, "order-sign", {})


def as_a_vendor_sends_it(story: Story) -> Json:
    """Return a call with one vendor's habits: long ids, the drug beside its order under an absolute address, an odd category."""
    server = "https://ehr.example.org/fhir"
    drug = {"resourceType": "Medication", "id": f"m{LONG}"[:194], "code": concept(BLINATUMOMAB)}
    order = drug_order(
        story,
        BLINATUMOMAB,
        id=LONG,
        medicationCodeableConcept=None,
        medicationReference={"reference": f"{server}/Medication/{drug['id']}", "display": "an infusion"},
        category={"text": "Inpatient"},
        subject={"reference": f"{server}/Patient/{story.patient['id']}"},
    )
    call = order_select(story, order)
    call["context"]["draftOrders"]["entry"].append({"fullUrl": f"{server}/Medication/{drug['id']}", "resource": drug})
    return call


def order_dispatch(story: Story, *orders: Json) -> Json:
    """Return the call of orders that are handed on; the orders stand in the prefetched data."""
    call = order_call(story, "order-dispatch", {})
    call["context"] = {
        "patientId": story.patient["id"],
        "dispatchedOrders": [f"{one['resourceType']}/{one['id']}" for one in orders],
        "performer": "Organization/car-t-centre",
        "fulfillmentTasks": [_task(story, orders[0])],
    }
    call["prefetch"]["servicerequests"] = search_answer(list(orders), f"ServiceRequest?patient={story.patient['id']}")
    return call


def order_dispatch_as_of_1_0(story: Story, order: Json) -> Json:
    """Return the same call as the first version of the hook wrote it: one order, one task."""
    call = order_dispatch(story, order)
    tasks, references = call["context"].pop("fulfillmentTasks"), call["context"].pop("dispatchedOrders")
    call["context"] |= {"order": references[0], "task": tasks[0]}
    return call


def _task(story: Story, order: Json) -> Json:
    return {
        "resourceType": "Task",
        "id": str(uuid_of(story, "task")),
        "status": "requested",
        "intent": "order",
        "focus": {"reference": f"{order['resourceType']}/{order['id']}"},
        "for": story.about(),
    }
