"""Many clients at once, and peers that stall: how many calls are answered in a second, and how long one waits."""

from __future__ import annotations

import http.client
import socket
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from threading import Lock, Thread
from typing import TYPE_CHECKING

from tests.bench.server import HOOK, HOST

if TYPE_CHECKING:
    from collections.abc import Iterator

_JSON = {"Content-Type": "application/json"}
_HEAD = f"POST {HOOK} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n".encode()


@dataclass
class Crowd:
    """What some clients met: seconds of each answer, how long all of it took, and how many calls were not answered with 200."""

    answered: list[float]
    seconds: float
    failed: int

    @property
    def per_second(self) -> float:
        """Calls answered in a second."""
        return len(self.answered) / self.seconds


def crowd(port: int, body: bytes, clients: int, seconds: float, every: float = 0.0) -> Crowd:
    """Return what so many clients met that each ask again as soon as they are answered.

    `every`: seconds between the beginnings of two calls of one client, where it is not yet late for the next one.
    """
    found = Crowd([], 0.0, 0)
    lock = Lock()
    begun = time.perf_counter()
    until = begun + seconds

    def ask(number: int) -> None:
        due = begun + every * number / clients
        while time.perf_counter() < until:
            time.sleep(max(0.0, due - time.perf_counter()))
            due += every
            took, status = _call(port, body)
            with lock:
                if status == http.client.OK:
                    found.answered.append(took)
                else:
                    found.failed += 1

    threads = [Thread(target=ask, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found.seconds = time.perf_counter() - begun
    return found


def _call(port: int, body: bytes) -> tuple[float, int]:
    """Return the seconds of one call on a connection of its own, and its status; 0 where there was no answer."""
    connection = http.client.HTTPConnection(HOST, port, timeout=30)
    begun = time.perf_counter()
    try:
        connection.request("POST", HOOK, body, _JSON)
        answer = connection.getresponse()
        answer.read()
    except OSError:
        return time.perf_counter() - begun, 0
    else:
        return time.perf_counter() - begun, answer.status
    finally:
        connection.close()


@contextmanager
def stalled(port: int, body: bytes, count: int) -> Iterator[None]:
    """Keep so many connections open whose peers stopped in the middle: of the head, or of the body, by turns."""
    half_body = _HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body[: len(body) // 2]
    with ExitStack() as open_ones:
        for number in range(count):
            sock = open_ones.enter_context(socket.create_connection((HOST, port), timeout=30))
            sock.sendall(half_body if number % 2 else _HEAD[:40])
        yield
