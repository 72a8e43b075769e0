"""When a request is whole: decided by what has come, never by waiting."""

import sys
from collections import Counter

import pytest
from gunicorn.config import Config  # type: ignore[import-untyped]

from service.web.server.gathering import (
    BYTES_OF_A_CHUNK,
    FIRST_PIECE,
    FREE_CHUNKS,
    LARGEST_PIECE,
    LONGEST_HEAD,
    Gathering,
    Refused,
)

HEAD = b"POST /a HTTP/1.1\r\nHost: x\r\n"
LIMIT = 100_000


def gathering(limit=LIMIT):
    return Gathering(Config(), ("127.0.0.1", 1), limit)


def with_length(body, length=None):
    return HEAD + b"Content-Length: %d\r\n\r\n" % (len(body) if length is None else length) + body


def chunked(body):
    return HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + (b"%x\r\n" % len(body) + body + b"\r\n" if body else b"") + b"0\r\n\r\n"


def add_for_ever(one, piece):
    for _ in range(1_000):
        one.add(piece)


def body_of(one):
    return next(one.parser).body.read()


@pytest.mark.parametrize("body", [b"", b"x", b"y" * 20_000], ids=len)
@pytest.mark.parametrize("framed", [with_length, chunked])
@pytest.mark.parametrize("piece", [1_000, 1, 100_000])
def test_a_request_is_whole_with_its_last_byte(framed, body, piece):
    sent = framed(body)
    one = gathering()
    for at in range(0, len(sent) - 1, piece):
        assert one.add(sent[at : min(at + piece, len(sent) - 1)]) is False
    assert one.add(sent[-1:]) is True
    assert body_of(one) == body


def test_a_request_without_a_body_is_whole_with_its_head():
    one = gathering()
    assert one.add(b"GET /health HTTP/1.1\r\nHost: x\r\n") is False
    assert one.add(b"\r\n") is True
    assert next(one.parser).path == "/health"


def test_two_requests_in_one_piece_are_two():
    one = gathering()
    assert one.add(with_length(b"first") + with_length(b"second"))
    assert body_of(one) == b"first"
    assert one.begin() is True
    assert body_of(one) == b"second"
    assert one.begin() is False
    assert one.held == 0


def test_an_answered_body_is_let_go_before_the_next_request_comes():
    one = gathering()
    sent = b"x" * 50_000
    assert one.add(with_length(sent))
    request = next(one.parser)
    body = request.body.read()
    assert (body, request.body.read(), one.held) == (sent, b"", len(sent))
    assert one.begin() is False
    assert request.body.getvalue() == b""
    assert one.held == 0


def test_of_a_body_that_is_announced_only_what_is_lacking_is_asked_for():
    one = gathering(LARGEST_PIECE * 2)
    assert one.asks_for == FIRST_PIECE
    one.add(with_length(b"abc", 5))
    assert one.asks_for == 2
    assert one.add(b"de") is True
    one.begin()
    assert one.asks_for == FIRST_PIECE
    one.add(with_length(b"a", LARGEST_PIECE + 2))
    assert one.asks_for == LARGEST_PIECE
    one.add(b"b")
    assert one.asks_for == LARGEST_PIECE
    one.add(b"c")
    assert one.asks_for == LARGEST_PIECE - 1


def test_what_has_come_of_a_body_is_held_until_it_is_whole():
    one = gathering()
    assert one.add(with_length(b"", 5)) is False
    assert one.add(b"abc") is False
    assert one.held == 3
    assert one.add(b"def") is True
    assert body_of(one) == b"abcde"
    assert one.held == 5 + 1  # until it is answered, and the first byte of what comes next
    one.let_answered_go()
    assert one.held == 1


def test_a_second_request_that_has_come_in_part_is_waited_for():
    one = gathering()
    second = chunked(b"z" * 9_000)
    assert one.add(with_length(b"a" * 9_000) + second[:50])
    assert body_of(one) == b"a" * 9_000
    assert one.begin() is False
    assert one.add(second[50:]) is True
    assert body_of(one) == b"z" * 9_000


