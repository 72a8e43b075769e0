"""A recorded death, and whether it lies before the day asked for: an assessment is of its day (the dossiers are silent)."""

from datetime import date

import orjson
import pytest

from service.record.reader import read_bundle
from tests.case_runners.knowledge import shipped_rules

DAY = date(2026, 11, 22)


def read(**members):
    """Whether the record of a patient with these members is that of a deceased one, and its problems."""
    patient = {"resourceType": "Patient", "id": "p", "birthDate": "1990-01-01", **members}
    body = orjson.dumps({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": patient}]})
    record = read_bundle(body, shipped_rules().vocabulary, DAY)
    return record.deceased, [(problem.severity, problem.code, problem.where, problem.text) for problem in record.problems]


SURE, PERHAPS = "Recorded as deceased by the day asked for", "Recorded as deceased, perhaps by the day asked for"


@pytest.mark.parametrize(
    ("member", "value", "text"),
    [
        ("deceasedBoolean", True, SURE),
        ("deceasedDateTime", "2026-11-21", SURE),
        ("deceasedDateTime", "2026-11-22", SURE),
        ("deceasedDateTime", "2026-11-22T23:59:59+01:00", SURE),
        ("deceasedDateTime", "2026-10", SURE),
        ("deceasedDateTime", "2026-11", PERHAPS),
        ("deceasedDateTime", "2026", PERHAPS),
    ],
)
def test_a_death_not_surely_after_the_day_is_told(member, value, text):
    assert read(**{member: value}) == (True, [("information", "deceased", f"Patient/p {member}", text)])


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"deceasedBoolean": False},
        {"deceasedDateTime": "2026-11-23"},
        {"deceasedDateTime": "2026-12"},
        {"deceasedDateTime": "2027"},
    ],
)
def test_a_death_after_the_day_or_none_is_not_told(members):
    assert read(**members) == (False, [])


@pytest.mark.parametrize("written", ["yesterday", "2026-13-01", 2026])
def test_a_day_of_death_that_is_none_tells_of_a_death_all_the_same(written):
    deceased, problems = read(deceasedDateTime=written)
    assert deceased
    assert [(code, text) for _, code, _, text in problems] == [
        ("deceased", PERHAPS),
        ("unreadable", "The day of death is not a date; set aside"),
    ]


@pytest.mark.parametrize("written", ["true", 1])
def test_what_is_neither_true_nor_false_tells_of_no_death(written):
    deceased, problems = read(deceasedBoolean=written)
    assert not deceased
    assert [(severity, code) for severity, code, _, _ in problems] == [("error", "unreadable")]
