"""What of a FHIR server's answer is what we asked for: of the right type, and of the patient in context.

A server may drop a parameter that it does not know, and then answers with more than was asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from service.record.bundle import NOTHING, Slice, reference_in
from service.record.reader import POINTED_AT

if TYPE_CHECKING:
    from collections.abc import Iterable

_TYPE_AND_ID = 2


@dataclass(frozen=True, slots=True)
class Own:
    """The resources that are the patient's. Not `whole`: there are some of which nobody can tell whose they are."""

    resources: tuple[Slice, ...]
    whole: bool


def own_matches(found: Iterable[Slice], kind: str, patient_id: str) -> Own:
    """Return the matches of a search that are of this type and of this patient."""
    kept, whole = [], True
    for resource in found:
        its_type, owner = _type_and_owner(resource)
        if its_type not in {kind, ""}:
            continue
        if owner == patient_id:
            kept.append(resource)
        elif not owner:
            whole = False
    return Own(tuple(kept), whole)


def own_included(found: Iterable[Slice], patient_id: str) -> tuple[Slice, ...]:
    """Return what came along for references to resolve: of the types that are pointed at, and nobody else's."""
    looked = ((resource, *_type_and_owner(resource)) for resource in found)
    return tuple(resource for resource, its_type, owner in looked if its_type in POINTED_AT and owner in {patient_id, ""})


def is_read(resource: Slice, reference: str, patient_id: str) -> bool:
    """Return whether this is the resource of a read, and, where it says whose it is, the patient's."""
    head = resource.head
    if head is None or f"{head.resourceType}/{head.id}" != reference:
        return False
    return head.resourceType == "Patient" or _type_and_owner(resource)[1] in {patient_id, ""}


def _type_and_owner(resource: Slice) -> tuple[str, str]:
    """Return the type of a resource and the id of its patient; '' for what cannot be told, `?` for an owner who is no patient."""
    head = resource.head
    if head is not None:
        return head.resourceType, _patient_of(reference_in(head.subject if head.patient is NOTHING else head.patient))
    try:
        whole = resource.decoded()
    except (orjson.JSONDecodeError, RecursionError):
        return "", ""
    its_type, pointer = whole.get("resourceType"), whole.get("patient", whole.get("subject"))
    reference = pointer.get("reference") if isinstance(pointer, dict) else None
    return its_type if isinstance(its_type, str) else "", _patient_of(reference if isinstance(reference, str) else "")


def _patient_of(reference: str) -> str:
    parts = reference.split("/_history/", 1)[0].rsplit("/", _TYPE_AND_ID)[-_TYPE_AND_ID:]
    if len(parts) < _TYPE_AND_ID:
        return ""
    return parts[1] if parts[0] == "Patient" else "?"
