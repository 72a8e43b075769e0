"""A view of a record made by hand, with the numbers of the shipped limits."""

from datetime import date
from decimal import Decimal

import pytest
from msgspec.structs import replace

from service.facts.catalogue import View
from service.logic.dates import PartialDate
from service.logic.interval import Interval
from service.record.record import Amount, PatientRecord, Reading

DAY = date(2026, 11, 22)


@pytest.fixture
def view_of(rules):
    """A view of these readings."""
    return lambda *readings, **parts: View(
        PatientRecord("Patient/p", readings=readings, **parts), rules.limits_on(DAY, DAY), PartialDate.of_day(DAY)
    )


@pytest.fixture
def reading():
    """A reading of one number or word of a day."""

    def make(*concepts, number=None, unit="%", on="2026-10-01", reference="Observation/1", **more):
        amount = None if number is None else Amount(Interval.point(Decimal(number)), unit)
        found = Reading(reference, "value", PartialDate.parse(on) if on else None, frozenset(concepts), "", amount=amount)
        return replace(found, **more)

    return make
