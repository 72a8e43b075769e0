"""Where a body in chunks ends, however it is cut on its way."""

import pytest

from service.web.server.chunks import Chunks, FaultyChunks

WHOLE = b"4\r\nWiki\r\n5;name=value\r\npedia\r\nE ; x\r\n in\r\n\r\nchunks.\r\n0\r\n\r\n"


@pytest.mark.parametrize("piece", [1, 2, 3, 7, len(WHOLE)])
def test_the_end_is_found_in_whatever_pieces_it_comes(piece):
    chunks = Chunks()
    for at in range(0, len(WHOLE), piece):
        assert not chunks.done
        chunks.feed(WHOLE[at : at + piece])
    assert chunks.done
    assert chunks.decoded == 4 + 5 + 14
    assert chunks.body.getvalue() == b"Wikipedia in\r\n\r\nchunks."
    assert chunks.number == 4


def test_one_byte_less_is_not_the_end():
    chunks = Chunks()
    chunks.feed(WHOLE[:-1])
    assert not chunks.done


def test_what_comes_after_the_end_is_not_looked_at():
    chunks = Chunks()
    assert chunks.feed(WHOLE + b"POST / HTTP/1.1\r\n") == b"POST / HTTP/1.1\r\n"
    assert chunks.done
    assert chunks.decoded == 23


def test_lines_behind_the_last_chunk_belong_to_it():
    chunks = Chunks()
    chunks.feed(b"0\r\nX-Sum: 1\r\n")
    assert not chunks.done
    chunks.feed(b"\r\n")
    assert chunks.done


@pytest.mark.parametrize(
    "framing",
    [
        b"x\r\n",
        b"\r\n",
        b"-1\r\n",
        b"0x5\r\n",
        b"1_0\r\n",
        b"1" * 8_191,
        b"E \r\n",
        b"1;a\rb\r\n",
        b"1\n",
        b"1;\r\n",
        b"1\r\nxy",
        b"1\r\nx\rx",
        b"0\r\n" + b"a: b\r\n" * 11_000,
    ],
)
def test_what_is_no_framing_is_faulty(framing):
    with pytest.raises(FaultyChunks):
        Chunks().feed(framing)


def test_a_size_line_may_be_as_long_as_the_server_reads():
    chunks = Chunks()
    chunks.feed(b"1" + b";" + b"a" * 8_186 + b"\r\n")
    assert chunks.decoded == 1
