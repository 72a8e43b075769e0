"""What is missing: the item that could decide most by itself stands first."""

from datetime import date
from decimal import Decimal

import pytest

from service.decisions.predicate import Looks
from service.decisions.trials import judge_trials
from service.knowledge.registry import NOTHING_SEEN
from service.logic.fact import Gap, known, unknown
from service.logic.interval import Interval
from tests.judged import judge_risk_groups, judge_therapies, rank_needs

LATER = date(2040, 1, 1)


@pytest.fixture
def rank(bound, facts, make):
    """The needs of a record in which only the named facts are known."""

    def needs(*rows, **given):
        values = {name: value if hasattr(value, "state") else known(value) for name, value in given.items()}
        rules, record = bound(*rows), {**facts, **values}
        therapies = judge_therapies(record, rules, make.day, LATER, ("EMA",))
        return rank_needs(record, rules, therapies, judge_risk_groups(record, rules, LATER))

    return needs


def test_what_decides_more_stands_first_and_is_asked_for_in_words(rank, make):
    cd22, cd19 = ({"fact": name, "is": "positive"} for name in ("cd22", "cd19"))
    needs = rank(
        make.therapy(make.criterion("cd22", cd22), product="one"),
        make.therapy(make.criterion("cd22", cd22), product="two"),
        make.therapy(make.criterion("cd19", cd19), product="three"),
        make.ask("cd22"),
    )
    assert [(need.fact, need.therapies, need.weight) for need in needs] == [
        ("cd22", ("EMA/one", "EMA/two"), 2),
        ("cd19", ("EMA/three",), 1),
    ]
    assert [need.ask for need in needs] == ["Test of cd22", "cd19"]  # where nobody wrote how to ask, the name of the fact


def test_one_of_two_missing_items_decides_by_a_no_alone(rank, make):
    rows = [make.criterion(name, {"fact": name, "is": "positive"}) for name in ("cd22", "cd19")]
    assert {need.fact: need.therapies for need in rank(make.therapy(*rows))} == {
        "cd19": ("EMA/examplomab",),
        "cd22": ("EMA/examplomab",),
    }


def test_an_item_that_leaves_a_product_open_whatever_it_is_decides_nothing(rank, make):
    either = {"any": [{"fact": "cd22", "is": "positive"}, {"undecided": "the text leaves it open"}]}
    unverified = make.criterion("cd22", {"fact": "cd19", "is": "positive"}, verification="M")
    (need,) = rank(make.therapy(unverified, make.criterion("open", {"undecided": "the date leaves it open"})))
    assert (need.fact, need.therapies, need.mentioned) == ("cd19", (), 1)
    (need,) = rank(make.therapy(make.criterion("either", either)))
    assert need.therapies == ("EMA/examplomab",)  # CD22-positive decides it


def test_in_days_in_which_a_row_may_hold_only_a_no_decides(rank, make):
    dates = {"uncertain_from": date(2031, 5, 1), "effective": date(2031, 6, 1)}
    row = make.therapy(make.criterion("cd22", {"fact": "cd22", "is": "positive"}), **dates)
    (need,) = rank(row)
    assert (need.fact, need.therapies) == ("cd22", ("EMA/examplomab",))


def test_a_risk_group_that_one_item_would_settle_counts(rank, make):
    (need,) = rank(make.risk_system(make.risk_version({"marrow": "HR", "combined | extramedullary": "SR"})))
    assert (need.fact, need.risk_groups, need.weight) == ("relapse_site", ("EX40",), 1)


def test_of_two_items_that_decide_as_much_a_treatment_stands_before_a_risk_group(rank, make):
    needs = rank(
        make.therapy(make.criterion("cd22", {"fact": "cd22", "is": "positive"})),
        make.risk_system(make.risk_version({"marrow": "HR", "combined | extramedullary": "SR"})),
        make.risk_system(
            make.risk_version({"marrow": "HR", "combined": "IR", "extramedullary": "SR"}, of="relapse_site"), name="EX41"
        ),
        make.therapy(make.criterion("site", {"fact": "pregnant", "is": True}), product="other"),
    )
    assert [(need.fact, need.weight) for need in needs] == [("relapse_site", 2), ("cd22", 1), ("pregnant", 1)]
    needs = rank(
        make.therapy(make.criterion("cd22", {"fact": "cd22", "is": "positive"})),
        make.risk_system(make.risk_version({"bcp-all": "A", "not bcp-all": "B"}, of="disease")),
    )
    assert [need.fact for need in needs] == ["cd22", "disease"]


