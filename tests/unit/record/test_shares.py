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
