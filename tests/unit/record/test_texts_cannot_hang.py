"""Long or strange texts are read as far as they are read, and never hold up an answer."""

from time import perf_counter

import pytest

from service.record.clauses import marker_pattern
from service.record.phrases import Phrases


def _phrases(rules):
    return Phrases(rules.library.words), marker_pattern(("CD19",), "[cs]?")


def test_a_marker_named_fifty_times_is_read(rules):
    phrases, marker = _phrases(rules)
    assert phrases.finding("CD19 positive; " * 50, marker).answer == "positive"


def test_a_marker_named_more_often_says_nothing_clear(rules):
    phrases, marker = _phrases(rules)
    found = phrases.finding("CD19 positive; " * 51, marker)
    assert found.contradictory
    assert found.answer is None


def test_headings_do_not_hide_how_often_a_marker_is_named(rules):
    phrases, marker = _phrases(rules)
    assert phrases.finding("CD19: " * 60 + "CD19 positive", marker).contradictory


@pytest.mark.parametrize(
    "piece", ["high sensitivity ", "sensitivity ", "MRD, ", "high sensitivity a b c ", "sensitivity 1", "  "]
)
def test_words_of_an_assay_are_read_as_fast_as_they_are_long(rules, piece):
    assay, begun = Phrases(rules.library.words).assay, perf_counter()
    text = piece * (200_000 // len(piece))
    assay.sensitivity_percent(text)
    assay.without_sensitivity(text)
    assay.is_about(text)
    assert perf_counter() - begun < 5


def test_of_several_tests_that_deny_a_marker_a_few_are_read(rules):
    phrases, marker = _phrases(rules)
    assert phrases.finding("CD19 negative by flow" + ", negative by flow" * 5, marker).answer == "negative"
    assert phrases.finding("CD19 negative by flow" + ", negative by flow" * 6, marker).answer == "indeterminate"
