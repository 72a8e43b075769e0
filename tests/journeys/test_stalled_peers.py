"""Peers that stall, at whatever point, hold nobody up: a real server, real sockets."""

import json
import re
import socket
from contextlib import ExitStack

import pytest

from tests.contract.stored import HOOK, stored_request
from tests.stand_ins.served import served

BODY = stored_request("adult-first-relapse-patient-view")
HEAD = b"POST " + HOOK.encode() + b" HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
LENGTH = b"Content-Length: %d\r\n\r\n" % len(BODY)

QUICK = """
import service.web.server.worker as worker
worker.QUIET_SECONDS, worker.WHOLE_SECONDS, worker.IDLE_SECONDS = 3.0, 5.0, 1.0
worker._SWEEP_SECONDS = 0.1
worker.most_connections = lambda: 40
"""


@pytest.fixture(scope="module")
def server():
    """One process of four threads, as it is."""
    with served("--workers", "1") as running:
        yield running
    assert "Traceback" not in running.said


@pytest.fixture(scope="module")
def impatient():
    """A server that waits for seconds where the real one waits longer, and holds few connections and bytes."""
    with served("--workers", "1", change=QUICK, body_limit=300_000) as running:
        yield running
    assert "Traceback" not in running.said


def read_to_the_end(sock):
    """All that comes until the peer closes."""
    pieces = []
    while piece := sock.recv(65_536):
        pieces.append(piece)
    return b"".join(pieces)


def one_answer(sock):
    """Status and body of one answer on a connection that stays open."""
    got = b""
    while b"\r\n\r\n" not in got:
        got += sock.recv(65_536)
    head, _, body = got.partition(b"\r\n\r\n")
    length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
    while len(body) < length:
        body += sock.recv(65_536)
    return int(head.split()[1]), body


STALLED = {
    "nothing": b"",
    "half a line": b"POST /cds-ser",
    "half a head": HEAD[:-20],
    "a head without its end": HEAD + b"Content-Length: 100\r\n",
    "a head alone": HEAD + LENGTH,
    "half a body": HEAD + LENGTH + BODY[: len(BODY) // 2],
    "all but a byte": HEAD + LENGTH + BODY[:-1],
    "half a chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\nffff\r\n" + BODY[:100],
    "half a size of a chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\nff",
    "a body announced too large": HEAD + b"Content-Length: 999999999\r\n\r\n" + BODY[:100],
    "a whole call and half another": HEAD + LENGTH + BODY + HEAD[:30],
}


def test_fifty_stalled_peers_keep_no_caller_waiting(server):
    stalled = []
    try:
        for number in range(55):
            sock = server.connect()
            sock.sendall(list(STALLED.values())[number % len(STALLED)])
            stalled.append(sock)
        for _ in range(8):  # twice as many as there are threads
            status, _, body = server.answer("POST", HOOK, BODY)
            assert status == 200
            assert json.loads(body)["cards"]
        assert server.answer("GET", "/healthz")[0] == 200
        assert server.answer("GET", "/metrics")[0] == 200
    finally:
        for sock in stalled:
            sock.close()


def test_peers_that_do_not_read_their_answers_keep_no_caller_waiting(server):
    unread = []
    try:
        for _ in range(12):
            sock = server.connect()
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1_024)
            sock.sendall(b"GET /fhir/ResearchStudy HTTP/1.1\r\nHost: x\r\n\r\n" * 4)
            unread.append(sock)
        assert server.answer("POST", HOOK, BODY)[0] == 200
    finally:
        for sock in unread:
            sock.close()


def test_peers_that_do_not_close_keep_no_caller_waiting(server):
    open_still = []
    try:
        for _ in range(12):
            sock = server.connect()
            sock.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            assert one_answer(sock)[0] == 200
            open_still.append(sock)
        assert server.answer("POST", HOOK, BODY)[0] == 200
    finally:
        for sock in open_still:
            sock.close()


@pytest.mark.parametrize("size", [1, 999, 70_000])
def test_a_call_that_comes_in_pieces_is_answered_when_it_is_whole(server, size):
    sent = HEAD + LENGTH + BODY
    if size == 1:
        first, sent = sent[:-400], sent[-400:]
    else:
        first = b""
    with server.connect() as sock:
        sock.sendall(first)
        for at in range(0, len(sent), size):
            sock.sendall(sent[at : at + size])
        status, body = one_answer(sock)
    assert status == 200
    assert json.loads(body)["cards"]


def test_a_call_in_chunks_is_answered(server):
    pieces = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (BODY[:10], BODY[10:5_000], BODY[5_000:]))
    with server.connect() as sock:
        sock.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + pieces + b"0\r\n\r\n")
        assert one_answer(sock)[0] == 200


