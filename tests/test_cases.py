"""Every case file of `tests/cases`, each case a test of its own under its own name."""

import pytest

from tests.case_runners import records, risk, therapies


def _each(cases):
    return [pytest.param(content, id=name) for name, content in cases]


@pytest.mark.parametrize("content", _each(therapies.therapy_cases()))
def test_therapy(content):
    case, when, expected = content
    found = therapies.differences(case, when, expected)
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize("content", _each(therapies.timelines()))
def test_rows_in_force(content):
    known_by, of, when, rows = content
    assert therapies.rows_in_force(of, when, known_by) == sorted(rows)


@pytest.mark.parametrize("case", _each(records.record_cases()))
def test_facts_of_record(case):
    found = records.differences(case)
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize("content", _each(risk.risk_cases()))
def test_risk_group(content):
    found = risk.differences(*content)
    assert not found, "\n" + "\n".join(found)
