"""Calls, right and wrong: section 4, and what orders look like on the way in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Final

from cds_hooks.conformance.made_up import Json, type_read
from cds_hooks.conformance.subject import SERVICES, NotApplicable, Subject, part_of, refused, refused_or_silent, unlike

_NOT_OBJECTS: Final = {"broken JSON": b"{", "an empty body": b"", "an array": b"[]", "a text": b'"x"', "null": b"null"}
_ORDERING: Final = frozenset({"order-select", "order-sign"})
_SERVER: Final = "https://fhir.invalid/r4"
_TOKEN: Final[Json] = {
    "access_token": "made-up",
    "token_type": "Bearer",
    "expires_in": 300,
    "scope": "user/Patient.read",
    "subject": "conformance-kit",
}


def plain_call(subject: Subject) -> Iterator[str]:
    """CH-T-01: every call that was given or made."""
    for place, _ in enumerate(subject.calls):
        answer = subject.send(subject.calls[place])
        if place == 0:
            subject.plain = answer
        if wrong := unlike(answer, HTTPStatus.OK):
            yield f"call {place + 1}: {wrong}"


def hook(subject: Subject) -> Iterator[str]:
    """CH-R-01."""
    for name, value in (("missing", None), ("another", "com.example.never-announced"), ("empty", "")):
        call = {key: part for key, part in subject.answered_call().items() if key != "hook"}
        if wrong := unlike(subject.send(call | ({} if value is None else {"hook": value})), HTTPStatus.BAD_REQUEST):
            yield f"{name}: {wrong}"


def hook_instance(subject: Subject) -> Iterator[str]:
    """CH-R-02."""
    call = subject.answered_call()
    instance = str(call.get("hookInstance"))
    for name, value in (("of version 1", "7c1d2e00-c6d4-11f1-9b3a-0800200c9a66"), ("in capitals", instance.upper())):
        if wrong := unlike(subject.send(call | {"hookInstance": value}), HTTPStatus.OK):
            yield f"{name}: {wrong}"
    if wrong := unlike(subject.send(_without(call, "hookInstance")), HTTPStatus.BAD_REQUEST):
        yield f"missing: {wrong}"


def context(subject: Subject) -> Iterator[str]:
    """CH-R-03."""
    if wrong := unlike(subject.send(_without(subject.answered_call(), "context")), HTTPStatus.BAD_REQUEST):
        yield f"missing: {wrong}"


def token_without_server(subject: Subject) -> Iterator[str]:
    """CH-R-04."""
    call = _without(subject.answered_call(), "fhirServer") | {"fhirAuthorization": dict(_TOKEN)}
    if wrong := unlike(subject.send(call), HTTPStatus.BAD_REQUEST):
        yield wrong


def optional_prefetch(subject: Subject) -> Iterator[str]:
    """CH-R-06."""
    call = _without(subject.answered_call(), "prefetch")
    for name, member in (("absent", {}), ("null", {"prefetch": None}), ("empty", {"prefetch": {}})):
        if wrong := unlike(subject.send(call | member), HTTPStatus.OK, HTTPStatus.PRECONDITION_FAILED):
            yield f"{name}: {wrong}"


def extension(subject: Subject) -> Iterator[str]:
    """CH-R-07."""
    member = {"extension": {"com.example.conformance-kit": {"version": "R4", "number": 18}}}
    if wrong := unlike(subject.send(subject.answered_call() | member), HTTPStatus.OK):
        yield wrong


def errors(subject: Subject) -> Iterator[str]:
    """CH-R-08."""
    for name, body in _NOT_OBJECTS.items():
        if wrong := unlike(subject.send(body), HTTPStatus.BAD_REQUEST):
            yield f"{name}: {wrong}"
    path = f"{SERVICES}/conformance-kit-never-announced"
    answer = subject.line.call("POST", path, b"{}", headers={"Content-Type": "application/json"})
    if wrong := unlike(answer, HTTPStatus.NOT_FOUND):
        yield f"an unknown service: {wrong}"
    if wrong := unlike(subject.line.call("GET", subject.service.path), HTTPStatus.METHOD_NOT_ALLOWED):
        yield f"GET on a service: {wrong}"


def other_patient(subject: Subject) -> Iterator[str]:
    """CH-R-09."""
    call = subject.answered_call()
    prefetch = part_of(call, "prefetch")
    for key, template in subject.service.prefetch.items():
        patient = prefetch.get(key)
        if type_read(template) == "Patient" and isinstance(patient, dict):
            prefetch[key] = {**patient, "id": "conformance-kit-somebody-else"}
            if wrong := refused_or_silent(subject.send(call), call):
                yield f"the resource of another patient: {wrong}"
            return
    raise NotApplicable("the patient is not asked for in prefetch")


def token_of_other_patient(subject: Subject) -> Iterator[str]:
    """CH-A-02."""
    token = _TOKEN | {"scope": "patient/Patient.read", "patient": "conformance-kit-somebody-else"}
    if wrong := refused(subject.send(subject.answered_call() | {"fhirServer": _SERVER, "fhirAuthorization": token})):
        yield wrong


def loose_orders(subject: Subject) -> Iterator[str]:
    """CH-H-06."""
    call = _ordering(subject)
    orders = part_of(part_of(call, "context"), "draftOrders")
    orders.pop("type", None)
    found = orders.get("entry")
    entries = found if isinstance(found, list) else []
    for entry in entries:
        if isinstance(entry, dict) and isinstance(entry.get("resource"), dict):
            entry["resource"].pop("subject", None)
            entry.pop("fullUrl", None)
    strange = {"resource": {"resourceType": "NutritionOrder", "id": "conformance-kit-diet"}}
    orders["entry"] = [*entries, strange]
    if wrong := unlike(subject.send(call), HTTPStatus.OK):
        yield wrong


def no_orders(subject: Subject) -> Iterator[str]:
    """CH-H-07."""
    call = _ordering(subject)
    part_of(call, "context").pop("draftOrders", None)
    if wrong := unlike(subject.send(call), HTTPStatus.OK):
        yield wrong


def _ordering(subject: Subject) -> Json:
    if subject.service.hook not in _ORDERING:
        raise NotApplicable("the hook has no draft orders")
    return subject.answered_call()


def _without(call: Json, member: str) -> Json:
    return {name: part for name, part in call.items() if name != member}


CHECKS: Final[Mapping[str, Callable[[Subject], Iterator[str]]]] = {
    "CH-T-01": plain_call,
    "CH-R-01": hook,
    "CH-R-02": hook_instance,
    "CH-R-03": context,
    "CH-R-04": token_without_server,
    "CH-R-06": optional_prefetch,
    "CH-R-07": extension,
    "CH-R-08": errors,
    "CH-R-09": other_patient,
    "CH-A-02": token_of_other_patient,
    "CH-H-06": loose_orders,
    "CH-H-07": no_orders,
}
