"""What an answer was made of is let go after the answer was sent, and not before."""

import weakref
from collections.abc import Callable
from contextvars import copy_context

from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

from service.web.server.leaving import LEFT, let_go_later
from service.web.server.worker import GatheringWorker


class Record:
    """Something that can be looked for."""


def test_what_was_left_is_held_until_it_is_let_go():
    left: list[object] = []
    token = LEFT.set(left)
    try:
        record = Record()
        seen = weakref.ref(record)
        let_go_later(record, "more")
        del record
        assert seen() is not None
        left.clear()
        assert seen() is None
    finally:
        LEFT.reset(token)


def test_where_no_server_of_ours_sends_nothing_is_held():
    record = Record()
    seen = weakref.ref(record)
    let_go_later(record)
    del record
    assert seen() is None


class Peer:
    """A connection that remembers whether the record was still there when its answer was sent."""

    def __init__(self):
        self.arrived = 0.0
        self.client = self.server = None
        self.answer = []
        self.gathering = self
        self.parser = None
        self.seen: Callable[[], object] = lambda: None
        self.there: list[bool] = []

    def send_some(self):
        self.there.append(self.seen() is not None)


def test_the_worker_sends_first_and_lets_go_then(monkeypatch):
    peer = Peer()

    def answer(_worker, _connection):
        record = Record()
        peer.seen = weakref.ref(record)
        let_go_later(record)
        return True

    monkeypatch.setattr(ThreadWorker, "handle", answer)
    worker = GatheringWorker.__new__(GatheringWorker)
    # in a context of its own: what the worker says of this request is not said of other tests' requests
    assert copy_context().run(worker.handle, peer) is True  # type: ignore[arg-type] # as much of a connection as it asks for
    assert peer.there == [True]
    assert peer.seen() is None
