"""What counts as a treatment against the leukaemia: dated, and not into the cerebrospinal fluid."""

import pytest

from service.facts.given import treatments
from service.logic.dates import PartialDate
from service.record.record import Drug, Treatment

DAY = PartialDate.parse("2026-02-01")


def procedure(*concepts, on=DAY):
    return Treatment("Procedure/1", frozenset(concepts), "", on, None, done=True)


def drug(*concepts, on=DAY, **more):
    return Drug("MedicationAdministration/1", frozenset(concepts), "", "administration", on, None, given=True, **more)


@pytest.mark.parametrize(
    ("one", "counts"),
    [
        (procedure("chemotherapy"), True),
        (procedure("chemotherapy", on=None), False),
        (procedure("chemotherapy", "intrathecal-chemotherapy"), False),
        (procedure("intrathecal-chemotherapy"), False),
        (procedure("allo-hsct"), False),  # cells of a donor are no drug against the leukaemia
    ],
)
def test_procedures_count_where_they_are_dated_and_systemic(view_of, one, counts):
    assert bool(treatments(view_of(treatments=(one,)))) is counts


@pytest.mark.parametrize(
    ("one", "counts"),
    [
        (drug("vincristine"), True),
        (drug("vincristine", on=None), False),
        (drug("cytarabine", intrathecal=True), False),
        (drug("aspirin"), False),
    ],
)
def test_drugs_count_where_they_are_dated_and_systemic(view_of, one, counts):
    assert bool(treatments(view_of(drugs=(one,)))) is counts
