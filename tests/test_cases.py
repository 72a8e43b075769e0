"""Every case file of `tests/cases`, each case a test of its own under its own name."""

import pytest

from tests.case_runners import episodes, records, risk, therapies, trial_facts


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


@pytest.mark.parametrize("case", _each(episodes.episode_cases()))
def test_episodes_of_record(case):
    found = episodes.differences(case)
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize("content", _each(risk.risk_cases()))
def test_risk_group(content):
    found = risk.differences(*content)
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize("content", _each(trial_facts.truth_cases()))
def test_criterion_of_trial(content):
    file, criterion, word, given = content
    assert trial_facts.truth_of_criterion(file, criterion, given) == word


@pytest.mark.parametrize("content", _each(trial_facts.whole_cases()))
def test_trial(content):
    found = trial_facts.differences(*content)
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize("file", _each(trial_facts.trial_files()))
def test_every_computed_criterion_of_a_trial_has_cases(file):
    never = file.get("never", {})
    for row in trial_facts.computed(file["trial"]):
        told = set(file["criteria"].get(row.id, ()))
        assert told | set(never.get(row.id, ())) == set(trial_facts.TRUTHS), f"{row.id}: {sorted(told)}"
        assert told.isdisjoint(never.get(row.id, ()))
