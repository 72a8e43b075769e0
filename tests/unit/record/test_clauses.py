"""Words that join clauses and stand in lists of antigens: they are those of the knowledge files, none is the reader's."""

import pytest

from service.record.clauses import marker_pattern
from service.record.phrases import Phrases

CD22 = marker_pattern(("CD22",), "[cs]?")


def _answer(phrases, text):
    return phrases.finding(text, CD22).answer


def test_each_word_on_file_ends_a_clause(rules):
    phrases, words = Phrases(rules.library.words), rules.library.words["and"]
    assert {_answer(phrases, f"CD22 positive {word} CD20 negative") for word in words} == {"positive"}
    assert {phrases.clauses.own_part(f"no CD10 {word} ") for word in words} == {" "}


def test_each_word_on_file_may_stand_in_a_list(rules):
    phrases, words = Phrases(rules.library.words), rules.library.words
    assert {_answer(phrases, f"positive for CD10, {word} CD22") for word in (*words["and"], *words["in_a_list"])} == {"positive"}


@pytest.mark.parametrize("text", ["CD22 positive and CD20 negative", "positive for CD10, or CD22", "CD10 and CD22 are positive"])
def test_without_the_words_on_file_no_word_joins(rules, text):
    without = {**rules.library.words, "and": ("beyond all",), "in_a_list": ("beyond all",), "around": ()}
    assert _answer(Phrases(without), text) != "positive"
