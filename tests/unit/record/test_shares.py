"""Limits of a share that words tell: the words stand in the knowledge files, none in the reader."""

from decimal import Decimal

import pytest

from service.logic.interval import Interval
from service.record.shares import Shares

FIVE = Decimal(5)
SAID = {
    "below": Interval(None, FIVE, high_inclusive=False),
    "at_least": Interval(FIVE, None),
    "above": Interval(FIVE, None, low_inclusive=False),
}


def _words(rules):
    return [(part, word) for part in SAID for word in rules.library.words[part]]


def test_each_word_on_file_sets_the_limit_of_its_list(rules):
    shares = Shares(rules.library.words)
    assert {word: shares.percent_in(f"{word} 5 %") for _, word in _words(rules)} == {
        word: SAID[part] for part, word in _words(rules)
    }


def test_accents_may_be_left_out(rules):
    assert Shares(rules.library.words).percent_in("mas de 5 %") == SAID["above"]


@pytest.mark.parametrize("word", ["no", "not", "nicht"])
def test_a_limit_that_is_denied_is_no_limit_above(rules, word):
    shares = Shares(rules.library.words)
    assert shares.percent_in(f"{word} more than 5 %") == Interval.point(FIVE)
    assert "more than" in shares.without_percentages(f"{word} more than 5 %")


def test_without_the_words_on_file_only_signs_set_limits(rules):
    shares = Shares({**rules.library.words, **dict.fromkeys(SAID, ("beyond all",))})
    assert {shares.percent_in(f"{word} 5 %") for _, word in _words(rules)} == {Interval.point(FIVE)}
    assert shares.percent_in("> 5 %") == SAID["above"]


@pytest.mark.parametrize("text", ["5 {} 10 %", "5{}10%"])
def test_each_word_on_file_stands_between_two_ends_of_a_range(rules, text):
    shares, words = Shares(rules.library.words), rules.library.words["range_to"]
    assert {word: shares.percent_in(text.format(word)) for word in words} == dict.fromkeys(words, Interval(FIVE, Decimal(10)))


def test_each_word_on_file_stands_in_front_of_a_denominator(rules):
    words = rules.library.words
    shares, million = Shares(words), words["million"]
    of = [*words["one_in"], *(f"{word} {each}" for word in words["one_in"] for each in words["each"])]
    many = [*million, *(f"{one} {word}" for one in words["one"] for word in million)]
    assert {shares.count_in(f"5 {word} 1000")[0] for word in of} == {Interval.point(Decimal("0.5"))}
    assert {shares.count_in(f"5 {word} {cells}")[0] for word in of for cells in many} == {Interval.point(Decimal("0.0005"))}


def test_a_range_that_falls_is_none(rules):
    shares = Shares(rules.library.words)
    assert shares.percent_in("0.1 to 0.01 %") is None
    assert shares.percent_in("0.1 to 0.1 %") == Interval.point(Decimal("0.1"))


def test_what_is_counted_is_no_percentage(rules):
    shares = Shares(rules.library.words)
    assert {shares.count_in(f"5 {word} of 1000") for word in rules.library.words["percent"]} == {(None, False)}
    assert shares.count_in("5 cells of 1000") == (Interval.point(Decimal("0.5")), True)


def test_without_the_words_on_file_no_word_parts_numbers(rules):
    shares = Shares({**rules.library.words, **dict.fromkeys(("range_to", "one_in", "million"), ("beyond all",))})
    assert shares.percent_in("5 to 10 %") == Interval.point(Decimal(10))
    assert shares.count_in("5 per 1000") == shares.count_in("5/million") == (None, False)
    assert shares.count_in("5/1000")[0] == Interval.point(Decimal("0.5"))
