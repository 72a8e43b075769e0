"""gunicorn's threaded worker, made so that a thread never waits for a peer.

The loop of the process gathers each request until it is whole, and sends each answer as fast as its reader takes it. A thread
gets whole requests only and leaves whole answers. A peer that stalls costs a socket and the bytes it sent, until its time is up.
"""

from __future__ import annotations

import resource
import selectors
import time
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from gunicorn.http import errors as faults  # type: ignore[import-untyped]
from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

from service.web.logs import log
from service.web.request_ids import request_id_for
from service.web.server.arrival import ARRIVED
from service.web.server.connection import Connection, InThread, State
from service.web.server.gathering import FIRST_PIECE, Refused, id_sent
from service.web.server.leaving import LEFT
from service.web.server.refusal import refusal

if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping
    from concurrent.futures import Future

IDLE_SECONDS = 5.0
"""How long a connection may stand open between two requests."""
QUIET_SECONDS = 10.0
"""How long a peer that has begun to send, or to read its answer, may pause."""
WHOLE_SECONDS = 60.0
"""How long a request may take to come, and an answer to be taken."""
_LINGER_SECONDS = 2.0  # for a peer that has not noticed yet that we are done
_STOP_SECONDS = 2.0  # that a stopping process gives to requests that have not come whole
_MOST_DRAINED = 65_536
BODIES = 4
"""So many of the largest bodies a process holds at most, of requests that come and of those that wait for their answer."""
SMALL = FIRST_PIECE
"""A request of so many bytes is never refused for what others hold: of such there are no more than connections."""
_SWEEP_SECONDS = 0.5
_MOST_CONNECTIONS = 1_000
_HELD_FOR_ONE_MORE = 50  # so many connections held, and one more is taken in a turn
STATUS: dict[type, HTTPStatus] = {
    faults.ParseException: HTTPStatus.BAD_REQUEST,
    faults.LimitRequestLine: HTTPStatus.REQUEST_URI_TOO_LONG,
    faults.LimitRequestHeaders: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    faults.ExpectationFailed: HTTPStatus.EXPECTATION_FAILED,
    faults.UnsupportedTransferCoding: HTTPStatus.NOT_IMPLEMENTED,
}
"""What a head that cannot be read is answered with; the nearest class decides."""


