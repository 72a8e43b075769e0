"""What single trials meant by relapsed or refractory: both sides of each boundary, by the trial's own words.

Source: risk-and-relapse.md 4.5 (the trials), 4.6 (kinase inhibitors) and 6.3 (S25, S26, S34); the label is not asked here.
"""

from datetime import date

import orjson
import pytest

from service.logic.dates import Age
from service.logic.fact import known
from tests.case_runners.knowledge import shipped_rules
from tests.case_runners.records import derived_from
from tests.case_runners.shorthand import bundle
from tests.case_runners.values import facts_of, partial

DAY = date(2026, 11, 22)
RELAPSE = {"disease_state": "relapsed", "refractory": False, "refractory_to_induction": False}
FIRST = {**RELAPSE, "relapse_count": 1, "post_hsct_relapse": False, "prior_lines": 1, "marrow_blasts_percent": 60}
REFRACTORY = {"disease_state": "refractory", "refractory": True, "refractory_to_induction": True, "relapse_count": 0}
FAILED = {"refractory_to_induction": True, "relapse_count": 0}
REMISSION = {"disease_state": "remission", "refractory": False, "refractory_to_induction": False, "relapse_count": 1}
LONG = ("2024-01-10", "2026-05-10")
YEAR = ("2025-03-10", "2026-03-10")  # exactly twelve months
YEAR_LESS_A_DAY = ("2025-03-10", "2026-03-09")
YEAR_AND_A_DAY = ("2025-03-10", "2026-03-11")


def judged(definition, given, cr1=None, hsct=None):
    facts = facts_of(given if hsct is None else {**given, "post_hsct_relapse": True}, DAY)
    for name, days in (("first_remission_length", cr1), ("hsct_to_relapse", hsct)):
        if days is not None:
            facts[name] = known(Age(*(partial(day) for day in days)))
    return shipped_rules().tests[f"definition {definition}"].truth(facts).word


@pytest.mark.parametrize(
    ("given", "cr1", "expected"),
    [
        pytest.param(FIRST, YEAR_LESS_A_DAY, "yes", id="first relapse, first remission below 12 months"),
        pytest.param(FIRST, YEAR, "no", id="S34: exactly 12 months is not below 12"),
        pytest.param(FIRST, None, "unknown", id="first relapse, length not told"),
        pytest.param({**FIRST, "marrow_blasts_percent": 5}, YEAR_LESS_A_DAY, "no", id="exactly 5 % is not more than 5 %"),
        pytest.param({**FIRST, "marrow_blasts_percent": "5.1"}, YEAR_LESS_A_DAY, "yes", id="5.1 %"),
        pytest.param({**FIRST, "marrow_blasts_percent": "unknown"}, YEAR_LESS_A_DAY, "unknown", id="marrow not told"),
        pytest.param({**FIRST, "relapse_count": 2}, LONG, "yes", id="second relapse"),
        pytest.param({**FIRST, "relapse_count": ">=1"}, LONG, "unknown", id="number of the relapse not told"),
        pytest.param({**FIRST, "post_hsct_relapse": True}, LONG, "yes", id="relapse after a transplant at any time"),
        pytest.param({**FIRST, "refractory": True, "disease_state": "refractory"}, LONG, "yes", id="refractory to salvage"),
        pytest.param({**REFRACTORY, "marrow_blasts_percent": 60}, None, "yes", id="primary refractory"),
        pytest.param({**FAILED, "marrow_blasts_percent": 60}, None, "yes", id="refractory to the first induction"),
        pytest.param({**FIRST, "disease_state": "suspected-relapse"}, YEAR_LESS_A_DAY, "unknown", id="suspected only"),
        pytest.param({**REMISSION, "marrow_blasts_percent": 60}, YEAR_LESS_A_DAY, "no", id="in remission"),
    ],
)
def test_tower(given, cr1, expected):
    assert judged("tower-relapsed-or-refractory", given, cr1) == expected


@pytest.mark.parametrize(
    ("given", "cr1", "hsct", "expected"),
    [
        pytest.param(FIRST, YEAR, None, "yes", id="S34: exactly 12 months is at most 12"),
        pytest.param(FIRST, YEAR_AND_A_DAY, ("2025-09-01", "2025-12-09"), "no", id="a day more, and day 99 after a transplant"),
        pytest.param(FIRST, YEAR_AND_A_DAY, ("2025-09-01", "2025-12-10"), "yes", id="a day more, and day 100 after a transplant"),
        pytest.param(
            {**FIRST, "prior_lines": 2}, LONG, ("2025-09-01", "2025-12-09"), "unknown", id="two lines: page and paper differ"
        ),
        pytest.param({**FIRST, "prior_lines": 3}, LONG, ("2025-09-01", "2025-12-09"), "yes", id="three lines"),
        pytest.param({**FAILED}, None, ("2025-09-01", "2025-12-09"), "yes", id="refractory to the first induction"),
        pytest.param({**REMISSION, "prior_lines": 3}, YEAR, ("2025-09-01", "2025-12-10"), "no", id="in remission"),
    ],
)
def test_zuma_3(given, cr1, hsct, expected):
    assert judged("zuma-3-relapsed-or-refractory", given, cr1, hsct) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"tki_failed": 2, "tki_intolerant": 0}, "yes"),
        ({"tki_failed": 1, "tki_intolerant": 0}, "no"),
        ({"tki_failed": 1, "tki_intolerant": 1}, "yes"),  # S35: the intolerance path
        ({"tki_failed": "[1, 2]", "tki_intolerant": "[0, 1]"}, "unknown"),
    ],
)
def test_zuma_3_after_kinase_inhibitors(given, expected):
    assert judged("zuma-3-kinase-inhibitors", given) == expected


