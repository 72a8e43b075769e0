"""What a tester gives becomes the call that a record system would make, and the Bundle that the assessment is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

import orjson

from service.errors import NoPatient, NotABundle, NotJson, RequestError
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
    _written(value)  # nothing of it is worked with before it is known that it can be written again
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
        body = _written(value)
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
        held = found.get("entry", []) if isinstance(found, dict) and found.get("resourceType") == "Bundle" else None
        if isinstance(held, list):
            entries += [entry for entry in held if isinstance(entry, dict)]
        elif isinstance(found, dict):  # a Bundle whose entries are none too: the reader finds that it is broken
            entries.append({"resource": found})
    return _written({"resourceType": "Bundle", "type": "collection", "entry": entries})


def _of_bundle(body: bytes, service: str, hook: str, options: Mapping[str, str], offers: Offered) -> Sent:
    asked = offers.find(service, hook) or next((row for row in offers.services if row.hook == hook), None)
    if asked is None or hook not in {PATIENT_VIEW, _ENCOUNTER}:
        raise RequestError(
            "a Bundle holds no drafted orders", where="hook", hint="give a hook request, which has them in its context"
        )
    resources = _as_on_a_server([(found, _decoded(found)) for found in open_bundle(body) if not found.deleted])
    patient = next((row for row in resources if row.get("resourceType") == "Patient"), None)
    if patient is None:
        raise NoPatient("there is no Patient in the bundle", where="entry", hint="send the Patient with the data")
    identity = patient["id"]
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
    return Sent(asked.id, hook, _written(call), body, options)


def _written(value: object) -> bytes:
    """Return a value as JSON. Raises: NotJson where it is nested deeper than it can be written."""
    try:
        return orjson.dumps(value)
    except TypeError:
        raise NotJson("the text is nested too deeply", hint="send FHIR as JSON") from None


def _prefetch(asked: AskedService, patient: Json, resources: list[Json]) -> Json:
    pointed_at = [row for row in resources if row.get("resourceType") == "Medication"]
    filled: Json = {}
    for key, wanted in asked.prefetch.items():
        if wanted.type == "Patient":
            filled[key] = patient
            continue
        found = [row for row in resources if row.get("resourceType") == wanted.type]
        filled[key] = _search(found, pointed_at if found and wanted.type in _WITH_DRUGS else ())
    return filled


def _search(found: list[Json], included: Iterable[Json]) -> Json:
    entries = [{"resource": row, "search": {"mode": "match"}} for row in found]
    entries += [{"resource": row, "search": {"mode": "include"}} for row in included]
    return {"resourceType": "Bundle", "type": "searchset", "total": len(found), "entry": entries}


def _as_on_a_server(given: list[tuple[Slice, Json]]) -> list[Json]:
    """Return the resources as a server answers with them: each has an id, and references name type and id."""
    resources = []
    names: dict[str, str] = {}
    for number, (found, resource) in enumerate(given):
        own = resource.get("id")
        end = found.full_url.replace(":", "/").rsplit("/", 1)[-1]
        identity = own if isinstance(own, str) and own else end or f"console-{number}"
        resources.append({**resource, "id": identity})
        if found.full_url:
            names[found.full_url] = f"{resource.get('resourceType')}/{identity}"
    return [_pointing(resource, names) for resource in resources]


def _pointing(value: Any, names: Mapping[str, str]) -> Any:  # noqa: ANN401 - any JSON
    """Return a value in which every reference to an address of the Bundle names type and id."""
    if isinstance(value, dict):
        return {
            key: names.get(part, part) if key == "reference" and isinstance(part, str) else _pointing(part, names)
            for key, part in value.items()
        }
    return [_pointing(part, names) for part in value] if isinstance(value, list) else value


def _decoded(found: Slice) -> Json:
    try:
        return cast("Json", found.decoded())
    except (orjson.JSONDecodeError, RecursionError):
        return {}
