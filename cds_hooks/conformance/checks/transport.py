"""Transport and JSON: section 1."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Final

from cds_hooks.conformance.answers import Answer
from cds_hooks.conformance.made_up import Json
from cds_hooks.conformance.subject import NotApplicable, Subject, part_of, unlike

_STRANGE: Final[Json] = {"com.example.conformance-kit": {"unknown": [1]}}


def is_encrypted(subject: Subject) -> Iterator[str]:
    """CH-G-01."""
    target = subject.line.target
    if not target.is_safe and target.is_local:
        raise NotApplicable("the service is on this machine")
    if not target.is_safe:
        yield "the base address is plain http"


def content_types(subject: Subject) -> Iterator[str]:
    """CH-G-06."""
    subject.answered_call()
    for content_type in ("application/json", "application/json; charset=utf-8", "application/fhir+json"):
        if wrong := unlike(subject.send(subject.call, content_type=content_type), HTTPStatus.OK):
            yield f"{content_type}: {wrong}"
    for accept in ("application/json", "application/json+fhir"):
        if wrong := unlike(subject.send(subject.call, headers={"Accept": accept}), HTTPStatus.OK):
            yield f"Accept {accept}: {wrong}"


def unknown_members(subject: Subject) -> Iterator[str]:
    """CH-G-07."""
    plain = summaries(subject.send(subject.answered_call()))
    for place, name in (("the top", ""), ("context", "context"), ("fhirAuthorization", "fhirAuthorization")):
        call = subject.call
        if name == "fhirAuthorization":
            if name not in call:
                continue
            part_of(call, name).update(_STRANGE)
        else:
            (part_of(call, name) if name else call).update({"foo": {"bar": [1]}})
        answer = subject.send(call)
        if wrong := unlike(answer, HTTPStatus.OK):
            yield f"at {place}: {wrong}"
        elif summaries(answer) != plain:
            yield f"at {place}: other cards than without"


def summaries(answer: Answer) -> list[object]:
    """Return what the cards of an answer say, which is the same for the same call."""
    document = answer.document
    cards = document.get("cards") if isinstance(document, dict) else None
    return [card.get("summary") for card in cards if isinstance(card, dict)] if isinstance(cards, list) else []


CHECKS: Final[Mapping[str, Callable[[Subject], Iterator[str]]]] = {
    "CH-G-01": is_encrypted,
    "CH-G-06": content_types,
    "CH-G-07": unknown_members,
}
