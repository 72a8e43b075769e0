"""One client that costs as little as Python allows: requests are encoded before, an answer is read and not understood."""

from __future__ import annotations

import gzip
import socket
import time

HOST = "127.0.0.1"
HOOK = "/cds-services/all-immunotherapy"
OK = 200
_SECONDS = 60.0
_PIECE = 1 << 18
_LENGTH = b"\r\ncontent-length:"


def post(body: bytes, path: str = HOOK) -> bytes:
    """Return the request, head and body in one."""
    return _head("POST", path, b"Content-Type: application/json\r\nContent-Length: %d\r\n" % len(body)) + body


def post_gzipped(body: bytes, path: str = HOOK) -> bytes:
    """Return the request with its body made small."""
    small = gzip.compress(body, 6)
    members = b"Content-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n" % len(small)
    return _head("POST", path, members) + small


def get(path: str) -> bytes:
    """Return the request of an address."""
    return _head("GET", path, b"")


def _head(method: str, path: str, members: bytes) -> bytes:
    return f"{method} {path} HTTP/1.1\r\nHost: bench\r\n".encode("ascii") + members + b"\r\n"


class Caller:
    """A connection that is kept; opened at the first request."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._sock: socket.socket | None = None

    def ask(self, request: bytes) -> tuple[int, bytes]:
        """Return status and body of the answer. Raises: OSError where there is none.

        A connection that stood open so long that the server has ended it is begun anew.
        """
        if self._sock is not None:
            try:
                return self._asked(self._sock, request)
            except _Ended:
                self.close()
        self._sock = socket.create_connection((HOST, self._port), timeout=_SECONDS)
        self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._asked(self._sock, request)

    def _asked(self, sock: socket.socket, request: bytes) -> tuple[int, bytes]:
        try:
            sock.sendall(request)
            said = bytearray(_some(sock))
        except (BrokenPipeError, ConnectionResetError, _Ended):
            raise _Ended("the server ended the connection") from None
        return _answer(sock, said)

    def seconds(self, request: bytes, expected: int = OK) -> float:
        """Return the seconds from the first byte sent to the last byte read. Raises: RuntimeError at another status."""
        begun = time.perf_counter()
        status, said = self.ask(request)
        took = time.perf_counter() - begun
        if status != expected:
            raise RuntimeError(f"answered {status}: {said[:300]!r}")
        return took

    def close(self) -> None:
        """End the connection; the next request begins another, which another process may answer."""
        if self._sock is not None:
            self._sock.close()
            self._sock = None


class _Ended(ConnectionError):
    """The server has ended the connection."""


def _answer(sock: socket.socket, said: bytearray) -> tuple[int, bytes]:
    """Return status and body of an answer of which this was read already."""
    while (end := said.find(b"\r\n\r\n")) < 0:
        said += _some(sock)
    head = bytes(said[: end + 2]).lower()
    at = head.find(_LENGTH)
    if at < 0:
        raise ConnectionError("an answer without its length")
    length = int(head[at + len(_LENGTH) : head.find(b"\r\n", at + 2)])
    while len(said) < end + 4 + length:
        said += _some(sock)
    return int(head[9:12]), bytes(said[end + 4 :])


def _some(sock: socket.socket) -> bytes:
    data = sock.recv(_PIECE)
    if not data:
        raise _Ended("the server ended the connection")
    return data
