"""The FHIR resources that suggestions create: drafts for a human to complete, never with a dose."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from service.consultation import Consultation
    from service.knowledge.schema import OrderCode, Suggestion

FACTS = "urn:all-cds:facts"

Json = dict[str, object]


def _coding(order: OrderCode) -> Json:
    return {"system": order.system, "code": order.code, "display": order.display}


def _concept(text: str, codes: tuple[OrderCode, ...]) -> Json:
    concept: Json = {"coding": [_coding(code) for code in codes]} if codes else {}
    concept["text"] = text
    return concept


def _own(code: str, display: str = "") -> Json:
    coding: Json = {"system": FACTS, "code": code}
    if display:
        coding["display"] = display
    return {"coding": [coding]}


def _reason(consultation: Consultation) -> Json:
    """Return the conditions on which the disease rests, where the record has any."""
    references = dict.fromkeys(
        item.reference for item in consultation.facts["disease"].evidence if item.reference.startswith("Condition/")
    )
    return {"reasonReference": [{"reference": reference} for reference in references]} if references else {}


def therapy_order(consultation: Consultation, suggestion: Suggestion) -> Json:
    """Return a draft MedicationRequest of the product, or a draft ServiceRequest for the referral."""
    concept = "medicationCodeableConcept" if suggestion.resource == "MedicationRequest" else "code"
    return {
        "resourceType": suggestion.resource,
        "status": "draft",
        "intent": "proposal",
        concept: _concept(suggestion.text, suggestion.codes),
        "subject": {"reference": consultation.patient},
        **_reason(consultation),
    }


def missing_test_order(consultation: Consultation, ask: str, code: OrderCode) -> Json:
    """Return a draft ServiceRequest for one missing test."""
    return {
        "resourceType": "ServiceRequest",
        "status": "draft",
        "intent": "proposal",
        "code": _concept(ask, (code,)),
        "subject": {"reference": consultation.patient},
        **_reason(consultation),
    }


def trial_screening(consultation: Consultation, text: str) -> Json:
    """Return a draft ServiceRequest for screening; a trial has no code of a terminology, so that it is named in words."""
    return {
        "resourceType": "ServiceRequest",
        "status": "draft",
        "intent": "proposal",
        "code": _concept(text, ()),
        "subject": {"reference": consultation.patient},
        **_reason(consultation),
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
