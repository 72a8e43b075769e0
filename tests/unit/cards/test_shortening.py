"""A summary is never made shorter at the price of its meaning."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.cards.shortening import shorten_safely
from service.cards.wording import load_wording

KEPT = load_wording().never_cut_off
INSTEAD = "Topic"
WORDS = st.sampled_from(
    [*KEPT, "blinatumomab", "record", "EMA", "CD22", "?", "recruiting", "criteria", "14", "a", "Interfant-21", "(NCT05327894)"]
)
JOINTS = st.sampled_from([" ", " ", " ", ", ", "; ", ": "])
TEXTS = st.lists(st.tuples(WORDS, JOINTS), min_size=1, max_size=40).map(
    lambda parts: "".join(word + joint for word, joint in parts).rstrip(" ,;:")
)


def said(text):
    return [word for word in re.findall(r"[^\W\d_]+|\S", text.lower()) if word in KEPT]


@given(TEXTS, st.integers(60, 139))
def test_no_word_that_denies_or_warns_is_ever_lost(text, longest):
    short = shorten_safely(text, longest, KEPT, INSTEAD)
    assert len(short) <= longest
    assert short == INSTEAD or said(short) == said(text)


@given(TEXTS, st.integers(60, 139))
def test_no_cut_ends_in_a_denial_of_what_is_no_longer_there(text, longest):
    short = shorten_safely(text, longest, KEPT, INSTEAD)
    if short.endswith("…"):
        assert re.findall(r"[^\W\d_]+|\S", short.removesuffix("…").lower())[-1] not in KEPT


@given(TEXTS)
def test_what_fits_stays_as_it_is(text):
    assert shorten_safely(text, len(text), KEPT, INSTEAD) == text


@pytest.mark.parametrize(
    ("text", "longest", "short"),
    [
        # behind a clause where one ends in time
        ("Missing: CD19, CD22 on blasts, marrow blasts", 32, "Missing: CD19, CD22 on blasts…"),
        # behind a word else
        ("May fit a trial of many words", 20, "May fit a trial of…"),
        # the warning at the end stays, what stands before it is cut
        (
            "Brexucabtagene autoleucel: matches the criteria of EMA and FDA; contraindication recorded",
            70,
            "Brexucabtagene autoleucel: matches the… contraindication recorded",
        ),
        # a question mark belongs to its word
        ("Ph-positive, a state in which CD22 ? is", 36, "Ph-positive…"),
        # nothing can be cut: the topic alone, which states nothing
        ("The record shows that this and that and very much more was not found", 30, "Topic"),
    ],
)
def test_where_it_is_cut(text, longest, short):
    assert shorten_safely(text, longest, KEPT, INSTEAD) == short
