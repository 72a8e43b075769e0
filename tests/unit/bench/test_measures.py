"""What is said of a number that was measured several times."""

import math

import pytest

from tests.bench.measures import Measure, at_least, at_most, measured_once, p50, p99, quantile, ratios


@pytest.mark.parametrize(
    ("target", "value", "met"),
    [
        (at_most(0.8), 0.79, True),
        (at_most(0.8), 0.8, True),
        (at_most(0.8), 0.81, False),
        (at_least(1.5), 1.49, False),
        (at_least(1.5), 1.5, True),
        (at_least(1.5), 1.51, True),
        (at_most(0), 0, True),
        (at_most(0.8), math.nan, False),
        (at_least(1.5), math.nan, False),
    ],
)
def test_a_target_is_met_on_its_limit_and_on_one_side_of_it(target, value, met):
    assert target.is_met(value) is met


def test_a_target_says_which_side_is_meant():
    assert [str(at_most(0.8)), str(at_least(1.5)), str(at_most(2))] == ["<= 0.8", ">= 1.5", "<= 2"]


def test_the_value_is_the_median_of_the_rounds():
    assert Measure("a", (3.0, 1.0, 2.0)).value == 2.0
    assert Measure("a", (4.0, 1.0, 2.0, 3.0)).value == 2.5
    assert math.isnan(Measure("a", ()).value)


def test_what_has_no_target_is_neither_met_nor_missed():
    assert Measure("a", (1.0,)).is_met is None
    assert Measure("a", (1.0,), at_most(1)).is_met is True
    assert Measure("a", (), at_most(1)).is_met is False


@pytest.mark.parametrize(
    ("rounds", "spread"),
    [
        ((1.0, 2.0), None),
        ((3.0, 1.0, 2.0), (1.0, 3.0)),
        # Nine rounds count in full; of ten the least and the most are cut off, of twenty two at each end.
        (tuple(range(9)), (0, 8)),
        (tuple(range(10)), (1, 8)),
        (tuple(range(20)), (2, 17)),
    ],
)
def test_the_spread_leaves_out_one_of_ten_rounds_at_each_end(rounds, spread):
    assert Measure("a", rounds).spread == spread


def test_quantiles_are_values_that_were_met():
    hundred = [float(number) for number in range(100, 0, -1)]
    assert p99(hundred) == 99.0
    assert p50(hundred) == 50.5
    assert quantile(hundred, 0.9) == 90.0
    assert quantile(hundred, 0.001) == 1.0
    assert quantile(hundred, 1) == 100.0
    assert p99([7.0]) == 7.0
    # One slow answer of a thousand is not the ninety-ninth hundredth, eleven are.
    assert p99([1.0] * 999 + [9.0]) == 1.0
    assert p99([1.0] * 989 + [9.0] * 11) == 9.0


def test_nothing_measured_is_not_a_number():
    assert math.isnan(p50([]))
    assert math.isnan(p99([]))


def test_ratios_are_those_of_the_same_round():
    assert ratios([2.0, 9.0], [1.0, 3.0]) == (2.0, 3.0)
    with pytest.raises(ValueError, match="shorter"):
        ratios([1.0, 2.0], [1.0])


def test_a_row_that_was_measured_once_says_its_target_as_text():
    assert measured_once("a", 1.0, "<= 1.1") == Measure("a", (1.0,), at_most(1.1))
    assert measured_once("a", 1.0, ">= 1.5") == Measure("a", (1.0,), at_least(1.5))
    assert measured_once("a", 1.0, "") == Measure("a", (1.0,))
    with pytest.raises(ValueError, match="not a target"):
        measured_once("a", 1.0, "about 1")
