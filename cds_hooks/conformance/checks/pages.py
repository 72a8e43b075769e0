"""Whether pages in a browser may read the answers: CORS, section 11.2."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Final

from cds_hooks.conformance.subject import OPEN_CALL, SERVICES, NotApplicable, Subject

_FOREIGN: Final = "https://conformance-kit.invalid"
_ALLOWED: Final = "access-control-allow-origin"
_NEEDED: Final = frozenset({"content-type", "authorization"})


def pages(subject: Subject) -> Iterator[str]:
    """CH-J-21."""
    if not subject.origin:
        raise NotApplicable("no page was named with --origin")
    for path, method in ((SERVICES, "GET"), (subject.service.path, "POST"), (f"{subject.service.path}/feedback", "POST")):
        yield from _preflight(subject, path, method)
    answer = subject.send(b"{", headers={"Origin": subject.origin})
    if answer.headers.get(_ALLOWED) != subject.origin:
        yield "an error cannot be read by the page"
    stranger = subject.line.call("GET", SERVICES, headers={"Origin": _FOREIGN})
    if stranger.headers.get(_ALLOWED) in {_FOREIGN, "*"}:
        yield "any page may read the answers"


def _preflight(subject: Subject, path: str, method: str) -> Iterator[str]:
    asked = {
        "Origin": subject.origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "content-type,authorization",
    }
    answer = subject.line.call("OPTIONS", path, token=OPEN_CALL, headers=asked)
    allowed = {name.strip().lower() for name in answer.headers.get("access-control-allow-headers", "").split(",")}
    methods = {name.strip().upper() for name in answer.headers.get("access-control-allow-methods", "").split(",")}
    if answer.status not in {HTTPStatus.OK, HTTPStatus.NO_CONTENT}:
        yield f"{path}: a preflight is answered with {answer.status}"
    elif answer.headers.get(_ALLOWED) != subject.origin:
        yield f"{path}: the page is not allowed"
    elif not allowed >= _NEEDED or (method not in methods and method != "GET"):
        yield f"{path}: {method} with Content-Type and Authorization is not allowed"


CHECKS: Final[Mapping[str, Callable[[Subject], Iterator[str]]]] = {"CH-J-21": pages}
