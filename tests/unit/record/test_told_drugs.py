"""Drugs of which nothing tells what they are: their types are not complete, and one of each is listed."""

from datetime import date

import orjson
import pytest

from service.record.reader import read_bundle
from tests.case_runners.knowledge import shipped_rules
from tests.case_runners.shorthand import bundle


def dose(number, on="2025-11-10"):
    pointer = {"reference": f"Medication/{number}"}
    return {
        "resourceType": "MedicationAdministration",
        "id": number,
        "status": "completed",
        "medicationReference": pointer,
        "effectiveDateTime": on,
    }


ORDER = {
    "resourceType": "MedicationRequest",
    "id": "o",
    "status": "active",
    "intent": "order",
    "medicationReference": {"reference": "Medication/x"},
}


def read(*resources):
    body = orjson.dumps(bundle(list(resources), bare=False))
    record = read_bundle(body, shipped_rules().vocabulary, date(2026, 11, 22))
    return record.unavailable, [problem.where for problem in record.problems if problem.code == "drug-not-told"]


@pytest.mark.parametrize("order", [("a", "b", "c"), ("c", "b", "a")])
def test_of_many_doses_the_first_by_name_is_listed_and_of_each_type_one(order):
    unavailable, listed = read(*map(dose, order), ORDER)
    assert unavailable == {"MedicationAdministration", "MedicationRequest"}
    assert listed == ["MedicationAdministration/a medicationReference", "MedicationRequest/o medicationReference"]


def test_what_was_not_given_by_the_day_asked_for_leaves_nothing_open():
    assert read(dose("a", on="2026-11-23")) == (frozenset(), [])


def test_where_every_drug_is_told_nothing_is_open():
    held = {"resourceType": "Medication", "id": "a", "code": {"text": "vincristine"}}
    assert read(held, dose("a")) == (frozenset(), [])
