"""Feedback in its dialects: section 10."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final
from uuid import uuid4

from cds_hooks.conformance.made_up import Json
from cds_hooks.conformance.subject import NotApplicable, Subject, refused, unlike

_OK: Final = HTTPStatus.OK
_TAKEN: Final = (HTTPStatus.OK, HTTPStatus.ACCEPTED, HTTPStatus.NO_CONTENT)
_ABSENT: Final = (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED)
# Any moment will do, and a fixed one makes the same feedback twice.
_MOMENT: Final = datetime(2026, 1, 1, 12, tzinfo=UTC).isoformat().replace("+00:00", "Z")
_SITE: Final = "com.epic.cdshooks.feedback.overrideReason"
_REASON: Final[Json] = {"code": "patient-refuses", "system": "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes"}


def batch(subject: Subject) -> Iterator[str]:
    """CH-B-01."""
    answer = subject.tell({"feedback": [_item(subject)]})
    if answer.status in _ABSENT:
        raise NotApplicable("the service takes no feedback")
    if wrong := unlike(answer, *_TAKEN):
        yield wrong


def other_shapes(subject: Subject) -> Iterator[str]:
    """CH-B-02."""
    item = _taken_item(subject)
    for name, body in (("a bare item", item), ("a bare array", [item]), ("an object as feedback", {"feedback": {}})):
        if wrong := refused(subject.tell(body)):
            yield f"{name}: {wrong}"


def faulty_items(subject: Subject) -> Iterator[str]:
    """CH-B-03."""
    item = _taken_item(subject)
    without_moment = {name: part for name, part in item.items() if name != "outcomeTimestamp"}
    for name, body in (("outcome ignored", item | {"outcome": "ignored"}), ("no moment", without_moment)):
        if wrong := refused(subject.tell({"feedback": [body]})):
            yield f"{name}: {wrong}"


def acceptance(subject: Subject) -> Iterator[str]:
    """CH-B-04."""
    yield from _told(
        subject, _taken_item(subject) | {"outcome": "accepted", "acceptedSuggestions": [{"id": _suggestion(subject)}]}
    )


def reasons(subject: Subject) -> Iterator[str]:
    """CH-B-05."""
    item = _taken_item(subject)
    for reason in ({"reason": _REASON}, {"userComment": "a comment"}, {"reason": _REASON, "userComment": "a comment"}):
        for wrong in _told(subject, item | {"overrideReason": reason}):
            yield f"{' and '.join(reason)}: {wrong}"


def plural(subject: Subject) -> Iterator[str]:
    """CH-B-06."""
    reason = {"reason": _REASON, "extension": {f"{_SITE}.reasonCategory": "1", f"{_SITE}.reasonDisplay": "a reason"}}
    yield from _told(subject, _taken_item(subject) | {"overrideReasons": reason})


def repeated(subject: Subject) -> Iterator[str]:
    """CH-B-08."""
    item = _taken_item(subject)
    for _ in range(2):
        yield from _told(subject, item)
    yield from _told(subject, item, item)


def orphan(subject: Subject) -> Iterator[str]:
    """CH-B-09."""
    item = _taken_item(subject)
    for name, card in (("an unknown UUID", str(uuid4())), ("an id that is no UUID", "123456")):
        for wrong in _told(subject, item | {"card": card}, item):
            yield f"{name}: {wrong}"


def status(subject: Subject) -> Iterator[str]:
    """CH-B-10."""
    answer = subject.tell({"feedback": [_taken_item(subject)]})
    if wrong := unlike(answer, _OK):
        yield wrong
    elif answer.body.strip() and answer.document != {}:
        yield "the body is neither empty nor an empty JSON object"


def audience(subject: Subject) -> Iterator[str]:
    """CH-B-11."""
    body = {"feedback": [_taken_item(subject)]}
    signer = subject.line.signer
    if signer is None:
        raise NotApplicable("no key was given")
    for path in (f"{subject.service.path}/feedback", subject.service.path):
        if wrong := unlike(subject.tell(body, token=signer.token(path)), *_TAKEN):
            yield f"signed for {path}: {wrong}"


def _told(subject: Subject, *items: Json) -> Iterator[str]:
    if wrong := unlike(subject.tell({"feedback": list(items)}), *_TAKEN):
        yield wrong


def _taken_item(subject: Subject) -> Json:
    """Return an item of a batch. Raises: NotApplicable where the service takes no feedback."""
    item = _item(subject)
    if subject.tell({"feedback": [item]}).status not in _TAKEN:
        raise NotApplicable("the service takes no feedback (CH-B-01)")
    return item


def _item(subject: Subject) -> Json:
    cards = _cards(subject)
    card = next((card["uuid"] for card in cards if isinstance(card.get("uuid"), str)), str(uuid4()))
    return {"card": card, "outcome": "overridden", "outcomeTimestamp": _MOMENT}


def _suggestion(subject: Subject) -> object:
    for card in _cards(subject):
        found = card.get("suggestions")
        for suggestion in found if isinstance(found, list) else []:
            if isinstance(suggestion, dict) and suggestion.get("uuid"):
                return suggestion["uuid"]
    return str(uuid4())


def _cards(subject: Subject) -> list[Json]:
    document = subject.plain.document if subject.plain else None
    cards = document.get("cards") if isinstance(document, dict) else None
    return [card for card in cards if isinstance(card, dict)] if isinstance(cards, list) else []


CHECKS: Final[Mapping[str, Callable[[Subject], Iterator[str]]]] = {
    "CH-B-01": batch,
    "CH-B-02": other_shapes,
    "CH-B-03": faulty_items,
    "CH-B-04": acceptance,
    "CH-B-05": reasons,
    "CH-B-06": plural,
    "CH-B-08": repeated,
    "CH-B-09": orphan,
    "CH-B-10": status,
    "CH-B-11": audience,
}