def test_an_item_of_which_no_values_can_be_listed_decides_nothing(rank, make):
    row = make.risk_version({"< 10 a": "SR", ">= 10 a": "HR"}, of="age_at_diagnosis_years")
    (need,) = rank(make.risk_system(row), age_at_diagnosis_years=unknown(Gap.NOT_RECORDED, "birth date"))
    assert (need.fact, need.gap, need.risk_groups) == ("birth date", "not-recorded", ())


def test_the_gap_is_that_of_the_missing_fact(rank, make):
    row = make.therapy(make.criterion("cd22", {"fact": "cd22", "is": "positive"}))
    (need,) = rank(row, cd22=unknown(Gap.STALE_AFTER_THERAPY, "cd22"))
    assert need.gap == "stale-after-therapy"


def test_a_result_that_is_there_and_decides_nothing_is_not_called_missing(rank, make):
    row = make.therapy(make.criterion("mrd", {"fact": "mrd_percent", "at_least": Decimal("0.1")}))
    (need,) = rank(row, mrd_percent=known(Interval(Decimal(0), Decimal(1))))
    assert (need.fact, need.gap) == ("mrd_percent", "ambiguous")


def test_nothing_open_needs_nothing(rank, make):
    assert rank(make.therapy(make.criterion("cd22", {"fact": "cd22", "is": "positive"})), cd22="positive") == ()


# ---------------------------------------------------------------- trials


def seen_trials(rules, facts, day):
    told = {**facts, **rules.whereabouts.told("", "")}
    return told, judge_trials(Looks(told), rules, NOTHING_SEEN, day, day, 45)


def test_a_missing_item_counts_for_the_trials_it_could_decide(make, bound, facts):
    one = make.trial(make.trial_criterion("X1", {"fact": "cd22", "is": "positive"}), name="NCT99990001")
    both = make.trial(
        make.trial_criterion("X1", {"fact": "cd22", "is": "positive"}),
        make.trial_criterion("X2", {"fact": "prior_cd19_car_t", "is": True}, kind="exclusion"),
        name="NCT99990002",
    )
    rules = bound(one, both)
    told, trials = seen_trials(rules, facts, make.day)
    ranked = rank_needs(told, rules, (), (), trials)
    assert [(need.fact, need.trials) for need in ranked] == [
        ("cd22", ("NCT99990001", "NCT99990002")),
        ("prior_cd19_car_t", ("NCT99990002",)),
    ]


def test_a_closed_trial_asks_for_nothing(make, bound, facts):
    closed = {"status": "COMPLETED", "seen": None, "recorded": make.day, "verification": "B"}
    row = make.trial(make.trial_criterion("X1", {"fact": "cd22", "is": "positive"}), sightings=[closed])
    rules = bound(row)
    told, trials = seen_trials(rules, facts, make.day)
    assert trials[0].needs == ("cd22",)
    assert rank_needs(told, rules, (), (), trials) == ()


def test_what_absence_stands_for_is_tried_too(make, bound, facts):
    test = {"any": [{"fact": "prior_cd19_car_t", "is": True}, {"fact": "pregnant", "is": True}]}
    row = make.trial(make.trial_criterion("X1", test, kind="exclusion", absence_means={"prior_cd19_car_t": False}))
    rules = bound(row)
    told, trials = seen_trials(rules, facts, make.day)
    assert [(need.fact, need.trials) for need in rank_needs(told, rules, (), (), trials)] == [("pregnant", ("NCT99990001",))]


def test_the_study_group_is_a_missing_item_where_a_trial_asks_for_it(make, bound, facts):
    row = make.trial(make.trial_criterion("X1", {"fact": "site_group", "is": "COG"}), site_groups=["COG"])
    rules = bound(row)
    told, trials = seen_trials(rules, facts, make.day)
    assert [(need.fact, need.trials) for need in rank_needs(told, rules, (), (), trials)] == [("site_group", ("NCT99990001",))]


def test_arms_that_are_required_count(make, bound, facts):
    def arm(name, test):
        return {"id": name, "name": name, "text": name, "provenance": "K", "criteria": [make.trial_criterion(f"{name}1", test)]}

    row = make.trial(
        make.trial_criterion("X1", {"fact": "kmt2a_r", "is": True}),
        arms=[arm("A", {"fact": "cd19", "is": "positive"}), arm("B", {"fact": "cd22", "is": "positive"})],
        arms_required=True,
    )
    rules = bound(row)
    told, trials = seen_trials(rules, {**facts, "kmt2a_r": known(value=True)}, make.day)
    assert {need.fact: need.trials for need in rank_needs(told, rules, (), (), trials)} == {
        "cd19": ("NCT99990001",),
        "cd22": ("NCT99990001",),
    }
    assert rules.whereabouts.possible("cd19") == ()
