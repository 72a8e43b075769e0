"""The criteria on the card of a product: each says of what was read for it what the profile says of that."""

import pytest

from service.cards.compose import CardWriter
from service.cards.languages import load_wordings


def detail(cards, code):
    (card,) = [card for card in cards if card["source"]["topic"]["code"] == code]
    return card["detail"]


def with_cd19(consultation, make, fact, facts=("cd19",)):
    """The consultation with this CD19, and a product one of whose criteria reads these facts."""
    (verdict,) = make.verdicts(make.therapy())
    (row,) = verdict.indications
    row = make.replace(row, details=make.replace(row.details, criteria=(make.criterion("CD19", facts=facts),)))
    asked = make.replace(verdict, indications=(row,))
    return make.replace(consultation, facts={**consultation.facts, "cd19": fact}, therapies=(asked,))


@pytest.mark.parametrize(
    ("flags", "line"),
    [
        pytest.param((), "- CD19 is as wanted: CD19 positive (2031-04-02)", id="nothing to say"),
        pytest.param(
            ("stale-specimen",), "- CD19 is as wanted: CD19 positive (2031-04-02) (the specimen is old)", id="an old specimen"
        ),
        pytest.param(
            ("dim", "engineering", "stale-specimen"),
            "- CD19 is as wanted: CD19 positive (2031-04-02) (dim, the specimen is old)",
            id="two, and one without words",
        ),
    ],
)
def test_a_criterion_says_of_what_was_read_what_the_profile_says_of_it(write, consultation, make, flags, line):
    fact = make.known("positive", (make.seen("Observation/3", "CD19 positive"),), flags=flags)
    cards = write(with_cd19(consultation, make, fact))
    assert line in detail(cards, "allexamplomab01").splitlines()
    assert ("the specimen is old" in detail(cards, "allleukaemiaprofile")) == ("stale-specimen" in flags)


def test_a_criterion_that_reads_several_facts_says_each_word_once_and_of_known_facts_alone(write, consultation, make):
    fact = make.known("positive", (make.seen("Observation/3", "CD19 positive"),), flags=("stale-specimen", "preliminary"))
    other = with_cd19(consultation, make, fact, ("cd19", "relapse_count", "ph", "nowhere"))
    facts = {
        **other.facts,
        "relapse_count": make.unknown().flagged("undated"),
        "ph": make.known("negative", (make.seen("Observation/2", "FISH"),), flags=("preliminary",)),
    }
    lines = detail(write(make.replace(other, facts=facts)), "allexamplomab01").splitlines()
    assert "- CD19 is as wanted: CD19 positive (2031-04-02); FISH (2031-04-02) (the specimen is old, preliminary result)" in lines


def test_a_criterion_of_which_nothing_is_shown_has_its_words_too(write, consultation, make):
    cards = write(with_cd19(consultation, make, make.known("positive", flags=("undated",))))
    assert "- CD19 is as wanted (undated)" in detail(cards, "allexamplomab01").splitlines()


def test_a_criterion_says_in_every_language_that_the_specimen_is_old(library, consultation, make):
    cd19 = make.known("positive", (make.seen("Observation/3", "CD19 positive"),), flags=("stale-specimen",))
    asked = make.replace(consultation, facts={**consultation.facts, "cd19": cd19})
    for language, line in (
        ("en", "- CD19 is as wanted: CD19 positive (2031-04-02) (the specimen is old)"),
        ("es", "- CD19 is as wanted: CD19 positivo (2031-04-02) (la muestra es antigua)"),
    ):
        cards = CardWriter.of(library, load_wordings()[language], 10).write(asked).cards
        assert any(line in (card.detail or "").splitlines() for card in cards), language
