"""Calls that the kit makes itself: a person who never lived, and what a client would send of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final
from uuid import uuid4

from cds_hooks.templates import CONTEXT_TOKENS

Json = dict[str, object]

_PATIENT_ID: Final = "conformance-kit-patient"
_USER: Final = "Practitioner/conformance-kit-user"
_READ = re.compile(r"([A-Z][A-Za-z]+)/\{\{[^}]*\}\}")
_SEARCH = re.compile(r"([A-Z][A-Za-z]+)\?")
_ORDER: Final[Json] = {
    "resourceType": "MedicationRequest",
    "id": "conformance-kit-order",
    "status": "draft",
    "intent": "order",
    "medicationCodeableConcept": {"text": "a medicine of the conformance kit"},
}


def made_up_record() -> tuple[Json, ...]:
    """Return the record of a person about whom nothing is known."""
    return (
        {
            "resourceType": "Patient",
            "id": _PATIENT_ID,
            "name": [{"family": "Kit", "given": ["Conformance"]}],
            "gender": "unknown",
            "birthDate": "1970-01-01",
        },
    )


def record_of(bundle: object) -> tuple[Json, ...]:
    """Return the resources of a bundle, and of bundles inside it. Raises: ValueError where it holds no single patient."""
    resources = tuple(_resources(bundle))
    if len({resource.get("id") for resource in resources if resource.get("resourceType") == "Patient"}) != 1:
        raise ValueError("a Bundle with one patient is needed")
    return resources


def _resources(bundle: object) -> Iterator[Json]:
    entries = bundle.get("entry") if isinstance(bundle, dict) else None
    for entry in entries if isinstance(entries, list) else []:
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(resource, dict) and resource.get("resourceType") == "Bundle":
            yield from _resources(resource)
        elif isinstance(resource, dict):
            yield resource


def call_of(hook: str, prefetch: Mapping[str, str], record: tuple[Json, ...]) -> Json:
    """Return a conformant call of a hook for this record, every template answered."""
    patient = next(resource for resource in record if resource.get("resourceType") == "Patient")
    context = _context(hook, str(patient.get("id")))
    call: Json = {"hook": hook, "hookInstance": str(uuid4()), "context": context}
    answered = {key: answer for key, template in prefetch.items() if (answer := _answered(template, record)) is not _UNKNOWN}
    return call | ({"prefetch": answered} if answered else {})


def searchset(resources: list[Json], **members: object) -> Json:
    """Return a search result; without an entry where there is nothing."""
    result: Json = {"resourceType": "Bundle", "type": "searchset", "total": len(resources)}
    if resources:
        result["entry"] = [{"resource": resource, "search": {"mode": "match"}} for resource in resources]
    return result | members


def type_read(template: str) -> str:
    """Return the type of a template that reads one resource; empty for others."""
    found = _READ.fullmatch(template)
    return found[1] if found else ""


def type_searched(template: str) -> str:
    """Return the type of a template that searches; empty for others."""
    found = _SEARCH.match(template)
    return found[1] if found else ""


_UNKNOWN: Final = object()


def _answered(template: str, record: tuple[Json, ...]) -> object:
    if template == "{{context.userId}}":
        kind, _, name = _USER.partition("/")
        return {"resourceType": kind, "id": name}
    if kind := type_searched(template):
        return searchset([resource for resource in record if resource.get("resourceType") == kind])
    if kind := type_read(template):
        return next((resource for resource in record if resource.get("resourceType") == kind), None)
    return _UNKNOWN


def _context(hook: str, patient_id: str) -> Json:
    orders: Json = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": {**_ORDER, "subject": {"reference": f"Patient/{patient_id}"}}}],
    }
    order = f"{_ORDER['resourceType']}/{_ORDER['id']}"
    parts: dict[str, Json] = {
        "order-select": {"selections": [order], "draftOrders": orders},
        "order-sign": {"draftOrders": orders},
        "order-dispatch": {"dispatchedOrders": [order], "performer": "Organization/conformance-kit-performer"},
        "appointment-book": {"appointments": {"resourceType": "Bundle", "type": "collection"}},
        "medication-refill": {"medications": orders},
        "medication-verify": {"medication": {**_ORDER, "status": "active"}},
        "problem-list-item-create": {"conditions": {"resourceType": "Bundle", "type": "collection"}},
        "allergyintolerance-create": {
            "allergyIntolerance": {"resourceType": "AllergyIntolerance", "id": "conformance-kit-allergy"}
        },
    }
    context: Json = {"patientId": patient_id, **parts.get(hook, {})}
    offered = CONTEXT_TOKENS.get(hook, frozenset({"userId", "patientId"}))
    if "userId" in offered:
        context["userId"] = _USER
    if hook in {"encounter-start", "encounter-discharge"}:
        context["encounterId"] = "conformance-kit-encounter"
    return context
