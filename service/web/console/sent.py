"""What a tester gives becomes the call that a record system would make, and the Bundle that the assessment is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

import orjson

from service.errors import NoPatient, NotABundle, RequestError
from service.record.bundle import BYTE_ORDER_MARK, open_bundle
from service.web.json_place import not_json
from service.web.options import OPTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from service.record.bundle import Slice
    from service.web.offered import AskedService, Offered

Json = dict[str, Any]

PATIENT_VIEW = "patient-view"
_ENCOUNTER = "encounter-start"
_WITH_DRUGS = frozenset({"MedicationRequest", "MedicationAdministration", "MedicationStatement", "MedicationDispense"})
_TOLD = ("as-of", "known-by", "regulators")


@dataclass(frozen=True, slots=True)
class Sent:
    """The call of a service, and the patient's data as one Bundle; `told` is what the options of the call ask for."""

    service: str
    hook: str
    call: bytes
    bundle: bytes
    told: Mapping[str, str]


def sent(body: bytes, service: str, hook: str, options: Mapping[str, str], offers: Offered) -> Sent:
    """Return the call for what was given: a Bundle is wrapped into one, a hook request is sent as it is, with the options added.

    `service` and `hook` are empty where the tester leaves the choice. Raises: NotJson, NotABundle, RequestError.
    """
    body = body.removeprefix(BYTE_ORDER_MARK)
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise not_json(body) from None
    if isinstance(value, dict) and value.get("resourceType") == "Bundle":
        return _of_bundle(body, service, hook or PATIENT_VIEW, options, offers)
    if isinstance(value, dict) and ("hook" in value or "prefetch" in value):
        return _of_request(value, body, service, options, offers)
    raise NotABundle("neither a FHIR Bundle nor a CDS Hooks request", hint="wrap single resources in a Bundle")


def _of_request(value: Json, body: bytes, service: str, options: Mapping[str, str], offers: Offered) -> Sent:
    hook = value["hook"] if isinstance(value.get("hook"), str) else ""
    if options:
        extension = value.get("extension")
        extension = extension if isinstance(extension, dict) else {}
        own = extension.get(OPTIONS)
        own = own if isinstance(own, dict) else {}
        value = {**value, "extension": {**extension, OPTIONS: {**own, **options}}}
        body = orjson.dumps(value)
    found = service or next((row.id for row in offers.services if row.hook == hook), offers.services[0].id)
    return Sent(found, hook, body, _bundle_of(value), {**_told(value), **options})


def _told(value: Json) -> dict[str, str]:
    extension = value.get("extension")
    own = extension.get(OPTIONS) if isinstance(extension, dict) else None
    return {name: text for name in _TOLD if isinstance(own, dict) and isinstance(text := own.get(name), str) and text}


def _bundle_of(value: Json) -> bytes:
    """Return the data of a call as one Bundle: assessments are made of those."""
    prefetch = value.get("prefetch")
    entries = []
    for found in prefetch.values() if isinstance(prefetch, dict) else ():
        if isinstance(found, dict) and found.get("resourceType") == "Bundle":
            entries += [entry for entry in found.get("entry") or () if isinstance(entry, dict)]
        elif isinstance(found, dict):
            entries.append({"resource": found})
    return orjson.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries})


def _of_bundle(body: bytes, service: str, hook: str, options: Mapping[str, str], offers: Offered) -> Sent:
    asked = offers.find(service, hook) or next((row for row in offers.services if row.hook == hook), None)
    if asked is None or hook not in {PATIENT_VIEW, _ENCOUNTER}:
        raise RequestError(
            "a Bundle holds no drafted orders", where="hook", hint="give a hook request, which has them in its context"
        )
    resources = [(found, _decoded(found)) for found in open_bundle(body) if not found.deleted]
    patient, identity = _patient(resources)
    context = {"userId": "Practitioner/console", "patientId": identity}
    if hook == _ENCOUNTER:
        context["encounterId"] = "console"
    call: Json = {
        "hook": hook,
        "hookInstance": str(uuid4()),
        "context": context,
        "prefetch": _prefetch(asked, patient, resources),
    }
    if options:
        call["extension"] = {OPTIONS: dict(options)}
    return Sent(asked.id, hook, orjson.dumps(call), body, options)


def _prefetch(asked: AskedService, patient: Json, resources: list[tuple[Slice, Json]]) -> Json:
    pointed_at = [row for row in resources if row[1].get("resourceType") == "Medication"]
    filled: Json = {}
    for key, wanted in asked.prefetch.items():
        if wanted.type == "Patient":
            filled[key] = patient
            continue
        found = [row for row in resources if row[1].get("resourceType") == wanted.type]
        filled[key] = _search(found, pointed_at if found and wanted.type in _WITH_DRUGS else ())
    return filled


def _search(found: list[tuple[Slice, Json]], included: Iterable[tuple[Slice, Json]]) -> Json:
    entries = [_entry(*row, "match") for row in found] + [_entry(*row, "include") for row in included]
    return {"resourceType": "Bundle", "type": "searchset", "total": len(found), "entry": entries}


def _entry(found: Slice, resource: Json, mode: str) -> Json:
    entry: Json = {"resource": resource, "search": {"mode": mode}}
    return {"fullUrl": found.full_url, **entry} if found.full_url else entry


def _patient(resources: list[tuple[Slice, Json]]) -> tuple[Json, str]:
    """Return the Patient and its id; one that has none is named by the end of its address. Raises: NoPatient."""
    for found, resource in resources:
        if resource.get("resourceType") == "Patient":
            identity = resource.get("id") if isinstance(resource.get("id"), str) else ""
            identity = identity or found.full_url.replace(":", "/").rsplit("/", 1)[-1] or "console"
            return {**resource, "id": identity}, identity
    raise NoPatient("there is no Patient in the bundle", where="entry", hint="send the Patient with the data")


def _decoded(found: Slice) -> Json:
    try:
        return cast("Json", found.decoded())
    except (orjson.JSONDecodeError, RecursionError):
        return {}
