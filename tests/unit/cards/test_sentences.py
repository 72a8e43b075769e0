"""What knowledge alone says is written once, and is the sentence of that row and of no other."""

import itertools

from service.cards.sentences import Around, Once, Sentences
from service.knowledge.schema import Verification


def test_a_row_is_told_once_and_equal_rows_are_two_rows():
    numbers = itertools.count(1)
    once: Once[list[str], int] = Once(lambda _row: next(numbers))
    one, other = ["row"], ["row"]
    assert [once(one), once(other), once(one)] == [1, 2, 1]


def test_a_row_that_nobody_else_keeps_does_not_lend_its_identity_to_another():
    once: Once[list[int], int] = Once(lambda row: row[0])
    assert [once([number]) for number in range(100)] == list(range(100))


def test_a_sentence_may_have_no_place_one_or_two():
    assert [Around.of(text).filled("x") for text in ("none", "a \x00 b", "\x00 and \x00")] == ["none", "a x b", "x and x"]


def test_a_caution_says_its_level_its_text_and_that_it_was_not_verified(make, library, wording):
    sentences = Sentences(library, wording, {})
    sure, unsure = make.caution("one").caution, make.caution("two", mark="M").caution
    assert sure.verification is Verification.VERIFIED
    assert "caution one" in sentences.caution(sure).holds
    assert wording.therapy.mark not in sentences.caution(sure).holds
    assert wording.therapy.mark in sentences.caution(unsure).holds


def test_texts_are_said_in_the_language_where_they_are_translated(make, library, wording):
    sentences = Sentences(library, wording, {"caution one": "precaución uno"})
    assert "precaución uno" in sentences.caution(make.caution("one").caution).holds
    assert "caution two" in sentences.caution(make.caution("two").caution).holds


def test_sources_are_shared_and_differ_where_anything_of_them_differs(library, wording):
    sentences, topic = Sentences(library, wording, {}), wording.topics.gaps
    one = sentences.source("Label", None, topic)
    assert sentences.source("Label", None, topic) is one
    assert sentences.source("Label", "https://a.example/x", topic).url == "https://a.example/x"
    assert sentences.source("Label", None, wording.topics.trial).to_wire()["topic"] != one.to_wire()["topic"]
