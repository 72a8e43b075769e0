"""The words of the cards: checked when they are read, and kept in the tone of a service that advises and never orders."""

import re

import pytest

from service.cards.languages import LANGUAGES, load_wordings
from service.cards.wording import FILE, load_wording
from service.errors import KnowledgeError
from service.facts import every_fact
from service.facts.catalogue import CATALOGUE
from service.logic.fact import Gap


def sentences(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from sentences(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from sentences(part)


def changed(tmp_path, old, new):
    text = FILE.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "wording.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def test_no_sentence_tells_anybody_to_give_something(wording):
    imperative = re.compile(r"\b(give|administer|prescribe|start|must receive|should receive)\b", re.IGNORECASE)
    assert [text for text in sentences(wording.model_dump()) if imperative.search(text)] == []


def test_ch_f_24_what_was_not_found_is_never_said_to_be_absent_from_the_patient(wording):
    denial = re.compile(r"patient has no|has not been|does not have|was never", re.IGNORECASE)
    assert [text for text in sentences(wording.model_dump()) if denial.search(text)] == []
    assert wording.gaps.gaps["not-recorded"] == "not found in the data received"


def test_ch_c_04_no_raw_html_no_image_no_table_stands_in_the_words(wording):
    markup = re.compile(r"<[a-z/!]|!\[|^\|", re.IGNORECASE)
    assert [text for text in sentences(wording.model_dump()) if markup.search(text)] == []


def test_every_fact_has_a_short_name(wording):
    every_fact()
    assert sorted(set(CATALOGUE) - set(wording.facts)) == []


def test_every_fact_that_the_profile_names_exists(wording):
    every_fact()
    profile = wording.profile
    named = {*profile.facts, *profile.asked, *profile.when_true, *(part.fact for part in profile.summary)}
    assert sorted(named - set(CATALOGUE)) == []


def test_every_gap_has_its_words(wording):
    assert set(wording.gaps.gaps) == {gap.value for gap in Gap}


def test_ch_c_30_at_most_six_reasons_are_offered(wording):
    assert 1 <= len(wording.override_reasons) <= 6


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        pytest.param("{version}", "{edition}", "edition", id="a name that is never filled in"),
        pytest.param("true_word:", "true_words:", "true_word", id="a misspelt key"),
        pytest.param("more: ", "more: yes #", "bare `yes`", id="a word that YAML reads as a boolean"),
    ],
)
def test_a_fault_in_the_words_stops_the_start_and_names_the_place(tmp_path, old, new, said):
    with pytest.raises(KnowledgeError) as raised:
        load_wording(changed(tmp_path, old, new))
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("items", "phrase"),
    [([], ""), (["EMA"], "EMA"), (["EMA", "FDA"], "EMA and FDA"), (["EMA", "FDA", "AEMPS"], "EMA, FDA and AEMPS")],
)
def test_lists_read_as_phrases(wording, items, phrase):
    assert wording.listing(items) == phrase


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_fact_is_called_by_a_name_with_a_comma(language):
    # names stand in lists between commas
    assert [name for name, called in load_wordings()[language].facts.items() if "," in called] == []
