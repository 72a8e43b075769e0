"""Many clients at once, and peers that stall: how many calls are answered in a second, and how long one waits."""

from __future__ import annotations

import os
import socket
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from threading import Lock, Thread
from typing import TYPE_CHECKING

from tests.bench.caller import HOST, OK, Caller, post

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class Crowd:
    """What some clients met: seconds of each answer, how long all of it took, how many calls were not answered with 200.

    `burnt`: seconds of processor that the clients themselves took.
    """

    answered: list[float]
    seconds: float
    failed: int
    burnt: float

    @property
    def per_second(self) -> float:
        """Calls answered in a second."""
        return len(self.answered) / self.seconds

    @property
    def share(self) -> float:
        """Which part of the machine the clients took."""
        return self.burnt / self.seconds / (os.cpu_count() or 1)


def crowd(port: int, requests: list[bytes], clients: int, seconds: float, every: float = 0.0) -> Crowd:
    """Return what so many clients met that each ask again as soon as they are answered, on a connection of its own each time.

    `requests`: encoded; each client begins with another one and takes them in turn. `every`: seconds between the beginnings of
    two calls of one client, where it is not yet late for the next one.
    """
    found = Crowd([], 0.0, 0, 0.0)
    lock = Lock()
    burnt = time.process_time()
    begun = time.perf_counter()
    until = begun + seconds

    def ask(number: int) -> None:
        due, at = begun + every * number / clients, number
        while time.perf_counter() < until:
            time.sleep(max(0.0, due - time.perf_counter()))
            due += every
            took, status = _call(port, requests[at % len(requests)])
            at += 1
            with lock:
                if status == OK:
                    found.answered.append(took)
                else:
                    found.failed += 1

    threads = [Thread(target=ask, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found.seconds = time.perf_counter() - begun
    found.burnt = time.process_time() - burnt
    return found


def _call(port: int, request: bytes) -> tuple[float, int]:
    """Return the seconds of one call, with its connection, and its status; 0 where there was no answer."""
    caller = Caller(port)
    begun = time.perf_counter()
    try:
        status, _ = caller.ask(request)
    except OSError:
        return time.perf_counter() - begun, 0
    else:
        return time.perf_counter() - begun, status
    finally:
        caller.close()


@contextmanager
def stalled(port: int, body: bytes, count: int) -> Iterator[None]:
    """Keep so many connections open whose peers stopped in the middle: of the head, or of the body, by turns."""
    request = post(body)
    half_head, half_body = request[:40], request[: len(request) // 2]
    with ExitStack() as open_ones:
        for number in range(count):
            sock = open_ones.enter_context(socket.create_connection((HOST, port), timeout=30))
            sock.sendall(half_body if number % 2 else half_head)
        yield
