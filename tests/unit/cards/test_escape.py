"""What a record says can never become markup, a link or another line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.cards.escape import LONGEST_TEXT, _escaped, escape, one_line, shorten


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("CD22 92 % of blasts", "CD22 92 % of blasts", id="ordinary text stays as it is"),
        pytest.param("*bold* _it_", r"\*bold\* \_it\_", id="emphasis"),
        pytest.param("[here](x)", r"\[here\](x)", id="link"),
        pytest.param("<script>alert(1)</script>", r"\<script\>alert(1)\</script\>", id="HTML"),
        pytest.param("a | b", r"a \| b", id="table"),
        pytest.param("`code`", r"\`code\`", id="code"),
        pytest.param("~~gone~~", r"\~\~gone\~\~", id="struck out"),
        pytest.param("back\\slash", r"back\\slash", id="backslash"),
        pytest.param(
            "see https://evil.example/x", r"see https\://evil.example/x", id="address that renderers link by themselves"
        ),
        pytest.param("see www.evil.example", r"see www\.evil.example", id="www"),
        pytest.param("a@evil.example", r"a\@evil.example", id="mail"),
        pytest.param("&lt;b&gt;", r"\&lt;b\&gt;", id="entity"),
        pytest.param("# heading", r"\# heading", id="heading at the start"),
        pytest.param("1. first", r"1\. first", id="numbered list at the start"),
        pytest.param("- item", r"\- item", id="list at the start"),
        pytest.param("0.01 %", "0.01 %", id="a number is no list"),
        pytest.param("-1", "-1", id="a negative number is no list"),
        pytest.param("---", r"\---", id="a line across"),
        pytest.param("2031-04-02", "2031-04-02", id="a date is no list"),
        pytest.param("line\n\n# two\r\n> three", r"line # two \> three", id="lines become one"),
        pytest.param("left\u202eright", "left right", id="turned direction of writing"),
        pytest.param("  ends  ", "ends", id="blanks at the ends"),
    ],
)
def test_ch_c_04_every_sign_of_markdown_and_html_stands_for_itself(text, shown):
    assert escape(text) == shown


def test_a_long_text_of_a_record_is_cut():
    assert len(escape("word " * 200)) <= LONGEST_TEXT


@pytest.mark.parametrize(
    ("text", "longest", "shown"),
    [
        pytest.param("abc def", 7, "abc def", id="fits exactly"),
        pytest.param("abc defg", 7, "abc…", id="cut at the word boundary"),
        pytest.param("abcdefgh", 7, "abcdef…", id="one word is cut anyway"),
        pytest.param("abc, defgh", 7, "abc…", id="no comma before the ellipsis"),
    ],
)
def test_texts_are_cut_at_word_boundaries(text, longest, shown):
    assert shorten(text, longest) == shown
    assert len(shorten(text, longest)) <= longest


def test_control_characters_become_one_blank():
    assert one_line("a\x00\x1b\tb") == "a b"


@given(st.text(alphabet="aZwW09 ,;./%()-+−≥≤–#_*&:@=\n\xa0", max_size=30) | st.dates().map(str))
def test_the_short_way_for_harmless_text_gives_what_the_long_way_gives(text):
    assert escape(text) == _escaped(text)


@given(st.text(alphabet="ab \t\n\x00\x7f\xa0\xad\u200b\u2028\u3000\ufeffé−", max_size=20))
def test_one_line_has_no_invisible_sign_and_no_blank_that_could_be_spared(text):
    line = one_line(text)
    assert not set(line) & set("\t\n\x00\x7f\xa0\xad\u200b\u2028\ufeff")
    assert "  " not in line
    assert line == line.strip()
    assert [sign for sign in line if sign in "abé−"] == [sign for sign in text if sign in "abé−"]
