"""The catalogues: the same keys in every language, each text filled in as its page does; anything else stops the start."""

from functools import partial

import pytest

from service.cards.languages import LANGUAGES, load_wordings
from service.consultation.timeline import _ORDER
from service.errors import KnowledgeError
from service.knowledge.schema import Verification
from service.web.pages.words import FOLDER, load_words
from tests.changed_words import with_changed


@pytest.fixture
def folder_with(tmp_path):
    return partial(with_changed, FOLDER, tmp_path)


def faults_of(folder):
    with pytest.raises(KnowledgeError) as raised:
        load_words(folder)
    return raised.value.message


def test_every_language_is_read():
    assert load_words().keys() == set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_missing_text_stops_the_start(folder_with, language):
    assert "levels_axis" in faults_of(folder_with(language, "  levels_axis:", "  # levels_axis:"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_extra_text_stops_the_start(folder_with, language):
    assert "surplus" in faults_of(folder_with(language, "  levels_axis:", '  surplus: "x"\n  levels_axis:'))


def test_a_text_that_is_filled_in_with_something_else_stops_the_start(folder_with):
    assert "which" in faults_of(folder_with("es", '  kilometres: "{name} km"', '  kilometres: "{which} km"'))


def test_a_text_that_leaves_out_what_is_filled_in_stops_the_start(folder_with):
    assert "kilometres" in faults_of(folder_with("es", '  kilometres: "{name} km"', '  kilometres: "km"'))


def test_a_key_of_a_table_in_one_language_only_stops_the_start(folder_with):
    assert "course.kinds.report" in faults_of(folder_with("es", '    report: "Informe"\n', ""))


@pytest.mark.parametrize("language", LANGUAGES)
def test_clinical_words_of_the_pages_own_stop_the_start(folder_with, language):
    said = faults_of(folder_with(language, "\nvalues:\n", "\nterms: {}\nvalues:\n"))
    assert f"words/{language}.yaml:" in said
    assert f"wording.{language}.yaml" in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_say_what_the_cards_say(language):
    wording, terms = load_wordings()[language], load_words()[language].terms
    assert terms.facts == wording.facts
    assert terms.gaps == wording.gaps.gaps
    assert terms.summary == wording.profile.summary
    assert load_words()[language].profile.not_found == wording.gaps.gaps["not-recorded"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_the_document_has_a_text(language):
    words = load_words()[language]
    assert words.course.kinds.keys() == set(_ORDER)
    assert words.marks.verification.keys() == {state.value for state in Verification}
    assert words.marks.short.keys() == words.marks.verification.keys()
    assert words.therapies.truths.keys() == words.therapies.caution_truths.keys() == {"yes", "no", "unknown"}
    assert words.therapies.verdicts.keys() == {"on-label", "not-on-label", "undetermined", "not-approved"}
    assert words.trials.openness.keys() == {"yes", "no", "not-yet", "stale", "unknown"}
    assert words.risk.states.keys() == {"decided", "open", "reported", "not-applicable", "not-encoded"}
    assert words.evidence.outcomes.keys() == {"response", "mrd", "survival", "median"}


@pytest.mark.parametrize(
    ("language", "same"),
    [("en", "the record matches the criteria of a label"), ("es", "la historia cumple ahora los criterios de una ficha técnica")],
)
def test_of_the_drug_of_a_trial_the_page_says_what_the_card_says(language, same):
    assert same in load_wordings()[language].trial.on_label
    assert same in load_words()[language].trials.on_label.lower()


@pytest.mark.parametrize(
    ("fact", "words"),
    [
        ("mrd_percent", "EMR"),
        ("relapse_status", "Recaída"),
        ("prior_allo_hsct", "AloTPH previo"),
        ("gvhd_active", "EICR activa"),
        ("vod_history", "Antecedente de EVO"),
        ("cns_status", "Estado del SNC"),
    ],
)
def test_spanish_uses_the_abbreviations_of_spanish_haematology(fact, words):
    assert load_words()["es"].terms.facts[fact] == words


def test_spanish_names_the_disease():
    assert load_words()["es"].terms.values["bcp-all"] == "leucemia linfoblástica aguda de precursores B"
