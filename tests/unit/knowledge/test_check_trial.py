"""Faulty trial files: each fault stops the start, all of them are told at once."""

from dataclasses import replace
from datetime import date

import pytest
from pydantic import ValidationError

from service.knowledge.checks import trial as trial_check
from service.knowledge.trial_rows import Trial, TrialCriterion

RECORDED = date(2031, 1, 2)
TEST = {"fact": "cd19", "is": "positive"}


def criterion(name="X1", **more):
    return {"id": name, "text": name, "provenance": "K", "test": TEST, **more}


def trial(*criteria, name="NCT99990001", **more):
    text = {"recorded": RECORDED, "criteria": list(criteria) or [criterion()]}
    head = {"id": name, "name": name, "title": name, "interventions": ["examplomab"], "exclusions": "curated"}
    return Trial.model_validate({**head, "versions": [text], **more})


@pytest.fixture
def faults(rules):
    def find(*trials):
        library = replace(rules.library, trials={row.id: row for row in trials}, files={})
        return [str(fault) for fault in trial_check.check(library)]

    return find


def test_a_sound_trial_has_no_fault(faults):
    assert faults(trial()) == []


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (trial(criterion(provenance="S")), "has the provenance S and cites no source"),
        (trial(criterion(provenance="L")), "has the provenance L and cites no source"),
        (trial(criterion(), criterion()), "the id 'X1' stands 2 times"),
        (trial(criterion(any_of="X")), "'X' has one alternative only"),
        (trial(criterion(any_of="X", kind="exclusion"), criterion("X2", any_of="X")), "an exclusion has no alternatives"),
        (trial(criterion(window="no_such_window")), "there is no limit 'no_such_window'"),
        (trial(products=["blinatumomap"]), "did you mean 'blinatumomab'?"),
        (trial(listed=False), "is not listed and does not say why"),
        (trial(numbers=[{"registry": "nct", "number": "NCT123", "verification": "B"}]), "no number of the registry nct"),
        (trial(numbers=[{"registry": "eudract", "number": "2017-1", "verification": "B"}]), "no number of the registry eudract"),
        (trial(versions=[{"recorded": RECORDED, "criteria": [criterion()], "arms_required": True}]), "an arm is required"),
        (
            trial(
                versions=[{"recorded": RECORDED, "criteria": [criterion()]}, {"recorded": RECORDED, "criteria": [criterion()]}]
            ),
            "2 texts were seen on no day",
        ),
    ],
)
def test_a_fault_is_told(faults, row, said):
    assert any(said in fault for fault in faults(row))


def test_an_id_given_in_the_trial_and_in_an_arm_stands_twice(faults):
    arm = {"id": "A", "name": "A", "text": "A", "provenance": "K", "criteria": [criterion()]}
    row = trial(versions=[{"recorded": RECORDED, "criteria": [criterion()], "arms": [arm]}])
    assert any("the id 'X1' stands 2 times" in fault for fault in faults(row))


def test_one_number_in_two_files_is_told(faults):
    number = [{"registry": "nct", "number": "NCT99990005", "verification": "B"}]
    found = faults(trial(numbers=number), trial(name="NCT99990002", numbers=number))
    assert any("NCT99990001 has this number too" in fault for fault in found)


@pytest.mark.parametrize(
    "row",
    [
        {"id": "X1", "text": "x", "provenance": "K"},
        {"id": "X1", "text": "x", "provenance": "K", "test": TEST, "ask": "clinician"},
        {"id": "X1", "text": "x", "test": TEST},
        {"id": "X1", "text": "x", "provenance": "K", "ask": "clinician", "window": "w"},
        {"id": "X1", "text": "x", "provenance": "K", "ask": "clinician", "any_of": "w"},
        {"id": "X1", "text": "x", "provenance": "K", "ask": "clinician", "facts_at": "diagnosis"},
        {"id": "X1", "text": "x", "provenance": "K", "test": TEST, "window": "w", "facts_at": "diagnosis"},
        {"id": "X1", "text": "x", "provenance": "K", "ask": "clinician", "absence_means": {"cd19": "positive"}},
    ],
)
def test_a_criterion_is_computed_or_asked_and_says_where_it_was_read(row):
    with pytest.raises(ValidationError):
        TrialCriterion.model_validate(row)
