"""What is missing: the item that could decide most by itself stands first."""

from datetime import date

import pytest

from service.decisions.indications import judge_therapies
from service.decisions.needs import rank_needs
from service.decisions.risk import judge_risk_groups
from service.logic.fact import Gap, known, unknown

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


def test_nothing_open_needs_nothing(rank, make):
    assert rank(make.therapy(make.criterion("cd22", {"fact": "cd22", "is": "positive"})), cd22="positive") == ()
