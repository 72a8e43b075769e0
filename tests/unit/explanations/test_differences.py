"""Two assessments compared: each statement that differs, what it came to before and after, and where it differs."""

from typing import Any

import pytest

from service.explanations.differences import Change, changes_between

TRIAL = {
    "id": "NCT99990001",
    "fit": "fits",
    "recruitment": {"status": "RECRUITING", "open": "open"},
    "criteria": [{"id": "C1", "truth": "yes"}],
}
INDICATION: dict[str, Any] = {
    "id": "E-X-1",
    "verdict": "yes",
    "criteria": [{"id": "AGE", "truth": "yes"}, {"id": "CD19", "truth": "yes"}],
}
BASE: dict[str, Any] = {
    "asOf": "2026-11-22",
    "knownBy": "2026-11-22",
    "knowledge": {"digest": "a"},
    "regulators": ["EMA"],
    "facts": {"age_years": {"state": "known", "value": 17, "unit": "a"}, "cd22": {"state": "unknown", "gap": "not-recorded"}},
    "riskGroups": [{"system": "NCI", "state": "known", "group": "standard"}],
    "therapies": [{"product": "examplomab", "regulator": "EMA", "verdict": "on-label", "indications": [INDICATION]}],
    "trials": [TRIAL],
    "needs": [{"fact": "cd22", "gap": "not-recorded"}],
    "problems": [
        {"code": "unit", "where": "Observation/1", "text": "x"},
        {"code": "unit", "where": "Observation/1", "text": "y"},
    ],
    "timeline": [{"kind": "drug", "reference": "MedicationRequest/1", "date": "2026-01-01"}],
}


def test_the_same_is_the_same_whenever_it_is_asked():
    assert changes_between(BASE, BASE) == ()
    assert changes_between(BASE, BASE | {"asOf": "2027-01-01", "knownBy": "2027-01-01", "knowledge": {"digest": "b"}}) == ()


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (
            {"facts": BASE["facts"] | {"age_years": {"state": "known", "value": 18, "unit": "a"}}},
            Change("fact", "age_years", "17 a", "18 a", ("value",)),
        ),
        (
            {"facts": BASE["facts"] | {"cd22": {"state": "known", "value": "positive"}}},
            Change("fact", "cd22", "unknown not-recorded", "positive", ("state", "value", "gap")),
        ),
        (
            {"riskGroups": [{"system": "NCI", "state": "known", "group": "high"}]},
            Change("risk group", "NCI", "known standard", "known high", ("group",)),
        ),
        (
            {"therapies": [BASE["therapies"][0] | {"verdict": "unknown"}]},
            Change("therapy", "EMA/examplomab", "on-label", "unknown", ("verdict",)),
        ),
        (
            {
                "therapies": [
                    BASE["therapies"][0]
                    | {
                        "indications": [
                            INDICATION | {"verdict": "no", "criteria": [{"id": "AGE", "truth": "no"}, INDICATION["criteria"][1]]}
                        ]
                    }
                ]
            },
            Change("indication", "E-X-1", "yes", "no", ("verdict", "criteria.AGE.truth")),
        ),
        (
            {"trials": [TRIAL | {"recruitment": {"status": "COMPLETED", "open": "closed"}}]},
            Change(
                "trial",
                "NCT99990001",
                "fits, RECRUITING (open: open)",
                "fits, COMPLETED (open: closed)",
                ("recruitment.status", "recruitment.open"),
            ),
        ),
        ({"trials": []}, Change("trial", "NCT99990001", "fits, RECRUITING (open: open)", "not there")),
        ({"needs": [*BASE["needs"], {"fact": "cd19", "gap": "too-old"}]}, Change("need", "cd19", "not there", "too-old")),
        ({"problems": BASE["problems"][:1]}, Change("problem", "unit Observation/1 (2)", "y", "not there")),
        (
            {"timeline": [BASE["timeline"][0] | {"date": "2026-01-02"}]},
            Change("course", "drug MedicationRequest/1", "2026-01-01", "2026-01-02", ("date",)),
        ),
        ({"regulators": ["FDA"]}, Change("question", "regulators", "['EMA']", "['FDA']", ("value",))),
        ({"later": 1}, Change("question", "later", "not there", "1")),
    ],
)
def test_each_statement_that_differs_is_named_with_what_differs_in_it(change, found):
    assert changes_between(BASE, BASE | change) == (found,)


def test_ids_that_are_not_single_are_compared_as_a_whole():
    twins = [{"id": "C", "truth": "yes"}, {"id": "C", "truth": "no"}]
    (found,) = changes_between(BASE, BASE | {"trials": [TRIAL | {"criteria": twins}]})
    assert found.parts == ("criteria",)
