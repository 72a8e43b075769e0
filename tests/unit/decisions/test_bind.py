"""What a knowledge file may ask of a fact; anything else stops the start, with what may have been meant."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from service.decisions.bind import criterion_key
from service.errors import KnowledgeError


@pytest.fixture
def faults(bound):
    def found(*rows):
        with pytest.raises(KnowledgeError) as error:
            bound(*rows)
        return [(fault.where, fault.text, fault.hint) for fault in error.value.faults]

    return found


@pytest.mark.parametrize(
    ("test", "text", "hint"),
    [
        ({"fact": "cd91", "is": "positive"}, "there is no fact 'cd91'", "did you mean 'cd19'?"),
        ({"fact": "zzzzzz", "is": "positive"}, "there is no fact 'zzzzzz'", ""),
        ({"fact": "disease", "is": "bcp-al"}, "disease is never 'bcp-al'", "did you mean 'bcp-all'?"),
        ({"fact": "disease", "in": ["bcp-all", "t-al"]}, "disease is never 't-al'", "did you mean 't-all'?"),
        ({"fact": "pregnant", "is": "yes"}, "pregnant is a boolean and cannot be ['yes']", ""),
        ({"fact": "pregnant", "is": 1}, "pregnant is a boolean and cannot be [1]", ""),
        ({"fact": "relapse_count", "is": True}, "relapse_count is a integer and cannot be [True]", ""),
        ({"fact": "diagnosis_date", "is": "2025"}, "diagnosis_date is a date and cannot be ['2025']", ""),
        ({"fact": "age_years", "is": 18}, "age_years is a age and cannot be [18]", ""),
        ({"fact": "cd19", "at_least": 20}, "cd19 is a word and cannot be tested so", ""),
        ({"fact": "mrd_percent", "has": "flow"}, "mrd_percent is a number and cannot be tested so", ""),
        ({"fact": "mrd_percent", "at_least": "0.1 x"}, "mrd_percent is compared with '0.1 x', which is not a number", ""),
        (
            {"fact": "hypersensitivity", "has": "blinatumab"},
            "hypersensitivity never holds 'blinatumab'",
            "did you mean 'blinatumomab'?",
        ),
        ({"fact": "age_years", "above": "18 a"}, "age_years knows at_least and below with a span such as '18 a'", ""),
        ({"fact": "age_years", "at_least": 18}, "age_years knows at_least and below with a span such as '18 a'", ""),
        (
            {"fact": "age_years", "at_least": "18 years"},
            "not a calendar span: '18 years' (write for example '18 a', '1 mo', '25 a 1 d')",
            "",
        ),
        ({"use": "b-al"}, "there is no definition 'b-al'", "did you mean 'b-all'?"),
        ({"use": "me"}, "the definition 'me' leads back to itself", ""),
    ],
)
def test_a_test_that_no_fact_can_answer_is_a_fault(faults, make, test, text, hint):
    product = make.therapy(make.criterion("C1", {"fact": "cd19", "is": "positive"}), product="blinatumomab")
    rows = [make.definition("me", test), make.definition("b-all", {"fact": "disease", "is": "bcp-all"}), product]
    assert ("definitions me", text, hint) in faults(*rows)


def test_a_hypersensitivity_is_to_a_product_on_file(bound, faults, make):
    caution = {"id": "c", "test": {"fact": "hypersensitivity", "has": "examplocel"}}
    criterion = make.criterion("C1", {"fact": "cd19", "is": "positive"})
    bound(make.therapy(criterion, product="examplocel", cautions=[caution]))
    assert [text for _, text, _ in faults(make.therapy(criterion, cautions=[caution]))] == [
        "hypersensitivity never holds 'examplocel'"
    ]


def test_two_definitions_that_use_each_other_are_faults_of_both(faults, make):
    rows = [make.definition("one", {"use": "other"}), make.definition("other", {"use": "one"})]
    assert [(where, text) for where, text, _ in faults(*rows)] == [
        ("definitions one", "the definition 'other' leads back to itself"),
        ("definitions other", "the definition 'one' leads back to itself"),
    ]


def test_every_fault_is_listed_with_the_row_it_stands_in(faults, make):
    misspelt = {"fact": "cd91", "is": "positive"}
    found = faults(
        make.definition("d", {"any": [misspelt, {"none": [misspelt]}]}),
        make.therapy(make.criterion("cd19", misspelt), cautions=[{"id": "c", "test": misspelt}]),
        make.question("q", misspelt),
        make.studies(s=misspelt),
        make.risk_system(make.risk_version({"any": "SR"}, applies=misspelt, inputs=["relapse_sight"])),
        make.ask("cd91"),
    )
    assert [where for where, _, _ in found] == [
        "definitions d",
        "definitions d",
        "therapies examplomab / indications / E-EXA-1 / versions / 2031-01-01 / criteria / cd19",
        "therapies examplomab / cautions / c",
        "questions q",
        "evidence examplomab / s",
        "risk_systems EX40 / versions / 2000-01-01 / inputs",
        "risk_systems EX40 / versions / 2000-01-01 / applies",
        "asks cd91",
    ]


@pytest.mark.parametrize(
    ("cell", "fault"),
    [
        ("marow", ("relapse_site is never 'marow'", "did you mean 'marrow'?")),
        ("not marow | combined", ("relapse_site is never 'marow'", "did you mean 'marrow'?")),
        (">= 5", ("relapse_site is a word and cannot be tested so", "")),
        (">= 5 a", ("relapse_site is a word and cannot be tested so", "")),
    ],
)
def test_a_cell_in_which_no_value_can_lie_is_a_fault(faults, make, cell, fault):
    system = make.risk_system(make.risk_version({cell: "HR", "any": "SR"}, hit="first"))
    assert faults(system) == [("risk_systems EX40 / versions / 2000-01-01 / rows / row-1 / relapse_site", *fault)]


@pytest.mark.parametrize(
    ("name", "cell"),
    [("mrd_percent", "marrow"), ("pregnant", "maybe"), ("pregnant", "[1, 2)"), ("age_years", ">= 5"), ("relapse_count", "< 5 a")],
)
def test_a_cell_of_another_kind_than_its_input_is_a_fault(faults, make, name, cell):
    system = make.risk_system(make.risk_version({cell: "HR"}, of=name))
    assert [where for where, _, _ in faults(system)] == [f"risk_systems EX40 / versions / 2000-01-01 / rows / row-1 / {name}"]


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("mrd_percent", "[0.01, 0.1)"),
        ("pregnant", "not yes"),
        ("age_years", "[1 a, 10 a)"),
        ("relapse_count", ">= 2"),
        ("relapse_site", "marrow | combined"),
        ("diagnosis_date", "any"),
    ],
)
def test_a_cell_of_the_kind_of_its_input_is_none(bound, make, name, cell):
    assert bound(make.risk_system(make.risk_version({cell: "HR"}, of=name))).tests == {}


def test_what_can_be_answered_is_compiled_under_the_row_it_stands_in(bound, make):
    test = {
        "all": [{"use": "b-all"}, {"none": [{"fact": "relapse_count", "at_least": 2}]}, {"undecided": "open", "flag": "date"}]
    }
    rules = bound(
        make.definition("b-all", {"fact": "disease", "is": "bcp-all"}),
        make.therapy(make.criterion("state", test), cautions=[{"id": "always"}, {"id": "allergic", "test": {"use": "b-all"}}]),
        make.question("without a test"),
        make.question("with one", {"use": "b-all"}),
        make.studies(everybody=None, some={"use": "b-all"}),
        make.risk_system(make.risk_version({"any": "SR"}), make.risk_version({"any": "SR"}, applies={"use": "b-all"})),
        make.ask("cd19"),
    )
    assert set(rules.tests) == {
        "definition b-all",
        criterion_key("E-EXA-1", 0, "state"),
        "caution allergic",
        "question with one",
        "study some",
        "risk EX40 1",
    }
    assert rules.tests[criterion_key("E-EXA-1", 0, "state")].fact_names == ("disease", "relapse_count")


def test_limits_are_looked_up_once_a_day_and_stay_right_however_many_days_are_asked(bound, make):
    rules = bound(
        make.limit("cut", 5, until=date(2031, 3, 1)),
        make.limit("cut", 7, effective=date(2031, 3, 1)),
    )
    days = [date(2031, 1, 1) + timedelta(days=number) for number in range(100)]
    found = [rules.limits_on(day, make.day).number("cut") for day in days]
    assert found == [Decimal(5)] * 59 + [Decimal(7)] * 41  # January and February have 59 days
    assert rules.limits_on(days[-1], make.day) is rules.limits_on(days[-1], make.day)


def test_before_anything_was_written_down_the_first_row_counts(bound, make):
    rules = bound(make.limit("cut", 5), make.limit("cut", 7, effective=date(2031, 3, 1), recorded=date(2031, 3, 1)))
    assert rules.limits_on(date(2031, 4, 1), date(2020, 1, 1)).number("cut") == Decimal(5)


def test_a_limit_that_no_file_has_is_a_fault(bound):
    with pytest.raises(KnowledgeError, match="there is no limit 'cut'"):
        bound().limits_on(date(2031, 4, 1), date(2031, 4, 1)).number("cut")
