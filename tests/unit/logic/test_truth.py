"""Kleene's tables, all nine pairs written out."""

import pytest

from service.logic.truth import Truth, all_of, any_of, truth_of

NO, UNKNOWN, YES = Truth.NO, Truth.UNKNOWN, Truth.YES


@pytest.mark.parametrize(
    ("one", "other", "conjunction", "disjunction"),
    [
        (NO, NO, NO, NO),
        (NO, UNKNOWN, NO, UNKNOWN),
        (NO, YES, NO, YES),
        (UNKNOWN, NO, NO, UNKNOWN),
        (UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN),
        (UNKNOWN, YES, UNKNOWN, YES),
        (YES, NO, NO, YES),
        (YES, UNKNOWN, UNKNOWN, YES),
        (YES, YES, YES, YES),
    ],
)
def test_and_and_or_follow_kleene(one, other, conjunction, disjunction):
    assert (one & other) is conjunction
    assert (one | other) is disjunction


@pytest.mark.parametrize(("truth", "opposite"), [(NO, YES), (UNKNOWN, UNKNOWN), (YES, NO)])
def test_the_opposite_of_unknown_is_unknown(truth, opposite):
    assert ~truth is opposite


@pytest.mark.parametrize("truth", list(Truth))
def test_a_truth_refuses_to_be_a_bool(truth):
    with pytest.raises(TypeError, match=r"compare with `is Truth\.YES`"):
        bool(truth)


@pytest.mark.parametrize(("answer", "truth"), [(True, YES), (False, NO), (None, UNKNOWN)])
def test_no_answer_is_unknown_and_not_no(answer, truth):
    assert truth_of(answer) is truth


@pytest.mark.parametrize(
    ("truths", "conjunction", "disjunction"),
    [
        ([], YES, NO),
        ([UNKNOWN], UNKNOWN, UNKNOWN),
        ([YES, UNKNOWN, YES], UNKNOWN, YES),
        ([YES, UNKNOWN, NO], NO, YES),
        ([NO, UNKNOWN], NO, UNKNOWN),
    ],
)
def test_one_no_decides_all_of_and_one_yes_decides_any_of(truths, conjunction, disjunction):
    assert all_of(truths) is conjunction
    assert any_of(iter(truths)) is disjunction


@pytest.mark.parametrize(("truth", "word"), [(NO, "no"), (UNKNOWN, "unknown"), (YES, "yes")])
def test_the_words_are_those_of_the_assessment(truth, word):
    assert truth.word == word