@pytest.mark.parametrize(("lines", "expected"), [(0, "no"), (1, "yes"), (2, "yes"), (3, "no"), (">=1", "unknown")])
def test_ino_vate_is_for_the_first_or_second_salvage(lines, expected):
    assert judged("ino-vate-relapsed-or-refractory", {**FIRST, "prior_lines": lines}) == expected


@pytest.mark.parametrize(("blasts", "expected"), [("4.9", "no"), (5, "yes"), ("3", "no")])
def test_the_marrow_of_ino_vate(blasts, expected):
    assert judged("ino-vate-marrow", {**FIRST, "marrow_blasts_percent": blasts}) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({**FIRST, "post_hsct_relapse": True, "marrow_blasts_percent": 5}, "yes"),  # 5.0 % is in here and out in TOWER
        ({**FIRST, "post_hsct_relapse": True, "marrow_blasts_percent": "4.9"}, "no"),
        ({**REFRACTORY, "marrow_blasts_percent": 5}, "yes"),
        (FIRST, "unknown"),  # whether otherwise not eligible for a transplant
        ({**REMISSION, "marrow_blasts_percent": 60}, "no"),
    ],
)
def test_eliana(given, expected):
    assert judged("eliana-relapsed-or-refractory", given) == expected


@pytest.mark.parametrize(
    ("given", "hsct", "expected"),
    [
        ({**FIRST, "relapse_site": "marrow"}, ("2025-09-01", "2026-02-28"), "no"),
        ({**FIRST, "relapse_site": "marrow"}, ("2025-09-01", "2026-03-01"), "yes"),  # six calendar months
        ({**FIRST, "relapse_site": "extramedullary"}, ("2025-09-01", "2026-03-01"), "no"),
        ({**FIRST, "relapse_site": "combined", "relapse_count": 2}, ("2025-09-01", "2026-02-28"), "yes"),
        (REFRACTORY, None, "unknown"),  # after how many inductions is not told
        ({**REFRACTORY, "prior_lines": 2}, None, "yes"),
        ({**REFRACTORY, "relapse_count": 1}, None, "yes"),  # after the treatment of a relapse
    ],
)
def test_eliana_in_detail(given, hsct, expected):
    assert judged("eliana-in-detail", given, hsct=hsct) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({**FIRST, "relapse_count": 2, "marrow_blasts_percent": 25}, "no"),
        ({**FIRST, "relapse_count": 2, "marrow_blasts_percent": "25.1"}, "yes"),
        ({**FIRST, "marrow_blasts_percent": 60}, "no"),
        ({**FIRST, "post_hsct_relapse": True}, "yes"),
        ({**FIRST, "refractory": True, "disease_state": "refractory"}, "yes"),
        ({**FAILED, "disease_state": "unknown", "marrow_blasts_percent": 60}, "unknown"),
    ],
)
def test_blinatumomab_in_children_as_the_talk_shows_it(given, expected):
    assert judged("von-stackelberg-relapsed-or-refractory", given) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({**FIRST, "post_hsct_relapse": True}, "yes"),
        (FIRST, "unknown"),  # how short the first remission has to be is not on file
        ({**FIRST, "relapse_count": 2, "prior_lines": 2}, "yes"),
        ({**FIRST, "relapse_count": 2, "prior_lines": 1}, "no"),
        ({**FAILED, "disease_state": "refractory", "prior_lines": 1}, "yes"),
        ({**REMISSION, "post_hsct_relapse": False, "prior_lines": 2}, "no"),
    ],
)
def test_felix(given, expected):
    assert judged("felix-relapsed-or-refractory", given) == expected


@pytest.mark.parametrize(
    ("relapse", "after_transplant"),
    [pytest.param("2025-12-09", "no", id="S25: day 99"), pytest.param("2025-12-10", "yes", id="S26: day 100")],
)
def test_the_days_after_a_transplant_are_read_from_the_record(relapse, after_transplant):
    record = [
        {"observation": "facts disease-state", "on": "2025-06-01", "answer": "facts remission"},
        {"procedure": "snomed 58390007", "on": "2025-09-01"},
        {"observation": "loinc 11150-0", "on": relapse, "quantity": "60 %"},
    ]
    facts = derived_from(orjson.dumps(bundle(record, bare=False)), DAY)[0].facts
    tests = shipped_rules().tests
    assert tests["definition zuma-3-after-transplant"].truth(facts).word == after_transplant
    assert facts["post_hsct_relapse"].value is True


@pytest.mark.parametrize(
    ("relapse", "tower", "zuma"), [("2026-03-09", "yes", "yes"), ("2026-03-10", "no", "yes"), ("2026-03-11", "no", "no")]
)
def test_the_length_of_the_first_remission_is_read_from_the_record(relapse, tower, zuma):
    # S34: remission on 2025-03-10
    record = [
        {"given": "rxnorm 11202", "on": "2025-02-05"},
        {"observation": "loinc 11150-0", "on": "2025-03-10", "quantity": "2 %"},
        {"observation": "loinc 11150-0", "on": relapse, "quantity": "60 %"},
        {"observation": "facts relapse-status", "on": relapse, "answer": "facts first-relapse"},
    ]
    facts = derived_from(orjson.dumps(bundle(record, bare=False)), DAY)[0].facts
    tests = shipped_rules().tests
    assert tests["definition tower-relapsed-or-refractory"].truth(facts).word == tower
    assert tests["definition zuma-3-relapsed-or-refractory"].truth(facts).word == zuma
