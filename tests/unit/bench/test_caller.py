"""The client that costs little: it reads whole answers, and begins a connection anew that the server has ended."""

import gzip
import socket
from threading import Thread

import pytest

from tests.bench.caller import HOST, Caller, get, post, post_gzipped

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\ncontent-length: 12\r\n\r\n"


@pytest.fixture
def server():
    """A port, and what it answers on each connection: pieces; after the last it ends the connection."""
    with socket.socket() as listening:
        listening.bind((HOST, 0))
        listening.listen()
        connections: list[tuple[bytes, ...]] = []

        def answer():
            for pieces in connections:
                peer, _ = listening.accept()
                with peer:
                    peer.recv(1 << 16)
                    for piece in pieces:
                        peer.sendall(piece)

        def start(*of_each):
            connections.extend(of_each)
            thread = Thread(target=answer, daemon=True)
            thread.start()
            return Caller(listening.getsockname()[1])

        yield start


def test_an_answer_that_comes_in_pieces_is_read_whole(server):
    caller = server((ANSWER[:20], ANSWER[20:] + b'{"car', b'ds":[]}'))
    assert caller.ask(get("/")) == (200, b'{"cards":[]}')
    caller.close()


def test_a_connection_that_stood_open_too_long_is_begun_anew(server):
    caller = server((ANSWER + b'{"cards":[]}',), (ANSWER + b'{"cards":{}}',))
    assert [caller.ask(get("/"))[1] for _ in range(2)] == [b'{"cards":[]}', b'{"cards":{}}']
    caller.close()


def test_an_answer_that_breaks_off_is_none(server):
    caller = server((ANSWER + b'{"car',))
    with pytest.raises(ConnectionError):
        caller.ask(get("/"))
    caller.close()


def test_a_status_that_was_not_expected_stops_the_run(server):
    caller = server((ANSWER.replace(b"200 OK", b"503 No") + b'{"cards":[]}',))
    with pytest.raises(RuntimeError, match="answered 503"):
        caller.seconds(get("/"))
    caller.close()


def test_requests_are_encoded_with_their_length():
    assert (
        post(b"{}", "/x") == b"POST /x HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
    )
    head, _, body = post_gzipped(b"{}" * 100).partition(b"\r\n\r\n")
    assert gzip.decompress(body) == b"{}" * 100
    assert f"Content-Length: {len(body)}".encode() in head
    assert b"Content-Encoding: gzip" in head