def test_a_body_that_is_announced_at_the_limit_is_gathered_and_one_byte_more_is_not():
    assert gathering().add(with_length(b"", LIMIT)) is False
    one = gathering()
    assert one.add(with_length(b"", LIMIT + 1)) is True
    request = next(one.parser)
    assert request.should_close()
    assert request.body.read() == b""


def test_chunks_beyond_the_limit_are_refused():
    one = gathering(10)
    assert one.add(HEAD + b"Transfer-Encoding: chunked\r\n\r\nb\r\n") is False  # one more than the limit: the application says so
    with pytest.raises(Refused) as raised:
        gathering(10).add(HEAD + b"Transfer-Encoding: chunked\r\n\r\nc\r\n")
    assert raised.value.status == 413


def test_chunks_of_hardly_anything_are_refused():
    one = gathering()
    one.add(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    line = b"1;" + b"a" * 8_000 + b"\r\nx\r\n"
    with pytest.raises(Refused) as raised:
        add_for_ever(one, line)
    assert raised.value.status == 413
    assert one.held < 3_000_000


@pytest.mark.parametrize(("more", "fits"), [(0, True), (1, False)])
def test_so_many_chunks_may_be_small_and_no_more(more, fits):
    one = gathering()
    small = b"1\r\nx\r\n" * (FREE_CHUNKS + FREE_CHUNKS // BYTES_OF_A_CHUNK + more)
    head = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
    if fits:
        assert one.add(head + small) is False
        assert one.held == FREE_CHUNKS + FREE_CHUNKS // BYTES_OF_A_CHUNK
        return
    with pytest.raises(Refused) as raised:
        one.add(head + small)
    assert raised.value.status == 413


def test_each_byte_of_small_chunks_is_looked_at_once():
    """Counted in calls: twice as many chunks take twice as many, in however many pieces they come."""

    def calls(number):
        one = gathering()
        found: Counter[str] = Counter()
        one.add(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        sent = b"1\r\nx\r\n" * number
        before = sys.getprofile()
        sys.setprofile(lambda _frame, event, _argument: found.update((event,)))
        try:
            for at in range(0, len(sent), 1_000):
                one.add(sent[at : at + 1_000])
        finally:
            sys.setprofile(before)
        return found["call"] + found["c_call"]

    assert calls(4_000) <= 2.1 * calls(2_000)
    assert calls(2_000) <= 12 * 2_000


@pytest.mark.parametrize(
    "sent", [with_length(b"x" * 5_000, 9_000), HEAD + b"Transfer-Encoding: chunked\r\n\r\nffff\r\nabc", HEAD]
)
def test_what_is_given_up_is_let_go(sent):
    one = gathering()
    assert one.add(sent) is False
    assert one.held > 0
    one.let_all_go()
    assert one.held == 0


def test_a_head_without_end_is_refused():
    one = gathering()
    assert one.add(b"G" * LONGEST_HEAD) is False
    with pytest.raises(Refused) as raised:
        one.add(b"G")
    assert raised.value.status == 431


@pytest.mark.parametrize(
    "head",
    [
        b"nonsense\r\n\r\n",
        HEAD + b"Content-Length: x\r\n\r\n",
        HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"\r\n\r\n",
    ],
)
def test_what_cannot_be_read_is_for_a_thread_to_answer_and_waits_for_nothing(head):
    one = gathering()
    assert one.add(head) is True
    with pytest.raises(Exception):  # noqa: B017, PT011 - each of gunicorn's own kind
        next(one.parser).body.read()


@pytest.mark.parametrize(
    "framing",
    [b"nonsense\r\n", b"1\r\nxx\r\n0\r\n\r\n", b"1;a\rb\r\nx\r\n0\r\n\r\n", b"0\r\nno colon\r\n\r\n", b"1\nx\r\n0\r\n\r\n"],
)
def test_chunks_that_are_none_are_refused_before_anybody_reads_them(framing):
    with pytest.raises(Refused) as raised:
        gathering().add(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + framing)
    assert raised.value.status == 400


def test_a_peer_that_asks_for_leave_is_told_once():
    one = gathering()
    assert one.add(HEAD + b"Expect: 100-continue\r\nContent-Length: 1\r\n\r\n") is False
    assert one.take_leave_asked() is True
    assert one.take_leave_asked() is False
    assert one.add(b"x")
    assert next(one.parser)._expected_100_continue is False
