"""How the trial registry is asked: slowly, again where it makes sense, never elsewhere, and never for more than can be read."""

from __future__ import annotations

import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import orjson
import requests

from service.clients.moved import MOVED
from service.clients.retry_after import retry_after
from service.errors import RegistryError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_AGAIN = frozenset((HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS))
_MOST_MOVES = 3
_CHUNK = 65_536
_LONGEST_TEXT = 200


@dataclass(frozen=True, slots=True)
class Manners:
    """How the registry is treated; all times in seconds.

    `pause` lies between two requests (the registry publishes no rate, its robots file asks for one second). A request that
    failed is made `attempts` times in all, each wait twice the one before; the registry's own Retry-After wins, and one longer
    than `longest_wait` means that we come back another day.
    """

    pause: float = 1.0
    connect: float = 10.0
    read: float = 30.0
    whole_answer: float = 180.0
    attempts: int = 4
    first_wait: float = 2.0
    longest_wait: float = 60.0
    most_bytes: int = 100_000_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the JSON object of a good answer, or the plain text of a refusal (400, 404, ...)."""

    status: int
    document: dict[str, object]
    text: str = ""
    moved: bool = False


class _Unusable(Exception):
    """An answer that may be better the next time; `wait` is what the registry asks for, in seconds."""

    def __init__(self, why: str, wait: float | None = None) -> None:
        super().__init__(why)
        self.wait = wait


class RegistryHttp:
    """Requests to one registry, one after the other."""

    def __init__(
        self,
        address: str,
        *,
        manners: Manners | None = None,
        session: requests.Session | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`clock` measures durations only, it need not know the day. Raises: RegistryError where this is no web address."""
        self.address = address.rstrip("/")
        self._at = _host_of(self.address)
        if self._at is None:
            raise RegistryError("the address of the registry is not an http or https address", hint="see ALL_CDS_REGISTRY_URL")
        self._manners = manners or Manners()
        self._session = session or requests.Session()
        self._session.headers.update({"Accept": "application/json", "User-Agent": "all-cds"})
        self._sleep = sleep
        self._clock = clock
        self._last: float | None = None

    def get(self, path: str, parameters: Mapping[str, str] | None = None) -> Answer:
        """Return the answer: a JSON object, or a refusal as text.

        Raises: RegistryError where the registry cannot be reached, keeps failing, or answers with something else.
        """
        manners = self._manners
        why = ""
        for attempt in range(manners.attempts):
            try:
                return self._ask(f"{self.address}{path}", parameters)
            except _Unusable as unusable:
                why = str(unusable)
                wait = manners.first_wait * 2**attempt if unusable.wait is None else unusable.wait
                if wait > manners.longest_wait:
                    why = f"{why}; it asks to come back in {wait:.0f} seconds"
                    break
                if attempt + 1 < manners.attempts:
                    self._sleep(wait)
        raise RegistryError(f"the trial registry failed: {why}", where=self.address)

    def _ask(self, url: str, parameters: Mapping[str, str] | None) -> Answer:
        moved = False
        for _ in range(_MOST_MOVES + 1):
            self._keep_pace()
            try:
                with self._session.get(
                    url,
                    params=parameters,
                    timeout=(self._manners.connect, self._manners.read),
                    allow_redirects=False,
                    stream=True,
                ) as response:
                    if response.status_code not in MOVED:
                        return self._read(response, moved=moved)
                    url, parameters, moved = self._target(response, url), None, True
            except requests.Timeout:
                raise _Unusable("no answer in time") from None
            except requests.ConnectionError as error:
                timed_out = "timed out" in str(error).lower()  # a stall inside the body comes as this
                raise _Unusable("no answer in time" if timed_out else "it cannot be reached, or broke off") from None
            except requests.RequestException:
                raise _Unusable("its answer broke off or cannot be decoded") from None
        raise RegistryError("the trial registry leads in a circle", where=self.address)

    def _keep_pace(self) -> None:
        if self._last is not None:
            left = self._manners.pause - (self._clock() - self._last)
            if left > 0:
                self._sleep(left)
        self._last = self._clock()

    def _target(self, response: requests.Response, url: str) -> str:
        """Return where a merged record now stands; another host is not followed, whatever it may be."""
        target = urljoin(url, response.headers.get("Location", ""))
        if target == url or _host_of(target) != self._at:
            raise RegistryError("the trial registry leads to another address, which is not followed", where=self.address)
        return target

    def _read(self, response: requests.Response, *, moved: bool) -> Answer:
        status = response.status_code
        if status in _AGAIN or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise _Unusable(f"it answered with {status}", retry_after(response.headers))
        body = self._body(response)
        if status != HTTPStatus.OK:
            return Answer(status, {}, _plain(body), moved)
        try:
            document = orjson.loads(body)
        except orjson.JSONDecodeError:
            raise _Unusable("its answer is not whole JSON") from None
        if not isinstance(document, dict):
            raise RegistryError("the trial registry gave JSON of another shape", where=self.address)
        return Answer(status, document, moved=moved)

    def _body(self, response: requests.Response) -> bytes:
        begun = self._clock()
        parts = bytearray()
        for chunk in response.iter_content(_CHUNK):
            parts += chunk
            if len(parts) > self._manners.most_bytes:
                raise RegistryError(f"the answer is larger than {self._manners.most_bytes} bytes", where=self.address)
            if self._clock() - begun > self._manners.whole_answer:
                raise _Unusable("its answer does not come to an end")
        return bytes(parts)


def _host_of(url: str) -> tuple[str, str] | None:
    """Return scheme and host with port; None for anything that we do not call."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
        return None
    return parts.scheme, parts.netloc.lower()


def _plain(body: bytes) -> str:
    """Return the text of a refusal on one line, no longer than is useful."""
    text = " ".join(body[: 4 * _LONGEST_TEXT].decode("utf-8", errors="replace").split())
    return "".join(sign for sign in text if sign.isprintable())[:_LONGEST_TEXT]
