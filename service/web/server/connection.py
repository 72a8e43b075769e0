"""One peer: its socket, what comes from it, what goes to it, and until when it is waited for."""

from __future__ import annotations

import itertools
from contextlib import suppress
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from service.web.server.gathering import Gathering

if TYPE_CHECKING:
    import socket

    from gunicorn.config import Config  # type: ignore[import-untyped]

_numbers = itertools.count()


class State(Enum):
    """What a connection waits for."""

    IDLE = auto()  # the first byte of a request
    GATHERING = auto()  # the rest of it
    IN_THREAD = auto()  # our own answer
    SENDING = auto()  # the peer to take it
    LINGERING = auto()  # the peer to close


class Connection:
    """One peer. Times are of the monotonic clock, in seconds."""

    def __init__(self, cfg: Config, sock: socket.socket, client: object, server: object, body_limit: int) -> None:
        self.number = next(_numbers)
        self.sock = sock
        self.client = client
        self.server = server
        self.gathering = Gathering(cfg, client, body_limit)
        self.held = 0  # bytes of its requests, as they were counted last
        self.state = State.IDLE
        self.until = 0.0  # when its time is up
        self.whole_by = 0.0  # when the whole request must have come, or the whole answer been taken
        self.arrived = 0.0  # when the request was whole
        self.answer: list[bytes | memoryview] = []
        self.keep = False
        self.drained = 0
        self.watched: tuple[int, Any] | None = None

    def send_some(self) -> bool:
        """Send what the peer takes now, and return whether there is more. Raises: OSError where the peer is gone."""
        if len(self.answer) > 1:
            self.answer = [b"".join(self.answer)]  # head and body in one packet
        while self.answer:
            try:
                sent = self.sock.send(self.answer[0])
            except (BlockingIOError, InterruptedError):
                return True
            if sent < len(self.answer[0]):
                self.answer[0] = memoryview(self.answer[0])[sent:]
            else:
                self.answer = []
        return False

    def close(self) -> None:
        """Close the socket and let go of what was gathered."""
        with suppress(OSError):
            self.sock.close()
        self.answer = []


class _Outbox:
    """Stands where a thread expects the socket: takes what is written, and never waits."""

    def __init__(self, answer: list[bytes | memoryview]) -> None:
        self._answer = answer

    def sendall(self, data: bytes) -> None:
        self._answer.append(bytes(data))

    def send(self, data: bytes) -> int:
        self.sendall(data)
        return len(data)

    def gettimeout(self) -> float:
        return 0.0

    def setblocking(self, _flag: object) -> None:
        """Return at once: nothing blocks here."""

    def settimeout(self, _seconds: object) -> None:
        """Return at once, for the same reason."""

    def shutdown(self, _how: object) -> None:
        """Return at once: the loop ends the connection."""

    def recv(self, _size: int) -> bytes:
        return b""

    def close(self) -> None:
        """Return at once, for the same reason."""


class InThread:
    """A connection as gunicorn's threads see one: its request is there, its answer is only collected."""

    is_http2 = False
    initialized = True
    data_ready = True

    def __init__(self, peer: Connection) -> None:
        peer.answer = []
        self.sock = _Outbox(peer.answer)
        self.client = peer.client
        self.server = peer.server
        self.parser = peer.gathering.parser

    def init(self) -> None:
        """Return at once: the connection is ready."""
