"""One number of one moment, in one unit."""

from decimal import Decimal

import pytest

from service.facts.measured import in_unit, measured, set_aside_impossible
from service.logic.interval import Interval
from service.record.record import Amount


@pytest.mark.parametrize(
    ("interval", "unit", "wanted"),
    [
        (Interval.point(Decimal(5)), "%", Interval.point(Decimal(5))),
        (Interval.point(Decimal("0.05")), "1", Interval.point(Decimal(5))),
        (
            Interval(None, Decimal("0.05"), high_inclusive=False),
            "1",
            Interval(None, Decimal(5), high_inclusive=False),
        ),
        (Interval(Decimal("0.05"), None), "1", Interval(Decimal(5), None)),
        (Interval.point(Decimal(5)), "", None),  # fraction or percent? Nobody knows
        (Interval.point(Decimal(5)), "kg", None),
        (Interval(None, Decimal(5)), "kg", None),
    ],
)
def test_an_amount_is_converted_exactly_or_not_at_all(reading, interval, unit, wanted):
    assert in_unit(reading("lvef", amount=Amount(interval, unit)), "%") == wanted


def test_a_reading_without_a_number_has_no_amount(reading):
    assert in_unit(reading("lvef"), "%") is None


def test_an_impossible_value_is_said_once_whoever_asks(view_of, reading):
    view = view_of(reading("lvef", "spo2", number=150))
    for name, concept in (("lvef_percent", "lvef"), ("spo2_percent", "spo2")):
        assert not measured(view, name, concept, "%", name).is_known
    assert [problem.code for problem in view.problems] == ["impossible-value"]
    set_aside_impossible(view, reading("lvef", reference="Observation/2"), "%")
    assert [problem.where for problem in view.problems] == ["Observation/1 value", "Observation/2 value"]


def test_undated_numbers_that_differ_contradict_each_other(view_of, reading):
    view = view_of(reading("lvef", number=60, on=None), reading("lvef", number=30, on=None, reference="Observation/2"))
    assert not measured(view, "lvef_percent", "lvef", "%", "LVEF").is_known
    assert [problem.code for problem in view.problems] == ["conflict"]


@pytest.mark.parametrize(
    ("first", "second", "found"),
    [
        ("2026-10-01T08:00:00Z", "2026-10-01T09:00:00+02:00", "60"),  # 07:00 in UTC
        ("2026-10-01T08:00:00Z", "2026-10-01T10:00:01+02:00", "50"),
        ("2026-10-01T10:00:00.500Z", "2026-10-01T10:00:00Z", "60"),
        ("2026-10-01T08:00:00", "2026-10-01T09:00:00+02:00", "50"),  # without a zone: as written
    ],
)
def test_the_last_result_of_a_day_is_that_of_the_last_instant(view_of, reading, first, second, found):
    readings = [reading("lvef", number=60, on=first), reading("lvef", number=50, on=second, reference="Observation/2")]
    for given in (readings, readings[::-1]):
        assert measured(view_of(*given), "lvef_percent", "lvef", "%", "LVEF").value == Interval.point(Decimal(found))


def test_two_results_of_one_instant_contradict_each_other_in_whatever_zones_they_are_written(view_of, reading):
    later = reading("lvef", number=50, on="2026-10-01T12:00:00+02:00", reference="Observation/2")
    view = view_of(reading("lvef", number=60, on="2026-10-01T10:00:00Z"), later)
    assert not measured(view, "lvef_percent", "lvef", "%", "LVEF").is_known
    assert [problem.code for problem in view.problems] == ["conflict"]
