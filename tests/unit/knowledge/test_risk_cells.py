"""Cells of risk tables: what they say, what they refuse, and for which values they hold."""

from datetime import date
from decimal import Decimal

import pytest

from service.knowledge.risk_cells import AnyValue, NumberRange, SpanRange, Words, parse_cell, shorter
from service.logic.dates import Age, PartialDate, Span
from service.logic.interval import Interval
from service.logic.truth import Truth

NO, UNKNOWN, YES = Truth.NO, Truth.UNKNOWN, Truth.YES
FIFTY, TEN = Decimal(50), Decimal(10)


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("any", AnyValue()),
        ("< 50", NumberRange(None, FIFTY)),
        ("<50", NumberRange(None, FIFTY)),
        ("<= 50", NumberRange(None, FIFTY, high_inclusive=True)),
        (">= 50", NumberRange(FIFTY, None)),
        ("> 50", NumberRange(FIFTY, None, low_inclusive=False)),
        ("[10, 50)", NumberRange(TEN, FIFTY)),
        ("(10, 50]", NumberRange(TEN, FIFTY, low_inclusive=False, high_inclusive=True)),
        ("50", NumberRange(FIFTY, FIFTY, high_inclusive=True)),
        (">= 10 a", SpanRange(Span(120, 0), None)),
        ("< 1 a", SpanRange(None, Span(12, 0))),
        ("[1 a, 10 a)", SpanRange(Span(12, 0), Span(120, 0))),
        ("[6 mo, 25 a 1 d)", SpanRange(Span(6, 0), Span(300, 1))),
        ("yes", Words(frozenset({"yes"}))),
        ("CNS1 | CNS2", Words(frozenset({"CNS1", "CNS2"}))),
        ("not CNS3", Words(frozenset({"CNS3"}), excluded=True)),
        ("very-early|early", Words(frozenset({"very-early", "early"}))),
    ],
)
def test_a_cell_is_read(text, cell):
    assert parse_cell(text) == cell


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not a cell"),
        ("about 50", "not a cell"),
        ("yes |", "not a cell"),
        ("< fifty", "not a calendar span"),
        ("> 18 a", "is not clear for an age"),
        ("<= 25 a", "is not clear for an age"),
        ("(1 a, 10 a)", "lower bound in, upper bound out"),
        ("[1 a, 10 a]", "lower bound in, upper bound out"),
        ("[10 a, 1 a)", "the interval is empty"),
        ("[10 a, 10 a)", "the interval is empty"),
        ("[50, 10]", "the interval is empty"),
        ("[10, 10)", "the interval is empty"),
        ("[10, 50 a)", "one bound is a number and the other a calendar span"),
        ("[1 mo, 30 d)", "depends on the months"),
    ],
)
def test_a_cell_that_can_be_misread_is_refused(text, said):
    with pytest.raises(ValueError, match=said):
        parse_cell(text)


def test_a_single_point_may_stand_in_closed_brackets():
    assert parse_cell("[10, 10]") == NumberRange(TEN, TEN, high_inclusive=True)


@pytest.mark.parametrize(
    ("text", "low", "high", "truth"),
    [
        ("[10, 50)", 10, 10, YES),
        ("[10, 50)", 50, 50, NO),
        ("[10, 50)", 9, 9, NO),
        ("[10, 50)", 20, 60, UNKNOWN),
        ("(10, 50]", 10, 10, NO),
        ("(10, 50]", 50, 50, YES),
        ("< 50", 0, 49, YES),
        (">= 50", 0, 49, NO),
    ],
)
def test_a_number_range_holds_where_the_whole_value_lies_in_it(text, low, high, truth):
    cell = parse_cell(text)
    assert isinstance(cell, NumberRange)
    assert cell.holds(Interval(Decimal(low), Decimal(high))) is truth


# On 2040-06-15: both birthdays of "[1 a, 10 a)", each with the day before.
@pytest.mark.parametrize(
    ("birth", "truth"),
    [
        (PartialDate.of_day(date(2039, 6, 16)), NO),
        (PartialDate.of_day(date(2039, 6, 15)), YES),
        (PartialDate.of_day(date(2030, 6, 16)), YES),
        (PartialDate.of_day(date(2030, 6, 15)), NO),
        (PartialDate(date(2030, 1, 1), date(2030, 12, 31), "2030"), UNKNOWN),
    ],
)
def test_an_age_range_changes_on_birthdays(birth, truth):
    cell = parse_cell("[1 a, 10 a)")
    assert isinstance(cell, SpanRange)
    assert cell.holds(Age(birth, PartialDate.of_day(date(2040, 6, 15)))) is truth


@pytest.mark.parametrize(
    ("text", "value", "truth"),
    [
        ("yes", True, YES),
        ("yes", False, NO),
        ("no", False, YES),
        ("CNS1 | CNS2", "CNS2", YES),
        ("CNS1 | CNS2", "CNS3", NO),
        ("not CNS3", "CNS3", NO),
        ("not CNS3", "CNS1", YES),
    ],
)
def test_words_hold_for_the_words_they_name(text, value, truth):
    cell = parse_cell(text)
    assert isinstance(cell, Words)
    assert cell.holds(value) is truth


@pytest.mark.parametrize(
    ("one", "other", "answer"),
    [
        ("1 a", "10 a", True),
        ("10 a", "1 a", False),
        ("1 a", "1 a", False),
        ("25 a", "25 a 1 d", True),
        ("28 d", "2 mo", True),
        ("25 a 1 d", "26 a", True),
        ("1 a", "100 d", False),
    ],
)
def test_spans_are_compared_where_every_calendar_agrees(one, other, answer):
    assert shorter(Span.parse(one), Span.parse(other)) is answer


@pytest.mark.parametrize(("one", "other"), [("1 mo", "30 d"), ("12 mo", "365 d"), ("10 a", "3652 d")])
def test_spans_that_depend_on_the_month_are_not_compared(one, other):
    with pytest.raises(ValueError, match="depends on the months"):
        shorter(Span.parse(one), Span.parse(other))
