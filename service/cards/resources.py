"""The FHIR resources that suggestions create: drafts for a human to complete, never with a dose."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from service.consultation import Consultation
    from service.knowledge.schema import OrderCode

FACTS = "urn:all-cds:facts"

Json = dict[str, object]


def _coding(order: OrderCode) -> Json:
    return {"system": order.system, "code": order.code, "display": order.display}


def concept(text: str, codes: tuple[OrderCode, ...]) -> Json:
    """Return a CodeableConcept with a text and these codes."""
    made: Json = {"coding": [_coding(code) for code in codes]} if codes else {}
    made["text"] = text
    return made


def _own(code: str, display: str = "") -> Json:
    coding: Json = {"system": FACTS, "code": code}
    if display:
        coding["display"] = display
    return {"coding": [coding]}


def reason_of(consultation: Consultation) -> Json:
    """Return the conditions on which the disease rests, as the reason of an order; nothing where the record has none."""
    references = dict.fromkeys(
        item.reference for item in consultation.facts["disease"].evidence if item.reference.startswith("Condition/")
    )
    return {"reasonReference": [{"reference": reference} for reference in references]} if references else {}


def draft_order(patient: str, asked: Json, reason: Json, resource: str = "ServiceRequest") -> Json:
    """Return a draft order of what the concept `asked` says: a ServiceRequest, or a MedicationRequest of a product."""
    return {
        "resourceType": resource,
        "status": "draft",
        "intent": "proposal",
        "medicationCodeableConcept" if resource == "MedicationRequest" else "code": asked,
        "subject": {"reference": patient},
        **reason,
    }


def risk_group(consultation: Consultation, system: str, group: str, text: str, evidence: tuple[str, ...]) -> Json:
    """Return a preliminary Observation that states the group, in the code system that the record reader knows."""
    observation: Json = {
        "resourceType": "Observation",
        "status": "preliminary",
        "code": {**_own("risk-group"), "text": text},
        "subject": {"reference": consultation.patient},
        "effectiveDateTime": consultation.question.as_of.isoformat(),
        "component": [
            {"code": _own("system"), "valueCodeableConcept": _own(system)},
            {"code": _own("group"), "valueCodeableConcept": _own(group)},
        ],
    }
    if sources := [{"reference": reference} for reference in evidence if reference.startswith("Observation/")]:
        observation["derivedFrom"] = sources
    return observation
