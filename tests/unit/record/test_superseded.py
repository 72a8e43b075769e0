"""Of some numbers only the newest is kept."""

from datetime import date
from decimal import Decimal

import orjson

from service.logic.dates import PartialDate
from service.logic.interval import Interval
from service.record.reader import read_bundle
from service.record.record import Amount, Reading
from service.record.superseded import without_superseded
from tests.case_runners.knowledge import shipped_rules


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


def weight(name, when):
    return {
        "resourceType": "Observation",
        "id": name,
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7", "display": "Body weight"}]},
        "subject": {"reference": "Patient/p"},
        "effectiveDateTime": when,
        "valueQuantity": {"value": 71.4, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg"},
    }


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


def test_of_what_the_reader_understands_without_a_reading_the_newest_is_kept_alike():
    days = {
        "first": "2031-03-01",
        "newest": "2031-04-02T08:15:00Z",
        "same-day": "2031-04-02",
        "perhaps": "2031-04",
        "later": "2031-06-01",
    }
    entries = [{"resourceType": "Patient", "id": "p"}, *(weight(name, when) for name, when in days.items())]
    body = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in entries]}
    record = read_bundle(orjson.dumps(body), shipped_rules().vocabulary, date(2031, 5, 1))
    assert [reading.reference for reading in record.readings] == [
        f"Observation/{name}" for name in ("newest", "perhaps", "same-day")
    ]
    assert [problem.code for problem in record.problems] == ["after-as-of"]


def test_an_older_number_that_is_broken_is_told_all_the_same():
    broken = {**weight("old", "2031-03-01"), "valueQuantity": {"value": "71.4", "unit": "kg"}}
    entries = [{"resourceType": "Patient", "id": "p"}, broken, weight("new", "2031-04-02")]
    body = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in entries]}
    record = read_bundle(orjson.dumps(body), shipped_rules().vocabulary, date(2031, 5, 1))
    assert [reading.reference for reading in record.readings] == ["Observation/new"]
    assert [(problem.code, problem.where) for problem in record.problems] == [
        ("unreadable", "Observation/old valueQuantity.value")
    ]
