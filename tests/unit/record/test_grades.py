"""Strengths of antigens: the words stand in the knowledge files, none in the reader."""

import pytest

from service.record.grades import Grades


def test_each_word_on_file_is_a_positive(rules):
    grades = Grades(rules.library.words)
    assert {grades.as_answers(f"CD22 {word}") for word in rules.library.words["grades"]} == {"CD22  positive "}


def test_what_stands_between_two_strengths_is_left_out(rules):
    assert Grades(rules.library.words).as_answers("CD22 partial to moderately expressed") == "CD22 partial moderately expressed"


@pytest.mark.parametrize("text", ["CD22 dim", "CD22 moderately", "with moderate CD22", "bright expression of CD22"])
def test_what_tells_no_strength_behind_an_antigen_is_none(rules, text):
    assert Grades(rules.library.words).as_answers(text) is None


def test_without_the_words_on_file_nothing_is_one(rules):
    assert Grades({**rules.library.words, "grades": ("so and so",)}).as_answers("CD22 moderate") is None
