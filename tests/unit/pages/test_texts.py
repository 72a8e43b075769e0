"""Texts on their way to a page: one line, cut with a sign, addresses that only lead somewhere."""

import orjson
import pytest

from service.web.pages.render import data, record
from service.web.pages.texts import LONGEST, anchor, shown, web_address


@pytest.mark.parametrize(
    ("length", "cut"), [(LONGEST, False), (LONGEST + 1, True), (4 * LONGEST, True), (4 * LONGEST + 1, True), (1_000_000, True)]
)
def test_a_text_is_cut_above_the_limit_and_says_so(length, cut):
    line, was_cut = shown("x" * length)
    assert was_cut is cut
    assert len(line) <= LONGEST
    assert line.endswith("…") is cut


def test_a_long_text_of_blanks_is_not_shown_as_if_it_were_whole():
    assert shown(" " * 5_000) == ("…", True)


def test_signs_that_nobody_sees_are_taken_out():
    assert shown("a\u202eb\u2066c\x00d\x1be\nf\u200bg\ufeff") == ("a b c d e f g", False)


def test_markup_stays_text_and_stands_alone_in_its_direction():
    assert record("<b>&\"'</b>") == "<bdi>&lt;b&gt;&amp;&#34;&#39;&lt;/b&gt;</bdi>"


def test_a_cut_text_carries_a_sign():
    assert "✂" in record("y" * 1_000)
    assert "✂" not in record("y")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("https://example.org/a?b=c#d", True),
        ("HTTP://example.org", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//example.org", False),
        ("https://example.org/a b", False),
        ('https://example.org/"onclick', False),
        ("https://example.org/\x00", False),
        (" https://example.org", False),
        (None, False),
        (7, False),
    ],
)
def test_only_web_addresses_become_links(text, kept):
    assert web_address(text) == (text if kept else "")


def test_names_that_look_alike_are_two_places():
    assert anchor("r", "Observation/a b") != anchor("r", "Observation/a-b")
    assert anchor("r", "Observation/a") == anchor("r", "Observation/a")
    assert len(anchor("r", "x" * 10_000)) < 120
    assert anchor("r", "") != anchor("r", "\u202e")


@pytest.mark.parametrize("text", ["</script><script>alert(1)</script>", "<!--", "&lt;", "\u2028\u2029"])
def test_data_for_plots_cannot_end_their_element(text):
    written = str(data({"label": text}))
    assert not set("<>&\u2028\u2029") & set(written)
    assert orjson.loads(written) == {"label": text}
