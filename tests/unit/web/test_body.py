"""Bodies are inflated within the limit, never beyond it."""

import gzip
import io

import pytest
from flask import Request
from werkzeug.test import EnvironBuilder

from service.errors import NotJson, TooLarge
from service.settings import Settings
from service.web.body import MOST_MEMBERS, inflate, read_body, with_few_values


def test_a_gzip_body_comes_back_whole():
    assert inflate(gzip.compress(b"x" * 1000), 1000) == b"x" * 1000


def test_several_members_are_one_body():
    assert inflate(gzip.compress(b"one ") + gzip.compress(b"two"), 7) == b"one two"


def test_an_empty_body_is_empty():
    assert inflate(b"", 10) == b""
    assert inflate(gzip.compress(b""), 10) == b""


def test_the_limit_itself_fits_and_one_byte_more_does_not():
    packed = gzip.compress(b"x" * 1000)
    assert len(inflate(packed, 1000)) == 1000
    with pytest.raises(TooLarge):
        inflate(packed, 999)


def test_a_small_bomb_of_many_members_is_refused():
    with pytest.raises(TooLarge):
        inflate(gzip.compress(b"x" * 100) * 11, 1000)


@pytest.mark.parametrize(
    "body", [b"{}", gzip.compress(b"x")[:-1], gzip.compress(b"x") + b"rubbish"], ids=["no gzip", "cut off", "more behind it"]
)
def test_what_is_not_gzip_is_refused(body):
    with pytest.raises(NotJson):
        inflate(body, 1000)


def sent(stream, announced):
    builder = EnvironBuilder(
        method="POST", input_stream=stream, content_type="application/json", environ_overrides={"CONTENT_LENGTH": str(announced)}
    )
    return Request(builder.get_environ())


def test_no_more_is_read_than_was_announced():
    stream = io.BytesIO(b"{}the next request")
    assert read_body(sent(stream, 2), Settings()) == b"{}"
    assert stream.read() == b"the next request"


def test_a_body_that_is_announced_too_large_is_not_read_at_all():
    stream = io.BytesIO(b"{}" * 10)
    with pytest.raises(TooLarge):
        read_body(sent(stream, 20), Settings(body_limit=19))
    assert stream.tell() == 0


def test_a_body_cut_off_on_its_way_is_read_as_far_as_it_came():
    assert read_body(sent(io.BytesIO(b'{"hook"'), 100), Settings()) == b'{"hook"'


@pytest.mark.parametrize("before", [0, 7, 70_000, 200_000])
def test_as_many_values_as_the_limit_fit_and_one_more_does_not(before):
    body = b"x" * before + b"1," * 100_000 + b"x" * 90_000
    assert with_few_values(body, 100_000) is body
    with pytest.raises(TooLarge):
        with_few_values(body, 99_999)


@pytest.mark.parametrize(("body", "limit"), [(b"", 0), (b"1", 0), (b"1,2", 1), (b"1,2,3,", 3), (b",,,,", 2)])
def test_a_small_body_with_few_values_comes_back(body, limit):
    # Commas without values between them are no JSON: who reads it stops at the second.
    assert with_few_values(body, limit) == body


@pytest.mark.parametrize(("body", "limit"), [(b",", 0), (b"1,2,3", 1), (b"1,2,3,", 2), (b",,,,,", 2)])
def test_a_small_body_with_too_many_values_is_refused(body, limit):
    with pytest.raises(TooLarge):
        with_few_values(body, limit)


def test_a_body_of_as_many_members_as_are_allowed_is_inflated():
    assert inflate(gzip.compress(b"") * (MOST_MEMBERS - 1) + gzip.compress(b"x"), 7) == b"x"


def test_a_body_of_ever_so_many_members_is_refused():
    with pytest.raises(NotJson):
        inflate(gzip.compress(b"") * (MOST_MEMBERS + 1), 7)
