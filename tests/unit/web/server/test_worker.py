"""What a process holds of requests: kept as one sum, those that wait for a thread among them, and bounded."""

import re
import selectors
import socket
from concurrent.futures import Future

import pytest
from gunicorn.config import Config  # type: ignore[import-untyped]

from service.web.server.connection import Connection, State
from service.web.server.gathering import Gathering
from service.web.server.worker import BODIES, IDLE_SECONDS, SMALL, GatheringWorker

LIMIT = 200_000
HEAD = b"POST /a HTTP/1.1\r\nHost: x\r\n"
PROBE = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


class Worker(GatheringWorker):
    """The loop without a server around it: `waiting` are the requests for which no thread is free."""

    def __init__(self):
        self.cfg = Config()
        self.body_limit = LIMIT
        self.headers = {"X-Of-Every-Answer": "yes"}
        self.peers = {}
        self.held = 0
        self.nr_conns = 0
        self._stopping = False
        self.poller = selectors.DefaultSelector()
        self.waiting = []
        self.others = []

    def enqueue_req(self, peer):
        self.waiting.append(peer)

    def connect(self):
        """A new connection, with the socket at its other end."""
        ours, theirs = socket.socketpair()
        ours.settimeout(0)
        theirs.settimeout(5)
        self.others.append(theirs)
        peer = Connection(self.cfg, ours, ("127.0.0.1", 1), ("127.0.0.1", 2), self.body_limit)
        self.peers[peer.number] = peer
        self.nr_conns += 1
        self._await_request(peer, IDLE_SECONDS)
        return peer, theirs

    def send(self, sent):
        """A new connection on which so much has come."""
        peer, theirs = self.connect()
        at = 0
        while at < len(sent) and peer.state in {State.IDLE, State.GATHERING}:
            at += theirs.send(sent[at : at + 50_000])
            self._read(peer)
        return peer, theirs

    def answer(self, peer):
        """A thread has answered."""
        done: Future[bool] = Future()
        done.set_result(True)
        self.finish_request(peer, done)


@pytest.fixture
def worker():
    made = Worker()
    yield made
    for peer in list(made.peers.values()):
        made._drop(peer)
    assert made.held == 0
    for sock in made.others:
        sock.close()
    made.poller.close()


def body_of(size, *, come=None):
    return HEAD + b"Content-Length: %d\r\n\r\n" % size + b"x" * (size if come is None else come)


def test_a_packet_is_counted_by_what_its_own_connection_holds(worker, monkeypatch):
    for _ in range(100):
        worker.send(body_of(1_000, come=500))
    asked: list[Gathering] = []

    def counted(one: Gathering) -> int:
        asked.append(one)
        return 501

    monkeypatch.setattr(Gathering, "held", property(counted))
    worker.send(body_of(1_000, come=500))
    assert len(asked) <= 3
    assert len(set(map(id, asked))) == 1


@pytest.mark.parametrize(("held", "taken"), [(0, 1), (49, 1), (50, 2), (250, 6), (900, 8)])
def test_the_more_connections_are_held_the_more_are_taken_in_a_turn(worker, held, taken):
    worker.worker_connections, worker.nr_conns = 1_000, held
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0)
        knocking = [socket.create_connection(listener.getsockname()) for _ in range(8)]
        worker.accept(listener)
        assert len(worker.peers) == taken
        for sock in knocking:
            sock.close()


def test_the_sum_follows_what_comes_and_what_goes(worker):
    assert worker.held == 0
    half, _ = worker.send(body_of(1_000, come=500))
    assert worker.held == half.held == 500
    whole, _ = worker.send(body_of(700))
    assert worker.held == 1_200
    worker.answer(whole)
    assert worker.held == 500
    worker._drop(half)
    assert worker.held == 0


@pytest.mark.parametrize(
    "framed", [body_of, lambda size: HEAD + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % size + b"x" * size]
)
def test_requests_that_wait_for_a_thread_leave_no_room_for_more_of_their_size(worker, framed):
    for _ in range(BODIES):
        assert worker.send(body_of(LIMIT))[0].state is State.IN_THREAD
    assert worker.held == BODIES * LIMIT
    refused, theirs = worker.send(framed(SMALL + 1))
    assert theirs.recv(65_536).startswith(b"HTTP/1.1 503")
    assert refused.state is State.LINGERING
    assert worker.held == BODIES * LIMIT
    small, _ = worker.send(body_of(SMALL))
    assert small.state is State.IN_THREAD
    assert worker.send(PROBE)[0].state is State.IN_THREAD
    worker.answer(small)
    worker.answer(worker.waiting[0])
    assert worker.send(framed(LIMIT - 1_000))[0].state in {State.IN_THREAD, State.GATHERING}


@pytest.mark.parametrize(
    ("sent", "status", "same"),
    [
        (HEAD + b"X-Request-Id: mine\r\nTransfer-Encoding: chunked\r\n\r\nnone\r\n", 400, True),
        (HEAD + b"X-Request-Id: not mine\r\nTransfer-Encoding: chunked\r\n\r\nnone\r\n", 400, False),
        (HEAD + b"X-Request-Id: mine\r\n" + b"x" * 70_000, 431, False),
    ],
)
def test_a_refusal_bears_the_id_of_the_client_where_its_head_was_read_and_what_every_answer_bears(worker, sent, status, same):
    _, theirs = worker.send(sent)
    head = theirs.recv(65_536).decode().partition("\r\n\r\n")[0].split("\r\n")
    headers = dict(line.split(": ", 1) for line in head[1:])
    assert head[0].startswith(f"HTTP/1.1 {status} ")
    assert headers["X-Of-Every-Answer"] == "yes"
    assert (headers["X-Request-Id"] == "mine") is same
    assert re.fullmatch("mine|[0-9a-f]{32}", headers["X-Request-Id"])


def test_what_waits_for_its_answer_is_refused_no_more_and_what_comes_makes_room(worker):
    waiting = [worker.send(body_of(LIMIT))[0] for _ in range(BODIES - 1)]
    oldest, theirs = worker.send(body_of(LIMIT, come=LIMIT - 1))
    newest, _ = worker.send(body_of(LIMIT, come=SMALL + 1))
    assert theirs.recv(65_536).startswith(b"HTTP/1.1 503")
    assert oldest.held == 0
    assert newest.state is State.GATHERING
    assert {peer.state for peer in waiting} == {State.IN_THREAD}
    assert worker.held == (BODIES - 1) * LIMIT + SMALL + 1
