"""Risk tables: a table says nothing twice and leaves nobody out."""

import pytest

from tests.unit.knowledge.checks.broken_lines import RISK, TABLE


@pytest.mark.parametrize(
    ("old", "new", "where", "said"),
    [
        pytest.param(
            *('wbc: ">= 50"', 'wbc: "> 50"', TABLE, "no row answers for age = 1 a, wbc = 50"),
            id="hole of one value",
        ),
        pytest.param(
            *('age: ">= 10 a"', 'age: ">= 11 a"', TABLE, "no row answers for age = 10 a, wbc < 50"),
            id="hole of an age",
        ),
        pytest.param(
            *('wbc: "< 50"', 'wbc: "<= 50"', f"{TABLE} / rows / young-high"),
            "answers together with 'young-low' for age = 1 a, wbc = 50",
            id="overlap of one value",
        ),
        pytest.param(
            *('age: ">= 10 a"', 'age: ">= 9 a"', f"{TABLE} / rows / older"),
            "answers together with 'young-low' for age = 9 a, wbc < 50",
            id="overlap of an age",
        ),
        pytest.param(
            *("wbc: any", "wbc: some value", f"{TABLE} / rows / older / wbc", "not a cell: 'some value'"), id="unreadable"
        ),
        pytest.param(*("wbc: any", "wcb: any", f"{TABLE} / rows / older", "'wcb' is not among the inputs"), id="unknown input"),
        pytest.param(*("then: SR", "then: SSR", f"{TABLE} / rows / young-low", "'SSR' is not among the outcomes"), id="outcome"),
        pytest.param(*("[SR, HR]", "[SR, HR, VHR]", TABLE, "no row leads to the outcome 'VHR'"), id="outcome without a row"),
        pytest.param(*("wbc: any", "wbc: high", TABLE, "the cells of wbc mix numbers, ages and words"), id="mixed kinds"),
        pytest.param(
            *('age: ">= 10 a"', 'age: ">= 3652 d"', TABLE),
            "which of two spans is longer depends on the months",
            id="days against years",
        ),
    ],
)
def test_a_table_says_nothing_twice_and_leaves_nobody_out(shelf, old, new, where, said):
    shelf.change(RISK, old, new)
    found = shelf.faults()
    assert any(fault[0] == where and fault[1].startswith(said) for fault in found), found


def test_what_the_table_is_not_for_is_no_hole(shelf):
    # Below one year of age nothing answers; `applies` leaves these patients out. Without it they are a hole.
    shelf.change(RISK, '    applies: {fact: age, at_least: "1 a"}\n', "")
    assert [text for _, text, _ in shelf.faults()] == ["no row answers for age < 1 a, wbc < 50"]


def test_a_first_hit_table_may_answer_twice_but_leaves_nobody_out(shelf):
    shelf.change(RISK, "hit: unique", "hit: first")
    shelf.change(RISK, 'wbc: "< 50"', "wbc: any")
    assert shelf.faults() == []
    shelf.change(RISK, 'age: ">= 10 a"', 'age: ">= 11 a"')
    assert [text for _, text, _ in shelf.faults()] == ["no row answers for age = 10 a, wbc < 50"]
