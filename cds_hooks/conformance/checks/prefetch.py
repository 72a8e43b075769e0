"""The states of prefetch: section 6, each state of each announced key in a call of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Final

from cds_hooks.conformance.checks.transport import summaries
from cds_hooks.conformance.made_up import Json, searchset, type_read, type_searched
from cds_hooks.conformance.subject import NotApplicable, Subject, part_of, refused_or_silent, unlike

_OK: Final = HTTPStatus.OK
_LACKING: Final = HTTPStatus.PRECONDITION_FAILED
_FAILURE: Final[Json] = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "exception"}]}
_REMARK: Final[Json] = {"resourceType": "OperationOutcome", "issue": [{"severity": "warning", "code": "not-found"}]}


def absent(subject: Subject) -> Iterator[str]:
    """CH-F-01."""
    for key in _keys(subject):
        call = subject.answered_call()
        part_of(call, "prefetch").pop(key, None)
        if wrong := unlike(subject.send(call), _OK, _LACKING):
            yield f"{key}: {wrong}"


def null(subject: Subject) -> Iterator[str]:
    """CH-F-02."""
    for key in _keys(subject):
        if wrong := unlike(subject.send(_with(subject, key, None)), _OK):
            yield f"{key}: {wrong}"


def included(subject: Subject) -> Iterator[str]:
    """CH-F-04."""
    extra = {"resource": {"resourceType": "Organization", "id": "conformance-kit"}, "search": {"mode": "include"}}
    for key, bundle in _searched(subject):
        entries = bundle.get("entry")
        if not isinstance(entries, list):
            continue
        if wrong := unlike(subject.send(_with(subject, key, {**bundle, "entry": [*entries, extra]})), _OK):
            yield f"{key}: {wrong}"


def no_entries(subject: Subject) -> Iterator[str]:
    """CH-F-05."""
    yield from _each_search(subject, searchset([]), _OK)


def remark_only(subject: Subject) -> Iterator[str]:
    """CH-F-06."""
    yield from _each_search(subject, searchset([], entry=[{"resource": _REMARK, "search": {"mode": "outcome"}}]), _OK)


def failed(subject: Subject) -> Iterator[str]:
    """CH-F-07."""
    in_search = {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": _FAILURE, "search": {"mode": "outcome"}}]}
    for key in _keys(subject):
        if wrong := unlike(subject.send(_with(subject, key, _FAILURE)), _OK, _LACKING):
            yield f"{key} as a whole: {wrong}"
    if any(map(type_searched, subject.service.prefetch.values())):
        for fault in _each_search(subject, in_search, _OK, _LACKING):
            yield f"in a search, {fault}"


def page(subject: Subject) -> Iterator[str]:
    """CH-F-08."""
    link = [{"relation": "next", "url": "https://fhir.invalid/r4?page=2"}]
    for key, bundle in _searched(subject):
        if wrong := unlike(subject.send(_with(subject, key, {**bundle, "link": link})), _OK, _LACKING):
            yield f"{key}: {wrong}"


def collection(subject: Subject) -> Iterator[str]:
    """CH-F-09."""
    for key, bundle in _searched(subject):
        changed = {name: part for name, part in bundle.items() if name != "total"} | {"type": "collection"}
        if wrong := unlike(subject.send(_with(subject, key, changed)), _OK):
            yield f"{key}: {wrong}"


def single(subject: Subject) -> Iterator[str]:
    """CH-F-10."""
    tried = False
    for key, bundle in _searched(subject):
        entries = bundle.get("entry")
        if not isinstance(entries, list) or not entries:
            continue
        tried = True
        if wrong := unlike(subject.send(_with(subject, key, entries[0]["resource"])), _OK):
            yield f"{key}: {wrong}"
    if not tried:
        raise NotApplicable("the record has no resource for any search; give one with --patient")


def unasked(subject: Subject) -> Iterator[str]:
    """CH-F-11."""
    plain = summaries(subject.send(subject.answered_call()))
    answer = subject.send(_with(subject, "conformance-kit-unasked", {"resourceType": "Coverage", "id": "conformance-kit"}))
    if wrong := unlike(answer, _OK):
        yield wrong
    elif summaries(answer) != plain:
        yield "other cards than without"


def wrong_type(subject: Subject) -> Iterator[str]:
    """CH-F-12."""
    tried = False
    patient = part_of(subject.answered_call(), "context").get("patientId")
    for key, template in subject.service.prefetch.items():
        if type_read(template) == "Patient":
            tried = True
            call = _with(subject, key, {"resourceType": "Organization", "id": patient})
            if wrong := refused_or_silent(subject.send(call), call):
                yield f"{key}: {wrong}"
    if not tried:
        raise NotApplicable("no single resource is asked for in prefetch")


def nothing_at_all(subject: Subject) -> Iterator[str]:
    """CH-F-21."""
    call = {
        name: part
        for name, part in subject.answered_call().items()
        if name not in {"prefetch", "fhirServer", "fhirAuthorization"}
    }
    if wrong := unlike(subject.send(call), _OK, _LACKING):
        yield wrong


def empty_record(subject: Subject) -> Iterator[str]:
    """CH-F-22."""
    call = subject.answered_call()
    part_of(call, "prefetch").update(dict.fromkeys(_keys(subject)))
    if wrong := unlike(subject.send(call), _OK):
        yield wrong


def _keys(subject: Subject) -> list[str]:
    if not subject.service.prefetch:
        raise NotApplicable("no prefetch is announced")
    return list(subject.service.prefetch)


def _searched(subject: Subject) -> Iterator[tuple[str, Json]]:
    """Return each key that is a search, with the search result of the plain call."""
    prefetch = part_of(subject.answered_call(), "prefetch")
    found = [key for key in _keys(subject) if type_searched(subject.service.prefetch[key])]
    if not found:
        raise NotApplicable("no search is announced")
    for key in found:
        bundle = prefetch.get(key)
        yield key, bundle if isinstance(bundle, dict) and bundle.get("resourceType") == "Bundle" else searchset([])


def _each_search(subject: Subject, value: object, *allowed: int) -> Iterator[str]:
    for key, _ in _searched(subject):
        if wrong := unlike(subject.send(_with(subject, key, value)), *allowed):
            yield f"{key}: {wrong}"


def _with(subject: Subject, key: str, value: object) -> Json:
    call = subject.answered_call()
    part_of(call, "prefetch")[key] = value
    return call


CHECKS: Final[Mapping[str, Callable[[Subject], Iterator[str]]]] = {
    "CH-F-01": absent,
    "CH-F-02": null,
    "CH-F-04": included,
    "CH-F-05": no_entries,
    "CH-F-06": remark_only,
    "CH-F-07": failed,
    "CH-F-08": page,
    "CH-F-09": collection,
    "CH-F-10": single,
    "CH-F-11": unasked,
    "CH-F-12": wrong_type,
    "CH-F-21": nothing_at_all,
    "CH-F-22": empty_record,
}