def most_connections() -> int:
    """Return how many connections a process may hold: half of the files that the system lets it open, 1000 at most."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _MOST_CONNECTIONS if files == resource.RLIM_INFINITY else max(16, min(_MOST_CONNECTIONS, files // 2))


class GatheringWorker(ThreadWorker):  # type: ignore[misc] # gunicorn has no types
    """The worker. The application object says how large a body may be (`body_limit`), and what every answer bears (`headers`)."""

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - handed on
        super().__init__(*arguments, **options)
        self.body_limit: int = self.app.body_limit
        self.headers: Mapping[str, str] = self.app.headers
        self.peers: dict[int, Connection] = {}
        self.held = 0  # bytes of requests, of all connections together
        self._swept = 0.0
        self._stopping = False

    # ---------------------------------------------------------------- coming in

    def accept(self, listener: socket.socket) -> None:
        """Take a new connection, and the more of those that wait the more are held: then a turn of the loop takes long.

        Few are left to the other processes. Where there are too many, the one that has been sending the longest makes room.
        """
        for _ in range(1 + self.nr_conns // _HELD_FOR_ONE_MORE):
            if not self._accept(listener):
                return

    def _accept(self, listener: socket.socket) -> bool:
        """Take a new connection and return whether there was one."""
        try:
            sock, client = listener.accept()
        except (BlockingIOError, ConnectionAbortedError, InterruptedError):
            return False
        if self.nr_conns >= self.worker_connections - 1:
            self._make_room()
        sock.settimeout(0)  # never waited for
        peer = Connection(self.cfg, sock, client, listener.getsockname(), self.body_limit)
        self.peers[peer.number] = peer
        self.nr_conns += 1
        self._await_request(peer, IDLE_SECONDS)
        return True

    def _await_request(self, peer: Connection, seconds: float) -> None:
        now = time.monotonic()
        peer.state, peer.until, peer.whole_by = State.IDLE, now + seconds, now + WHOLE_SECONDS
        try:
            whole = peer.gathering.begin()
        except Refused as refused:
            self._refuse(peer, refused.status)
            return
        self._count(peer)
        if whole:
            self._hand_over(peer)
            return
        if peer.held:
            peer.state = State.GATHERING
        self._watch(peer, selectors.EVENT_READ, self._read)

    def _read(self, peer: Connection) -> None:
        """Take what came; a request that is whole goes to a thread."""
        try:
            data = peer.sock.recv(peer.gathering.asks_for)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        if not data:
            self._drop(peer)
            return
        now = time.monotonic()
        if peer.state is State.IDLE:
            peer.state, peer.whole_by = State.GATHERING, now + WHOLE_SECONDS
        peer.until = min(now + QUIET_SECONDS, peer.whole_by)
        try:
            whole = peer.gathering.add(data)
        except Refused as refused:
            self._refuse(peer, refused.status)
            return
        self._count(peer)
        if not self._keep_memory_free(peer):
            return
        if whole:
            self._hand_over(peer)
        elif peer.gathering.take_leave_asked():
            with suppress(OSError):
                peer.sock.send(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _hand_over(self, peer: Connection) -> None:
        self._ignore(peer)
        peer.gathering.take_leave_asked()  # a body that is whole needs no leave any more
        peer.state, peer.arrived = State.IN_THREAD, time.monotonic()
        self.enqueue_req(peer)

    # ---------------------------------------------------------------- in a thread

    def handle(self, peer: Connection) -> bool:
        """Answer one request, in a thread: it reads what was gathered, and what it writes is sent later."""
        left: list[object] = []
        ARRIVED.set(peer.arrived)
        LEFT.set(left)
        keep = bool(super().handle(InThread(peer)))
        with suppress(OSError):  # the loop meets the same error
            peer.send_some()  # what the peer takes at once need not wait for the loop
        left.clear()
        return keep

    def handle_error(self, request: object, client: Any, _address: object, error: Exception) -> None:  # noqa: ANN401 - no types
        """Answer a request that cannot be read; what was wrong with it is not repeated, it may hold what stood in an address."""
        status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), HTTPStatus.INTERNAL_SERVER_ERROR)
        if status is HTTPStatus.INTERNAL_SERVER_ERROR:
            log.error("unexpected", error=type(error).__name__)
        client.sendall(refusal(status, self.headers, request_id_for(id_sent(request))))

    # ---------------------------------------------------------------- going out

    def finish_request(self, peer: Connection, done: Future[bool]) -> None:
        """Send what the thread has left, in the loop."""
        try:
            peer.keep = bool(not done.cancelled() and done.result())
        except Exception:  # noqa: BLE001 - whatever it was, nothing more is said on this connection
            peer.keep = False
        peer.gathering.let_answered_go()
        self._count(peer)
        now = time.monotonic()
        peer.state, peer.until, peer.whole_by = State.SENDING, now + QUIET_SECONDS, now + WHOLE_SECONDS
        self._send(peer)

    def _send(self, peer: Connection) -> None:
        try:
            more = peer.send_some()
        except OSError:
            self._drop(peer)
            return
        if more:
            peer.until = min(time.monotonic() + QUIET_SECONDS, peer.whole_by)
            self._watch(peer, selectors.EVENT_WRITE, self._send)
        elif peer.keep:
            self._ignore(peer)
            self._await_request(peer, _STOP_SECONDS if self._stopping else IDLE_SECONDS)
        else:
            self._linger(peer)

    def _linger(self, peer: Connection) -> None:
        """Say that nothing more comes, and let the peer read to the end: data it still sends would else reset its answer."""
        with suppress(OSError):
            peer.sock.shutdown(1)
        peer.state, peer.until = State.LINGERING, time.monotonic() + _LINGER_SECONDS
        self._watch(peer, selectors.EVENT_READ, self._drain)

    def _drain(self, peer: Connection) -> None:
        try:
            data = peer.sock.recv(_MOST_DRAINED)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        peer.drained += len(data)
        if not data or peer.drained > _MOST_DRAINED:
            self._drop(peer)

    def _refuse(self, peer: Connection, status: HTTPStatus) -> None:
        """Answer what never became a request, and end the connection."""
        peer.keep = False
        request_id = request_id_for(peer.gathering.id_sent)
        peer.gathering.let_all_go()
        self._count(peer)
        peer.answer = [refusal(status, self.headers, request_id)]
        peer.state, peer.until = State.SENDING, time.monotonic() + _LINGER_SECONDS
        self._send(peer)

    # ---------------------------------------------------------------- limits

    def murder_pending(self) -> None:
        """End the connections whose time is up. Called by gunicorn's loop after each of its turns."""
        now = time.monotonic()
        if now - self._swept < _SWEEP_SECONDS:
            return
        self._swept = now
        for peer in [peer for peer in self.peers.values() if peer.state is not State.IN_THREAD and peer.until <= now]:
            self._end(peer)

    def _end(self, peer: Connection) -> None:
        if peer.state is State.GATHERING:
            self._refuse(peer, HTTPStatus.REQUEST_TIMEOUT)
        else:
            self._drop(peer)

    def _cap_keepalive(self, deadline: float) -> None:
        """Let in whoever has knocked, close the door, and give what has not come whole a short time.

        Called by gunicorn when the process stops. A door left open would let clients in whom nobody answers.
        """
        super()._cap_keepalive(deadline)
        for listener in self.sockets:
            for _ in range(self.cfg.backlog):
                if not self._accept(listener):
                    break
            listener.close()
        self._stopping = True
        end = time.monotonic() + _STOP_SECONDS
        for peer in self.peers.values():
            if peer.state in {State.IDLE, State.GATHERING}:
                peer.until = peer.whole_by = min(peer.until, end)

    def _make_room(self) -> None:
        waiting = [peer for peer in self.peers.values() if peer.state is not State.IN_THREAD]
        if waiting:
            self._drop(min(waiting, key=lambda peer: peer.whole_by))

    def _count(self, peer: Connection) -> None:
        """Bring the sum of what is held up to date with what one connection holds now."""
        held = peer.gathering.held
        self.held += held - peer.held
        peer.held = held

    def _keep_memory_free(self, newest: Connection) -> bool:
        """Refuse unfinished requests, the oldest first, while all requests together hold too much.

        Return whether the newest may go on: where those that wait for their answers hold it all, it may not.
        """
        most = BODIES * self.body_limit
        if self.held <= most or newest.held <= SMALL:
            return True
        gathering = [peer for peer in self.peers.values() if peer.state is State.GATHERING and peer is not newest]
        for peer in [*sorted(gathering, key=lambda peer: peer.whole_by), newest]:
            if self.held <= most:
                return True
            self._refuse(peer, HTTPStatus.SERVICE_UNAVAILABLE)
        return False

    # ---------------------------------------------------------------- the poller

    def _watch(self, peer: Connection, event: int, then: Any) -> None:  # noqa: ANN401 - a method of ours
        if peer.watched == (event, then):
            return
        self._ignore(peer)
        self.poller.register(peer.sock, event, partial(_call, then, peer))
        peer.watched = (event, then)

    def _ignore(self, peer: Connection) -> None:
        if peer.watched is not None:
            self.poller.unregister(peer.sock)
            peer.watched = None

    def _drop(self, peer: Connection) -> None:
        if self.peers.pop(peer.number, None) is None:
            return
        self._ignore(peer)
        self.nr_conns -= 1
        self.held -= peer.held
        peer.held = 0
        peer.close()


def _call(then: Any, peer: Connection, _sock: object) -> None:  # noqa: ANN401 - a method of the worker
    """Do what was waited for. The connection may have ended by what came before in the same turn."""
    if peer.watched is not None and peer.watched[1] == then:
        then(peer)
