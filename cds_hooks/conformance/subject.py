"""One announced service while it is tried: how it is called, and what it answered so far."""

from __future__ import annotations

import copy
import json
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final
from urllib.parse import quote
from uuid import uuid4

from cds_hooks.conformance.answers import Answer, Endpoint, endpoint_of
from cds_hooks.conformance.made_up import Json
from cds_hooks.conformance.signing import Signer
from cds_hooks.conformance.target import Target

SERVICES: Final = "/cds-services"
JSON_TYPE: Final = "application/json"
OPEN_CALL: Final = ""
"""Given as a token: none is sent."""

_LONGEST_WAIT: Final = 30.0
_TRIES: Final = 3


class NotApplicable(Exception):
    """An item cannot be tried on this service; the message says why."""


@dataclass(slots=True)
class Line:
    """How everything reaches the service, signed where a key was given; it keeps what came back."""

    target: Target
    signer: Signer | None = None
    heard: list[tuple[Endpoint, Answer]] = field(default_factory=list)

    def call(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        *,
        token: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Return the answer; a service that asks for patience is asked again. Raises: NoAnswer."""
        tries_left = _TRIES
        while True:
            tries_left -= 1
            answer = self.target.call(method, path, body, self._headers(path, token, headers or {}))
            if method != "OPTIONS":  # a browser's question, whose answer is no document
                self.heard.append((endpoint_of(path), answer))
            wait = answer.headers.get("retry-after", "")
            is_busy = answer.status == HTTPStatus.TOO_MANY_REQUESTS and wait.isdecimal() and float(wait) <= _LONGEST_WAIT
            if not is_busy or token or not tries_left:
                return answer
            time.sleep(float(wait))

    def _headers(self, path: str, token: str | None, more: dict[str, str]) -> dict[str, str]:
        given = self.signer.token(path) if token is None and self.signer else token
        return more | ({"Authorization": f"Bearer {given}"} if given else {})


@dataclass(frozen=True, slots=True)
class Announced:
    """A service as discovery tells of it."""

    id: str
    hook: str
    version: str = ""
    prefetch: dict[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """Where it is called, below the base."""
        return f"{SERVICES}/{quote(self.id, safe='')}"


@dataclass(slots=True)
class Subject:
    """The service, a call that it should understand, and the page that should be able to read its answers."""

    service: Announced
    line: Line
    calls: list[Json]
    origin: str = ""
    plain: Answer | None = None
    """The answer to the first call, once it was made."""

    @property
    def call(self) -> Json:
        """A copy of the call, free to be changed, with an instance of its own."""
        return fresh(self.calls[0])

    def answered_call(self) -> Json:
        """Return a copy of the call. Raises: NotApplicable where the service does not answer it as it stands."""
        if self.plain is None or self.plain.status != HTTPStatus.OK:
            raise NotApplicable("the plain call is not answered with 200 (CH-T-01)")
        return self.call

    def send(
        self, body: object, *, token: str | None = None, content_type: str = JSON_TYPE, headers: dict[str, str] | None = None
    ) -> Answer:
        """Return the answer to a call with this body. Raises: NoAnswer."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.line.call(
            "POST", self.service.path, data, token=token, headers={"Content-Type": content_type, **(headers or {})}
        )

    def tell(self, body: object, *, token: str | None = None) -> Answer:
        """Return the answer to feedback. Raises: NoAnswer."""
        path = f"{self.service.path}/feedback"
        return self.line.call("POST", path, json.dumps(body).encode(), token=token, headers={"Content-Type": JSON_TYPE})


def fresh(call: Json) -> Json:
    """Return a copy of a call with an instance of its own."""
    changed = copy.deepcopy(call)
    if "hookInstance" in changed:
        changed["hookInstance"] = str(uuid4())
    return changed


def part_of(call: Json, name: str) -> Json:
    """Return an object that a call holds; an empty one, put there, where it holds none."""
    found = call.get(name)
    if not isinstance(found, dict):
        found = {}
        call[name] = found
    return found


def unlike(answer: Answer, *allowed: int) -> str:
    """Return what is wrong with a status; empty where it is one of these."""
    return "" if answer.status in allowed else f"{answer.status} instead of {' or '.join(map(str, allowed))}"


def refused_or_silent(answer: Answer, call: Json) -> str:
    """Return what is wrong where a call should be refused.

    Raises: NotApplicable for orders of which nothing was said: then the data beside them need not have been looked at.
    """
    wrong = refused(answer)
    about_orders = {"draftOrders", "dispatchedOrders"} & part_of(dict(call), "context").keys()
    if wrong and about_orders and answer.status == HTTPStatus.OK and answer.document == {"cards": []}:
        raise NotApplicable("nothing was said of the made-up order, so that its data need not have been looked at")
    return wrong


def refused(answer: Answer) -> str:
    """Return what is wrong where a call should be refused as the caller's fault."""
    is_refused = HTTPStatus.BAD_REQUEST <= answer.status < HTTPStatus.INTERNAL_SERVER_ERROR
    return "" if is_refused else f"{answer.status} instead of 4xx"
