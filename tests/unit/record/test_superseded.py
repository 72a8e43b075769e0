"""Of some numbers only the newest is kept."""

from decimal import Decimal

from service.logic.dates import PartialDate
from service.logic.interval import Interval
from service.record.record import Amount, Reading
from service.record.superseded import without_superseded


def number(name, concept, when, specimen=None):
    amount = Amount(Interval.point(Decimal(1)), "mg/dL")
    return Reading(
        name,
        "valueQuantity",
        PartialDate.parse(when) if when else None,
        frozenset({concept}),
        "",
        amount=amount,
        specimen=specimen,
    )


def kept(*readings):
    return [reading.reference for reading in without_superseded(readings)]


def test_an_older_number_of_the_same_test_is_left_out():
    assert kept(number("old", "creatinine", "2026-10-31"), number("new", "creatinine", "2026-11-01")) == ["new"]


def test_numbers_of_one_day_or_perhaps_of_one_are_all_kept():
    assert kept(
        number("a", "creatinine", "2026-11"), number("b", "creatinine", "2026-11-01"), number("c", "creatinine", "2026-11-01")
    ) == ["a", "b", "c"]


def test_another_specimen_supersedes_none():
    assert kept(number("a", "creatinine", "2026-10-31"), number("b", "creatinine", "2026-11-01", "other")) == ["a", "b"]


def test_another_test_supersedes_none():
    assert kept(number("a", "creatinine", "2026-10-31"), number("b", "body-height", "2026-11-01")) == ["a", "b"]


def test_an_undated_number_is_kept():
    assert kept(number("a", "creatinine", None), number("b", "creatinine", "2026-11-01")) == ["a", "b"]


def test_the_course_of_other_numbers_is_kept():
    assert kept(number("a", "wbc", "2026-10-31"), number("b", "wbc", "2026-11-01")) == ["a", "b"]


def test_a_result_without_a_number_is_kept():
    words = Reading("a", "valueString", PartialDate.parse("2026-10-31"), frozenset({"creatinine"}), "", words="see report")
    assert kept(words, number("b", "creatinine", "2026-11-01")) == ["a", "b"]
