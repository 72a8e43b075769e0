"""A comparison is YES or NO only where the whole interval agrees."""

from decimal import Decimal

import pytest

from service.logic.interval import Interval
from service.logic.truth import Truth

NO, UNKNOWN, YES = Truth.NO, Truth.UNKNOWN, Truth.YES


def between(low, high, brackets="[]"):
    """`between("0", "0.01", "[)")` is what "< 0.01" means."""
    return Interval(
        None if low is None else Decimal(low), None if high is None else Decimal(high), brackets[0] == "[", brackets[1] == "]"
    )


# "<0.01 %" is [0, 0.01) and "<=0.01 %" is [0, 0.01]; both sides of the bound, and the bound itself.
@pytest.mark.parametrize(
    ("interval", "bound", "at_least", "above"),
    [
        (between("50", "50"), "50", YES, NO),
        (between("49.95", "49.95"), "50", NO, NO),  # never rounded before it is compared
        (between("50.01", "50.01"), "50", YES, YES),
        (between("0", "0.01", "[)"), "0.01", NO, NO),
        (between("0", "0.01"), "0.01", UNKNOWN, NO),
        (between("0", "0.01", "[)"), "0.1", NO, NO),
        (between("0", "0.1", "[)"), "0.01", UNKNOWN, UNKNOWN),
        (between("0.01", None, "(]"), "0.01", YES, YES),
        (between("0.01", None), "0.01", YES, UNKNOWN),
        (between("0.01", None), "0.02", UNKNOWN, UNKNOWN),
        (between(None, "5"), "5", UNKNOWN, NO),
        (between(None, "5"), "6", NO, NO),
        (between(None, None), "0", UNKNOWN, UNKNOWN),
    ],
)
def test_the_whole_interval_has_to_agree(interval, bound, at_least, above):
    assert interval.at_least(Decimal(bound)) is at_least
    assert interval.above(Decimal(bound)) is above
    assert interval.below(Decimal(bound)) is ~at_least
    assert interval.at_most(Decimal(bound)) is ~above


@pytest.mark.parametrize(
    "interval",
    [
        pytest.param(between("10", "5"), id="lower bound above the upper"),
        pytest.param(between("7", "7", "()"), id="nothing between the bounds"),
    ],
)
def test_an_interval_that_contradicts_itself_answers_nothing(interval):
    assert interval.at_least(Decimal(7)) is UNKNOWN
    assert interval.above(Decimal(7)) is UNKNOWN
    assert interval.exact is None


@pytest.mark.parametrize(
    ("interval", "value", "equal"),
    [
        (between("2", "2"), "2", YES),
        (between("2", "2"), "2.0", YES),
        (between("2", "2"), "3", NO),
        (between("1", "3"), "2", UNKNOWN),
        (between("1", "2", "[)"), "2", NO),
        (between("1", None), "0", NO),
    ],
)
def test_equal_is_sure_only_for_a_single_number(interval, value, equal):
    assert interval.equals(Decimal(value)) is equal


def test_exact_is_the_number_where_there_is_only_one():
    assert Interval.point(Decimal("0.1")).exact == Decimal("0.1")
    assert between("1", "2").exact is None
    assert between(None, None).exact is None


@pytest.mark.parametrize("brackets", ["[]", "(]", "[)", "()"])
def test_dividing_moves_the_bounds_and_keeps_the_brackets(brackets):
    assert between("0.5", "2", brackets).divided(Decimal("0.01")) == between("50", "200", brackets)


def test_dividing_leaves_an_open_side_open():
    assert between(None, None).divided(Decimal(100)) == between(None, None)


@pytest.mark.parametrize("limit", [Decimal(35), Decimal(49), Decimal("0.7")])
def test_five_times_a_limit_divided_by_it_is_five_to_the_last_digit(limit):
    assert Interval.point(5 * limit).divided(limit).above(Decimal(5)) is Truth.NO
    assert Interval.point(5 * limit).divided(limit).at_least(Decimal(5)) is Truth.YES


# The comparators of FHIR's Quantity; the bound itself tells the open sides from the closed ones.
@pytest.mark.parametrize(
    ("comparator", "at_least", "above"),
    [
        ("", YES, NO),
        ("<", NO, NO),
        ("<=", UNKNOWN, NO),
        (">", YES, YES),
        (">=", YES, UNKNOWN),
    ],
)
def test_a_comparator_leaves_its_numbers(comparator, at_least, above):
    found = Interval.compared(Decimal(5), comparator)
    assert (found.at_least(Decimal(5)), found.above(Decimal(5))) == (at_least, above)


def test_any_other_comparator_is_refused():
    with pytest.raises(ValueError, match="comparator"):
        Interval.compared(Decimal(5), "ad")


@pytest.mark.parametrize(
    ("interval", "words"),
    [
        (Interval(Decimal(5), Decimal(5)), "5"),
        (Interval(Decimal(3), Decimal(6)), "3 to 6"),
        (Interval(Decimal(0), Decimal(5)), "0 to 5"),
        (Interval(Decimal(0), Decimal(5), high_inclusive=False), "< 5"),  # 5 itself is not meant
        (Interval(Decimal(0), Decimal("0.01"), low_inclusive=False, high_inclusive=False), "above 0 to below 0.01"),
        (Interval(Decimal(3), Decimal(6), low_inclusive=False), "above 3 to 6"),
        (Interval(Decimal(3), Decimal(6), high_inclusive=False), "3 to below 6"),
        (Interval(None, Decimal(5), high_inclusive=False), "< 5"),
        (Interval(None, Decimal(5)), "<= 5"),
        (Interval(Decimal(5), None, low_inclusive=False), "> 5"),
        (Interval(Decimal(5), None), ">= 5"),
        (Interval(None, None), "any"),
    ],
)
def test_an_interval_in_words_tells_which_limits_belong_to_it(interval, words):
    assert str(interval) == words
