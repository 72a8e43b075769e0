"""How a FHIR server is asked one thing: by its own address only, in the time that is left, and for no more than can be read."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import requests
from urllib3.exceptions import HTTPError, MaxRetryError, ProtocolError

from service.clients.guarded_connections import AddressRefused, GuardedAdapter
from service.clients.moved import MOVED
from service.clients.retry_after import retry_after
from service.errors import FhirServerError

if TYPE_CHECKING:
    from collections.abc import Callable

    from service.clients.fhir_address import Base
    from service.clients.guarded_connections import Lines

FHIR_JSON = "application/fhir+json"
_REFUSED = frozenset((HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN))
_NOT_THERE = frozenset((HTTPStatus.NOT_FOUND, HTTPStatus.GONE))
_BUSY = frozenset((HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE))
_MOST_MOVES = 2
_ATTEMPTS = 2
_PIECE = 65_536
_POOL = 32  # connections kept to one server


class Outcome(StrEnum):
    """What became of one query, as a word for counts: nothing of a patient or an address is in it."""

    FETCHED = "fetched"
    INCOMPLETE = "incomplete"
    REFUSED = "refused"
    NOT_FOUND = "not-found"
    BUSY = "busy"
    REJECTED = "rejected"
    SERVER_ERROR = "server-error"
    SLOW = "slow"
    UNREACHABLE = "unreachable"
    MOVED = "moved"
    ADDRESS_REFUSED = "address-refused"
    TOO_LARGE = "too-large"
    UNREADABLE = "unreadable"
    OTHERS_DATA = "others-data"
    OUT_OF_SCOPE = "out-of-scope"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Call:
    """What all queries of one call share. Token and patient are shown nowhere; `until` is on the clock that measures durations.

    `scope` is that of the token, '' where there is none.
    """

    base: Base
    patient_id: str = field(repr=False)
    token: str | None = field(repr=False)
    until: float
    lines: Lines = field(repr=False)
    scope: str = field(default="", repr=False)
    request_id: str = ""


class _Again(Exception):
    """A query that may go better in so many seconds."""

    def __init__(self, outcome: Outcome, wait: float) -> None:
        super().__init__(outcome)
        self.outcome = outcome
        self.wait = wait


class FhirHttp:
    """Queries to FHIR servers; keeps connections between calls, and nothing else."""

    def __init__(
        self,
        *,
        most_bytes: int = 20_000_000,
        authorities: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`authorities`: a file of those who sign for the servers, the public ones if not given; an answer has so many bytes."""
        self._most_bytes = most_bytes
        self.clock = clock
        session = self._session = requests.Session()
        session.trust_env = False  # no proxy and no password file of the machine: the token alone says who asks
        session.verify = authorities or True
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        session.headers.clear()
        for scheme in ("http://", "https://"):
            session.mount(scheme, GuardedAdapter(pool_maxsize=_POOL))

    def get(self, url: str, call: Call) -> bytes:
        """Return the body of a good answer. Raises: FhirServerError with the reason."""
        outcome = Outcome.SLOW
        for attempt in range(_ATTEMPTS):
            try:
                with call.lines.in_use():
                    return self._ask(url, call)
            except _Again as again:
                outcome = again.outcome
                if attempt + 1 == _ATTEMPTS or again.wait >= call.until - self.clock() or call.lines.wait(again.wait):
                    break
        raise _failed(outcome)

    def _ask(self, url: str, call: Call) -> bytes:
        for _ in range(_MOST_MOVES + 1):
            left = call.until - self.clock()
            if left <= 0 or call.lines.over:
                raise _failed(Outcome.SLOW)
            try:
                with self._session.send(self._prepared(url, call), timeout=left, allow_redirects=False, stream=True) as response:
                    if response.status_code not in MOVED:
                        return self._read(response, call)
                    target = call.base.own(urljoin(url, response.headers.get("Location", "")))
            except (requests.RequestException, HTTPError, OSError, ValueError) as error:
                raise self._reason(error, call) from None
            if target is None or target == url:
                break
            url = target
        raise _failed(Outcome.MOVED)

    def _prepared(self, url: str, call: Call) -> requests.PreparedRequest:
        headers = {"Accept": FHIR_JSON, "Accept-Encoding": "gzip", "User-Agent": "all-cds"}
        if call.token is not None:
            headers["Authorization"] = f"Bearer {call.token}"
        if call.request_id:
            headers["X-Request-Id"] = call.request_id
        prepared = self._session.prepare_request(requests.Request("GET", url, headers=headers))
        prepared.url = url  # word for word: a server may have signed its own links
        return prepared

    def _read(self, response: requests.Response, call: Call) -> bytes:
        status = response.status_code
        if status in _BUSY:
            wait = retry_after(response.headers)
            raise _failed(Outcome.BUSY) if wait is None else _Again(Outcome.BUSY, wait)
        if status != HTTPStatus.OK:
            raise _failed(_outcome_of(status))
        parts = bytearray()
        for piece in response.iter_content(_PIECE):
            parts += piece
            if len(parts) > self._most_bytes:
                raise _failed(Outcome.TOO_LARGE)
            if self.clock() > call.until:
                break
        if call.lines.over or self.clock() > call.until:  # an answer without a length looks whole when it is cut
            raise _failed(Outcome.SLOW)
        return bytes(parts)

    def _reason(self, error: Exception, call: Call) -> Exception:
        """Return what a failure means. Nothing of the failed request travels on: it holds the token."""
        inner = error.args[0] if error.args else None
        if call.lines.over or self.clock() >= call.until or isinstance(error, requests.Timeout):
            return _failed(Outcome.SLOW)
        if isinstance(inner, MaxRetryError):
            refused = isinstance(inner.reason, AddressRefused)
            return _failed(Outcome.ADDRESS_REFUSED if refused else Outcome.UNREACHABLE)
        if isinstance(error, requests.exceptions.ContentDecodingError):
            return _failed(Outcome.UNREADABLE)
        if isinstance(error, requests.ConnectionError) and isinstance(inner, ProtocolError):
            return _Again(Outcome.UNREACHABLE, 0)  # a connection kept from an earlier call may have ended meanwhile
        return _failed(Outcome.UNREACHABLE)


def _outcome_of(status: int) -> Outcome:
    if status in _REFUSED:
        return Outcome.REFUSED
    if status in _NOT_THERE:
        return Outcome.NOT_FOUND
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Outcome.SERVER_ERROR
    return Outcome.REJECTED if status >= HTTPStatus.BAD_REQUEST else Outcome.UNREADABLE


def _failed(outcome: Outcome) -> FhirServerError:
    return FhirServerError(reason=outcome)
