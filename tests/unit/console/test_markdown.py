"""Details of cards as HTML: markdown is shown, everything else stays text."""

import pytest

from service.web.console.markdown import LONGEST, markdown


def test_what_cards_write_is_shown():
    shown = markdown("**EMA** says\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |")
    for piece in ("<strong>EMA</strong>", "<li>one</li>", "<td>2</td>"):
        assert piece in shown


def test_a_heading_stands_below_that_of_its_card():
    assert markdown("# Title") == "<h4>Title</h4>\n"
    assert markdown("###### Title") == "<h6>Title</h6>\n"


def test_a_link_leads_to_the_web_and_tells_nothing():
    shown = markdown("[label](https://example.org/a?b=c)")
    assert shown == '<p><a href="https://example.org/a?b=c" rel="noopener noreferrer">label</a></p>\n'


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "vbscript:x", "//example.org"]
)
def test_other_addresses_are_no_links(address):
    assert "<a" not in markdown(f"[label]({address})")
    assert "<a" not in markdown(f"<{address}>")


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "a <img src=x onerror=alert(1)> b", "<!-- x -->", "</div><div>"])
def test_markup_stays_text(text):
    shown = markdown(text)
    assert "&lt;" in shown
    assert all(tag not in shown for tag in ("<script", "<img", "<!--", "<div", "</div"))


def test_pictures_are_not_loaded():
    assert "<img" not in markdown("![x](https://example.org/x.png)")


def test_signs_that_turn_the_direction_are_gone():
    assert markdown("a\u202egnp.exe\u2066 b\u200b") == "<p>agnp.exe b</p>\n"


def test_a_very_long_detail_is_cut():
    assert len(markdown("x" * 1_000_000)) < LONGEST + 20
    assert "…" in markdown("x" * (LONGEST + 1))
    assert "…" not in markdown("x" * LONGEST)
