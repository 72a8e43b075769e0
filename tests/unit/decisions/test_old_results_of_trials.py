"""Criteria for which a result may be too old: beside each other, when a value is tried, and when a product is given."""

from datetime import date
from decimal import Decimal

import pytest

from service.decisions.choices import Closing, closings_of
from service.decisions.needs import rank_missing
from service.decisions.trials import judge_trials
from service.knowledge.registry import NOTHING_SEEN
from service.logic.dates import PartialDate
from service.logic.fact import Evidence, known, unknown
from service.logic.interval import Interval

DAY = date(2031, 5, 6)
OLD = "2031-02-04"  # 91 days before
FRESH = "2031-02-05"
ALT = {"fact": "alt_xuln", "at_most": Decimal(5)}
CD22 = {"fact": "cd22", "is": "positive"}
CAR_T = {"fact": "prior_cd19_car_t", "is": True}


def alt(day, number=1):
    seen = (Evidence("Observation/1", "value", PartialDate.parse(day), "seen"),)
    return known(Interval.point(Decimal(number)), seen)


@pytest.fixture
def judge(bound, facts, make):
    """The looks, the rules and the verdict on a trial of these criteria; results are too old after 90 days."""

    def give(*criteria, **given):
        therapy = make.therapy(make.criterion("C1", CD22)).model_copy(update={"recorded_as": ("prior_cd19_car_t",)})
        rules = bound(make.trial(*criteria), make.limit("organ_window", 90), therapy)
        looks = rules.looks({**facts, **given, **rules.whereabouts.told("", "")})
        return looks, rules, judge_trials(looks, rules, NOTHING_SEEN, DAY, DAY, 45)

    return give


@pytest.fixture
def alternatives(make):
    """ALT low, in 90 days, or CD22 on the cells."""
    old = make.trial_criterion("X1a", ALT, any_of="X1", window="organ_window")
    return old, make.trial_criterion("X1b", CD22, any_of="X1")


@pytest.mark.parametrize(
    ("result", "cd22", "fit", "needs"),
    [
        (alt(FRESH), unknown(), "fits", ()),
        (alt(OLD), unknown(), "needs-data", ("alt_xuln", "cd22")),
        (alt(OLD), known("negative"), "needs-data", ("alt_xuln",)),
        (alt(OLD), known("positive"), "fits", ()),
        (alt(OLD, 6), known("negative"), "needs-data", ("alt_xuln",)),
        (alt(FRESH, 6), known("negative"), "does-not-fit", ()),
    ],
)
def test_an_old_result_leaves_its_alternative_open(judge, alternatives, result, cd22, fit, needs):
    _, _, (verdict,) = judge(*alternatives, alt_xuln=result, cd22=cd22)
    assert (verdict.fit, verdict.needs) == (fit, needs)


@pytest.mark.parametrize(
    ("cd22", "decide"),
    [
        (unknown(), {"alt_xuln", "cd22"}),  # each of them could make the patient fit
        (known("negative"), {"alt_xuln"}),
    ],
)
def test_a_fresh_result_would_decide_what_an_old_one_leaves_open(judge, alternatives, cd22, decide):
    looks, rules, trials = judge(*alternatives, alt_xuln=alt(OLD), cd22=cd22)
    assert {need.fact for need in rank_missing(looks, rules, (), (), trials) if need.trials} == decide


def test_alternatives_that_are_met_leave_the_rest_to_decide(judge, make, alternatives):
    criteria = (*alternatives, make.trial_criterion("X2", CAR_T))
    looks, rules, trials = judge(*criteria, alt_xuln=alt(OLD), cd22=known("positive"))
    assert {need.fact: need.trials for need in rank_missing(looks, rules, (), (), trials)} == {
        "prior_cd19_car_t": ("NCT99990001",),
    }


def test_of_two_that_are_open_neither_decides_alone_that_all_hold(judge, make):
    criteria = make.trial_criterion("X1", ALT, window="organ_window"), make.trial_criterion("X2", CAR_T)
    looks, rules, trials = judge(*criteria, alt_xuln=alt(OLD))
    # A high ALT, or that no CAR-T cells were given, would rule the patient out.
    assert {need.fact: need.trials for need in rank_missing(looks, rules, (), (), trials)} == {
        "alt_xuln": ("NCT99990001",),
        "prior_cd19_car_t": ("NCT99990001",),
    }
    assert trials[0].judged.undecidable == ()


def test_the_same_test_without_a_window_stays_decided_by_the_old_result(judge, make):
    once_more = make.trial_criterion("X2a", ALT, any_of="X2"), make.trial_criterion("X2b", CD22, any_of="X2")
    looks, rules, trials = judge(make.trial_criterion("X1", ALT, window="organ_window"), *once_more, alt_xuln=alt(OLD, 6))
    # X1 is open; X2 fails with CD22 negative, for its other alternative failed whenever that was.
    assert (trials[0].fit, trials[0].needs) == ("needs-data", ("alt_xuln", "cd22"))
    assert {need.fact for need in rank_missing(looks, rules, (), (), trials) if need.trials} == {"alt_xuln", "cd22"}


@pytest.mark.parametrize(
    ("test", "result", "closed"),
    [
        ({"any": [CAR_T, {"fact": "alt_xuln", "above": Decimal(5)}]}, alt(FRESH), ("X1",)),
        ({"all": [CAR_T, {"fact": "alt_xuln", "above": Decimal(5)}]}, alt(FRESH), ()),
    ],
)
def test_a_product_closes_a_criterion_with_results_by_what_it_says_itself(judge, make, test, result, closed):
    row = make.trial_criterion("X1", test, kind="exclusion", window="organ_window")
    _, rules, trials = judge(row, alt_xuln=result, prior_cd19_car_t=known(value=False))
    (therapy,) = rules.library.therapies.values()
    assert closings_of(therapy, trials) == tuple(Closing("examplomab", "NCT99990001", names) for names in (closed,) if names)


def test_a_result_that_is_too_old_for_a_trial_is_not_called_missing(judge, alternatives):
    looks, rules, trials = judge(*alternatives, alt_xuln=alt(OLD), cd22=unknown())
    assert [(need.fact, need.gap) for need in rank_missing(looks, rules, (), (), trials)] == [
        ("alt_xuln", "too-old"),
        ("cd22", "not-recorded"),
    ]


def test_so_it_is_in_an_arm(bound, facts, make):
    row = make.trial_criterion("A1", ALT, window="organ_window")
    arm = {"id": "A", "name": "A", "text": "A", "provenance": "K", "criteria": [row]}
    both = make.trial(make.trial_criterion("X1", CD22), arms=[arm], arms_required=True)
    rules = bound(both, make.limit("organ_window", 90))
    looks = rules.looks({**facts, "alt_xuln": alt(OLD), "cd22": known("positive"), **rules.whereabouts.told("", "")})
    trials = judge_trials(looks, rules, NOTHING_SEEN, DAY, DAY, 45)
    assert [(need.fact, need.gap) for need in rank_missing(looks, rules, (), (), trials)] == [("alt_xuln", "too-old")]