def test_several_calls_on_one_connection_are_answered_in_their_order(server):
    with server.connect() as sock:
        for _ in range(3):
            sock.sendall(b"GET /cds-services HTTP/1.1\r\nHost: x\r\n\r\n")
            assert b"services" in one_answer(sock)[1]
        sock.sendall(b"GET /nothing HTTP/1.1\r\nHost: x\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        both = read_to_the_end(sock)
    assert both.index(b"404 NOT FOUND") < both.index(b"200 OK")


def test_a_client_that_asks_for_leave_to_send_gets_it(server):
    with server.connect() as sock:
        sock.sendall(HEAD + b"Expect: 100-continue\r\n" + LENGTH)
        leave = b"HTTP/1.1 100 Continue\r\n\r\n"
        assert sock.recv(len(leave), socket.MSG_WAITALL) == leave
        sock.sendall(BODY)
        assert one_answer(sock)[0] == 200


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", b"400"),
        (HEAD + b"Content-Length: x\r\n\r\n", b"400"),
        (HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", b"400"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nMARK\r\n", b"400"),
        (b"GET /MARK" + b"x" * 5_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", b"414"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nMARK: " + b"x" * 16_384 + b"\r\n\r\n", b"431"),
        (b"GET / HTTP/1.1\r\nHost: x\r\n" + b"MARK: x\r\n" * 200 + b"\r\n", b"431"),
        (b"GET / HTTP/1.1\r\nMARK: " + b"x" * 70_000, b"431"),
        (HEAD + b"Transfer-Encoding: MARK\r\n\r\n", b"501"),
        (HEAD + b"Expect: MARK\r\n\r\n", b"417"),
    ],
)
def test_what_is_no_request_is_refused_in_the_shape_of_all_errors(server, sent, status):
    with server.connect() as sock:
        sock.sendall(sent)
        answer = read_to_the_end(sock)
    assert answer.startswith(b"HTTP/1.1 " + status)
    assert b'"OperationOutcome"' in answer
    assert re.search(rb"\r\nX-Request-Id: [0-9a-f]{32}\r\n", answer)
    assert b"MARK" not in answer


def test_a_header_may_be_as_long_as_a_large_token(server):
    with server.connect() as sock:
        sock.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + b"x" * 16_000 + b"\r\n\r\n")
        assert one_answer(sock)[0] == 200


def test_what_was_refused_is_not_repeated_in_the_log():
    with served("--workers", "1") as running:
        for sent in (b"GET /MARK" + b"x" * 5_000 + b" HTTP/1.1\r\n\r\n", b"MARK\r\n\r\n", HEAD + b"Content-Length: MARK\r\n\r\n"):
            with running.connect() as sock:
                sock.sendall(sent)
                assert read_to_the_end(sock)
        running.stop()
    assert '"event":"refused"' in running.said
    assert "MARK" not in running.said


# ---------------------------------------------------------------- the time of a peer is up


def test_a_request_that_stops_coming_gets_408(impatient):
    stopped = [sent for name, sent in STALLED.items() if name.startswith(("half", "a head", "all but"))]
    assert len(stopped) == 8
    with ExitStack() as all_of_them:
        socks = [all_of_them.enter_context(impatient.connect()) for _ in stopped]
        for sock, sent in zip(socks, stopped, strict=True):
            sock.sendall(sent)
        answers = [read_to_the_end(sock) for sock in socks]
    assert [answer[:33] for answer in answers] == [b"HTTP/1.1 408 Request Timeout\r\nCon"] * 8
    assert all(b'"OperationOutcome"' in answer for answer in answers)


def test_a_request_that_trickles_in_for_too_long_gets_408(impatient):
    with impatient.connect() as sock:
        sock.sendall(HEAD + b"Content-Length: 100000\r\n\r\n")
        sock.settimeout(0.3)
        answer = b""
        for _ in range(100):
            try:
                answer = sock.recv(65_536)
                break
            except TimeoutError:
                sock.sendall(b"x")
    assert answer.startswith(b"HTTP/1.1 408")


def test_a_connection_on_which_nothing_is_said_is_closed(impatient):
    with impatient.connect() as sock:
        assert read_to_the_end(sock) == b""


def test_where_connections_are_used_up_the_oldest_makes_room(impatient):
    stalled = []
    try:
        for _ in range(60):
            sock = impatient.connect()
            sock.sendall(HEAD)
            stalled.append(sock)
        assert impatient.answer("POST", HOOK, BODY)[0] == 200
    finally:
        for sock in stalled:
            sock.close()


def test_where_memory_is_used_up_the_oldest_request_is_refused(impatient):
    part = HEAD + b"Content-Length: 300000\r\n\r\n" + b"x" * 290_000
    with impatient.connect() as oldest:
        oldest.sendall(part)
        others = []
        try:
            for _ in range(4):  # five of them are more than the four largest bodies that may be on their way
                sock = impatient.connect()
                sock.sendall(part)
                others.append(sock)
            answer = read_to_the_end(oldest)
        finally:
            for sock in others:
                sock.close()
    assert answer.startswith(b"HTTP/1.1 503 Service Unavailable")
