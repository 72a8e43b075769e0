"""Reading the values of explicit statements."""

from decimal import Decimal

import pytest

from service.facts.stated import count, truth, word_of
from service.logic.interval import Interval
from service.record.record import Amount

read = word_of(frozenset({"good", "poor"}))


@pytest.mark.parametrize(
    ("value", "word"),
    [
        ({"coded": (("all-cds-facts", "good"),)}, "good"),
        ({"coded": (("other", "good"),)}, None),  # another system's word may mean something else
        ({"coded": (("all-cds-facts", "so-so"),)}, None),
        ({"coded": (("all-cds-facts", "good"), ("all-cds-facts", "poor"))}, None),
        ({"words": "poor"}, "poor"),
        ({"words": "rather poor"}, None),
        ({}, None),
    ],
)
def test_a_word_is_exactly_one_of_the_list(reading, value, word):
    assert read(reading("prednisone-response", **value)) == word


@pytest.mark.parametrize(
    ("value", "answer"),
    [
        ({"flag": False}, False),
        ({"flag": True, "answers": frozenset({"answer-negative"})}, True),
        ({"answers": frozenset({"answer-positive"})}, True),
        ({"answers": frozenset({"answer-negative"})}, False),
        ({"answers": frozenset({"answer-positive", "answer-negative"})}, None),
        ({}, None),
    ],
)
def test_a_truth_is_a_boolean_or_a_clear_answer(reading, value, answer):
    assert truth(reading("no-alternative-treatment", **value)) is answer


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ({"whole": 0}, Interval.point(Decimal(0))),
        ({"whole": -1}, None),
        ({"amount": Amount(Interval(Decimal(2), None), "")}, Interval(Decimal(2), None)),
        ({"amount": Amount(Interval.point(Decimal(2)), "1")}, Interval.point(Decimal(2))),
        ({"amount": Amount(Interval.point(Decimal(2)), "mo")}, None),
        ({}, None),
    ],
)
def test_a_count_is_an_integer_or_an_interval_of_them(reading, value, number):
    assert count(reading("prior-lines", **value)) == number
