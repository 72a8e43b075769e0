"""What knowledge alone says is written once, and is the sentence of that row and of no other."""

import itertools

from service.cards.gap_sentences import GapSentences
from service.cards.product import Products
from service.cards.sentences import Around, Once, Sentences
from service.knowledge.schema import OrderCode, Verification


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


def test_what_a_product_says_is_put_together_once_for_each_set_of_rows_met(make, library, wording, monkeypatch):
    monkeypatch.setattr("service.cards.product._MOST", 2)
    products = Products(Sentences(library, wording, {}), library)
    both = list(make.verdicts(make.therapy(regulators=("EMA", "FDA"))))
    alone, rows = both[:1], [row for verdict in both for row in verdict.indications]
    first = products.of(both, rows)
    assert products.of(both, rows) is first
    assert first.source_label == "EMA label of examplomab"
    assert wording.listing(["EMA", "FDA"]) in first.headline.summary
    other = products.of(alone, rows[:1])
    assert (len(first.rows), len(other.rows)) == (2, 1)
    assert wording.listing(["EMA", "FDA"]) not in other.headline.summary
    products.of(list(make.verdicts(make.therapy("another"))), rows[:1])
    assert products.of(alone, rows[:1]) == other  # forgotten where there was no more room, and the same again


def test_an_order_of_what_is_missing_is_told_by_its_code(wording):
    sentences = GapSentences(wording, lambda text: text)
    one, other = (OrderCode(system="http://loinc.org", code=code, display="CD22") for code in ("0-0", "1-1"))
    assert sentences.order("CD22", one) is sentences.order("CD22", one)
    for code in (one, other):
        coding = {"system": "http://loinc.org", "code": code.code, "display": "CD22"}
        assert sentences.order("CD22", code).concept == {"coding": [coding], "text": "CD22"}
