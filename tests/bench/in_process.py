"""Times inside a process, each kind of work in a process of its own: they must not share a garbage collector."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from contextlib import contextmanager
from datetime import date
from itertools import cycle
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

Work = Callable[[bytes], object]


def decoding() -> Work:
    """Return the measure of all things: the body decoded into dictionaries by a process as it is by default."""
    import fhir.resources.R4B.bundle  # noqa: PLC0415 - a service that uses FHIR classes has them loaded, and the collector sees them
    import fhir.resources.R4B.observation  # noqa: F401, PLC0415 - as above

    return orjson.loads


def consulting() -> Work:
    """Return bytes to consultation, in the state in which the served application answers."""
    from cds_hooks import decode_request  # noqa: PLC0415 - in this process only
    from service.assembly import build_service, read_question  # noqa: PLC0415 - as above
    from service.web.app import create_app  # noqa: PLC0415 - as above
    from service.web.offered import offered  # noqa: PLC0415 - as above
    from service.web.prefetch import receive  # noqa: PLC0415 - as above
    from service.web.warm_up import warm_up  # noqa: PLC0415 - as above

    service = build_service()
    today = date.today()  # noqa: DTZ011 - as the hook asks
    warm_up(create_app(service), service, today)
    question = read_question({}, service.settings, today)

    asked = offered().services[0]

    def work(body: bytes) -> object:
        sent = decode_request(body)
        received = receive(sent, asked, service.rules.vocabulary.terms)
        return service.consult_prefetch(received.resources, sent.context.patient_id, received.unavailable, question)

    return work


class Worker:
    """A process that does one kind of work on bodies, each in its turn, and tells how long each time took, in seconds."""

    def __init__(self, prepare: Callable[[], Work]) -> None:
        context = multiprocessing.get_context("spawn")
        self._line, theirs = context.Pipe()
        self._process = context.Process(target=_obey, args=(prepare, theirs), daemon=True)
        self._process.start()

    def load(self, size: int, bodies: list[bytes]) -> None:
        """Give the worker the bodies of one size, and wait until it has worked on each once: memory is asked for only then."""
        self._line.send((size, bodies))
        self._line.recv()

    def times(self, size: int, count: int) -> list[float]:
        """Return the seconds of so many times."""
        self._line.send((size, count))
        found: list[float] = self._line.recv()
        return found

    def stop(self) -> None:
        """End the process."""
        self._line.close()
        self._process.join(5)
        if self._process.is_alive():
            self._process.kill()


@contextmanager
def worker(prepare: Callable[[], Work]) -> Iterator[Worker]:
    """Give a worker for a while."""
    made = Worker(prepare)
    try:
        yield made
    finally:
        made.stop()


def _obey(prepare: Callable[[], Work], line: Connection) -> None:
    work = prepare()
    turns: dict[int, Iterator[bytes]] = {}
    while True:
        try:
            size, told = line.recv()
        except EOFError:
            return
        if isinstance(told, list):
            turns[size] = cycle(told)
            told = len(told)
        line.send([_seconds(work, next(turns[size])) for _ in range(told)])


def _seconds(work: Work, body: bytes) -> float:
    begun = time.perf_counter()
    made = work(body)
    seconds = time.perf_counter() - begun
    del made  # letting go of what was made is the next call's cost in neither measure
    return seconds
