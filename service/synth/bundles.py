"""Stories as bundles: the five kinds a record arrives in, and the three ways its parts point to each other."""

from __future__ import annotations

import uuid
from typing import Any

from service.synth.codes import LOINC, Code, concept
from service.synth.story import Story
from service.synth.values import Json

SERVER = "https://ehr.example.org/fhir"
WRITTEN_AT = "2026-11-20T09:00:00Z"


def bundle_of(story: Story) -> Json:
    """Return the story as a bundle of the kind and addressing it asks for."""
    makers = {
        "collection": collection,
        "searchset": searchset,
        "transaction": transaction,
        "batch-response": batch_response,
        "batch-response-of-searches": batch_response_of_searches,
        "document": document,
    }
    return addressed(makers[story.told_as](story), story)


def collection(story: Story) -> Json:
    """Return the resources side by side."""
    return {"resourceType": "Bundle", "type": "collection", "entry": entries(story.resources)}


def searchset(story: Story) -> Json:
    """Return the answer of a `Patient/$everything`-like search; what is not the patient's own is marked as included."""
    return search_answer(story.resources, "Patient/$everything")


def transaction(story: Story) -> Json:
    """Return the resources as writes to a server."""

    def request(resource: Json) -> Json:
        kind = resource["resourceType"]
        if story.addressing == "urn":
            return {"method": "POST", "url": kind}
        return {"method": "PUT", "url": f"{kind}/{resource['id']}"}

    found = [{**entry, "request": request(entry["resource"])} for entry in entries(story.resources)]
    return {"resourceType": "Bundle", "type": "transaction", "entry": found}


def batch_response(story: Story) -> Json:
    """Return the answer to a batch of reads."""
    found = [{**entry, "response": {"status": "200 OK"}} for entry in entries(story.resources)]
    return {"resourceType": "Bundle", "type": "batch-response", "entry": found}


def batch_response_of_searches(story: Story) -> Json:
    """Return the answer to a batch of searches, one for each resource type: bundles inside a bundle."""
    kinds = list(dict.fromkeys(resource["resourceType"] for resource in story.resources))
    answers = [search_answer([one for one in story.resources if one["resourceType"] == kind], kind) for kind in kinds]
    found = [{"resource": answer, "response": {"status": "200 OK"}} for answer in answers]
    return {"resourceType": "Bundle", "type": "batch-response", "entry": found}


def document(story: Story) -> Json:
    """Return the story as a document: a Composition first, then what it points to."""
    others = [one for one in story.resources if one is not story.patient]
    composition = {
        "resourceType": "Composition",
        "id": "summary-1",
        "status": "final",
        "type": concept(Code(LOINC, "60591-5", "Patient summary Document")),
        "subject": story.about(),
        "date": WRITTEN_AT,
        "author": [{"display": "Invented Hospital"}],
        "title": "Patient summary",
        "section": [{"title": "Record", "entry": [{"reference": f"{one['resourceType']}/{one['id']}"} for one in others]}],
    }
    return {
        "resourceType": "Bundle",
        "identifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{uuid_of(story, 'document')}"},
        "type": "document",
        "timestamp": WRITTEN_AT,
        "entry": entries([composition, *story.resources]),
    }


def search_answer(resources: list[Json], url: str) -> Json:
    """Return resources as the answer of one search; Medication and Specimen only come along."""
    made: Json = {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": 0,
        "link": [{"relation": "self", "url": f"{SERVER}/{url}"}],
    }
    found = entries(resources)
    for entry in found:
        entry["search"] = {"mode": "include" if entry["resource"]["resourceType"] in {"Medication", "Specimen"} else "match"}
    made["total"] = sum(entry["search"]["mode"] == "match" for entry in found)
    if found:
        made["entry"] = found
    return made


def entries(resources: list[Json]) -> list[Json]:
    """Return one entry for each resource, addressed on the invented server."""
    return [{"fullUrl": f"{SERVER}/{one['resourceType']}/{one['id']}", "resource": one} for one in resources]


def addressed(bundle: Json, story: Story) -> Json:
    """Return the bundle with references as the story wants them: `relative`, `absolute` or `urn`."""
    if story.addressing == "relative":
        return bundle
    known = {f"{one['resourceType']}/{one['id']}" for one in story.resources} | {"Composition/summary-1"}

    def spelt(local: str) -> str:
        return f"{SERVER}/{local}" if story.addressing == "absolute" else f"urn:uuid:{uuid_of(story, local)}"

    def walk(node: Any) -> Any:
        if isinstance(node, list):
            return [walk(item) for item in node]
        if not isinstance(node, dict):
            return node
        made = {name: walk(value) for name, value in node.items()}
        if node.get("reference") in known:
            made["reference"] = spelt(node["reference"])
        if "fullUrl" in node and "resource" in node:
            made["fullUrl"] = spelt(f"{node['resource']['resourceType']}/{node['resource']['id']}")
        return made

    rewritten: Json = walk(bundle)
    return rewritten


def uuid_of(story: Story, local: str) -> uuid.UUID:
    """Return the same UUID for the same part of the same story, always."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"urn:all-cds:stories:{story.name}:{local}")
