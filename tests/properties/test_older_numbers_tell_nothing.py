"""Of the tests of which only the newest number is kept, no fact asks for an older one: it changes none of them."""

from datetime import date
from decimal import Decimal

import pytest

from service.facts.derived import derive_facts
from service.logic.dates import PartialDate
from service.logic.interval import Interval
from service.record.record import Amount, PatientRecord, Reading
from service.record.superseded import NEWEST_ONLY
from tests.case_runners.knowledge import shipped_rules

DAY = date(2031, 5, 1)
BORN = PartialDate.of_day(date(1999, 3, 1))
# What each test may be measured in; of an amount that none of its facts can use nothing would be seen.
UNITS = {
    "creatinine": "mg/dL", "creatinine-clearance": "mL/min", "bilirubin-total": "mg/dL", "bilirubin-direct": "mg/dL",
    "alt": "U/L", "ast": "U/L", "body-weight": "kg", "body-height": "cm", "body-mass-index": "kg/m2", "body-surface-area": "m2",
    "spo2": "%", "qtc": "ms", "lvef": "%", "lvsf": "%",
}  # fmt: skip


def number(name, concept, when, value):
    amount = Amount(Interval.point(Decimal(value)), UNITS[concept])
    dated = PartialDate.of_day(when)
    return Reading(name, "valueQuantity", dated, frozenset({concept}), "", amount=amount, upper_limit=Decimal(40))


def facts_of(*readings):
    record = PatientRecord("Patient/p", birth=BORN, sex="female", readings=readings)
    return derive_facts(record, shipped_rules().limits_on(DAY, DAY), DAY).facts


@pytest.mark.parametrize("concept", sorted(NEWEST_ONLY))
@pytest.mark.parametrize("older", [date(2031, 4, 1), date(2025, 1, 1)], ids=["the day before", "years before"])
def test_an_older_number_changes_no_fact(concept, older):
    beside = [number("Observation/weight", "body-weight", date(2031, 4, 2), 60)] if concept == "body-height" else []
    newest = number("Observation/new", concept, date(2031, 4, 2), 70)
    alone = facts_of(newest, *beside)
    assert facts_of(number("Observation/old", concept, older, 30), newest, *beside) == alone
    told = {evidence.reference for fact in alone.values() for evidence in fact.evidence}
    assert "Observation/new" in told, "no fact asks for this test: nothing was shown"
