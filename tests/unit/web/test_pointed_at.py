"""Drugs that a record only points at: without a record server, one that says no name makes its kind unknown."""

from __future__ import annotations

import orjson
import pytest

from service.record.bundle import open_resource
from service.web.pointed_at import PointedAt, drugs_pointed_at


def opened(*resources):
    return {"drugs": tuple(open_resource(orjson.dumps(one)) for one in resources)}


def dose(pointer):
    return {"resourceType": "MedicationAdministration", "id": "a", "medicationReference": pointer}


@pytest.mark.parametrize(
    "resources",
    [
        [{"resourceType": "MedicationAdministration", "id": "a", "medicationCodeableConcept": {"text": "vincristine"}}],
        [dose({"reference": "Medication/m"}), {"resourceType": "Medication", "id": "m"}],
        [dose({"reference": "https://example.org/Medication/m/_history/2"}), {"resourceType": "Medication", "id": "m"}],
        [dose({"reference": "#inside"})],
        [dose({"reference": "Medication/m", "display": "vincristine"})],
        [dose(7)],
        [dose({"reference": 7})],
    ],
    ids=["says its drug", "held", "held, by its address", "contained", "named", "no reference", "no text"],
)
def test_nothing_is_unknown(resources):
    assert drugs_pointed_at(opened(*resources), None) == PointedAt()


def test_a_drug_that_is_not_held_and_has_no_name_is_unknown():
    found = drugs_pointed_at(opened(dose({"reference": "Medication/m"}), {"resourceType": "Medication", "id": "other"}), None)
    assert found == PointedAt(nameless=frozenset({"MedicationAdministration"}))
