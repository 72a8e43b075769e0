"""Therapies and trials that touch each other: what would close a trial, what a label already covers."""

from datetime import date

import pytest

from service.decisions.choices import Closing, closings, covered_by_label
from service.decisions.predicate import Looks
from service.decisions.trials import judge_trials
from service.errors import KnowledgeError
from service.knowledge.registry import NOTHING_SEEN
from service.logic.fact import known, unknown
from tests.judged import judge_therapies

DAY = date(2031, 5, 6)
POSITIVE = {"fact": "cd19", "is": "positive"}
NO_CAR_T = {"fact": "prior_cd19_car_t", "is": True}


@pytest.fixture
def answer(bound, facts, make):
    """What one product on label closes among these trials, and the verdicts."""

    def give(*trials, **given):
        therapy = make.therapy(make.criterion("C1", POSITIVE)).model_copy(update={"recorded_as": ("prior_cd19_car_t",)})
        rules = bound(therapy, *trials)
        seen = {**facts, "cd19": known("positive"), **given}
        therapies = judge_therapies(seen, rules, DAY, DAY, ("EMA",))
        verdicts = judge_trials(Looks({**seen, **rules.whereabouts.told("", "")}), rules, NOTHING_SEEN, DAY, DAY, 45)
        return closings(therapies, verdicts), therapies, verdicts

    return give


def test_a_therapy_closes_the_trial_that_excludes_it(answer, make):
    row = make.trial(make.trial_criterion("X1", POSITIVE), make.trial_criterion("X2", NO_CAR_T, kind="exclusion"))
    assert answer(row)[0] == (Closing("examplomab", "NCT99990001", ("X2",)),)
    absent = make.trial_criterion("X2", NO_CAR_T, kind="exclusion", absence_means={"prior_cd19_car_t": False})
    assert answer(make.trial(absent))[0] == (Closing("examplomab", "NCT99990001", ("X2",)),)


def test_nothing_is_closed_that_does_not_read_it_asks_for_it_or_fails_already(answer, make):
    assert answer(make.trial(make.trial_criterion("X1", POSITIVE)))[0] == ()
    assert answer(make.trial(make.trial_criterion("X1", NO_CAR_T)))[0] == ()
    failing = make.trial(make.trial_criterion("X1", NO_CAR_T, kind="exclusion"))
    assert answer(failing, prior_cd19_car_t=known(value=True))[0] == ()


def test_a_product_not_on_label_closes_nothing(answer, make):
    row = make.trial(make.trial_criterion("X2", NO_CAR_T, kind="exclusion"))
    assert answer(row, cd19=unknown())[0] == ()


def test_a_trial_of_a_drug_on_label_says_so(answer, make):
    studied = make.trial(make.trial_criterion("X1", POSITIVE), products=["examplomab"])
    _, therapies, verdicts = answer(studied)
    assert covered_by_label(verdicts[0], therapies) == ("EMA/examplomab",)
    _, therapies, verdicts = answer(studied, cd19=known("negative"))
    assert covered_by_label(verdicts[0], therapies) == ()
    _, therapies, verdicts = answer(make.trial(make.trial_criterion("X1", POSITIVE)))
    assert covered_by_label(verdicts[0], therapies) == ()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("prior_nothing", "there is no fact"),
        ("cd19", "not true or false"),
        ("prior_allo_hsct", "does not tell that a product was given"),
    ],
)
def test_a_product_recorded_as_no_truth_is_a_fault_at_start(make, bound, name, said):
    with pytest.raises(KnowledgeError, match=said):
        bound(make.therapy(make.criterion("C1", POSITIVE)).model_copy(update={"recorded_as": (name,)}))
