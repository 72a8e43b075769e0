"""The service that is tried, reached over HTTP: nothing is ever sent to another address, and no redirect is followed."""

from __future__ import annotations

import http.client
import ssl
import time
from typing import Final
from urllib.parse import urlsplit

from cds_hooks.conformance.answers import Answer

_LARGEST: Final = 50_000_000  # bytes of an answer
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


class NoAnswer(Exception):
    """The service did not answer in time, or not with HTTP."""


class Target:
    """A service below one base address."""

    def __init__(self, base: str, timeout: float) -> None:
        """Take the address. Raises: ValueError where it is none."""
        address = urlsplit(base.rstrip("/"))
        if address.scheme not in {"http", "https"} or not address.hostname or address.query or address.fragment:
            raise ValueError("the base is an http or https address without a query")
        self.base = base.rstrip("/")
        self.is_safe = address.scheme == "https"
        self.is_local = address.hostname in _LOOPBACK
        self._host, self._port, self._prefix, self._timeout = address.hostname, address.port, address.path, timeout

    def call(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        """Return the answer to one call over a connection of its own. Raises: NoAnswer."""
        begun = time.perf_counter()
        connection = self._connection()
        try:
            connection.request(method, self._prefix + path, body=body, headers=headers)
            found = connection.getresponse()
            content = found.read(_LARGEST)
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswer(type(error).__name__) from None
        finally:
            connection.close()
        return Answer(
            status=found.status,
            content_type=found.headers.get("Content-Type", ""),
            body=content,
            headers={name.lower(): value for name, value in found.headers.items()},
            seconds=time.perf_counter() - begun,
        )

    def _connection(self) -> http.client.HTTPConnection:
        if self.is_safe:
            return http.client.HTTPSConnection(
                self._host, self._port, timeout=self._timeout, context=ssl.create_default_context()
            )
        return http.client.HTTPConnection(self._host, self._port, timeout=self._timeout)
