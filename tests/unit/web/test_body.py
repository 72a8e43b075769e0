"""Bodies are inflated within the limit, never beyond it."""

import gzip

import pytest

from service.errors import NotJson, TooLarge
from service.web.body import inflate


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
