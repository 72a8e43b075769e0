"""The Spanish words of the cards: the same keys and fillings as the English ones, the right terms, the same restraint."""

import re
import shutil
from pathlib import Path
from string import Formatter

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from cds_hooks.override_reasons import SYSTEM
from service.cards.compose import CardWriter
from service.cards.languages import FOLDER, LANGUAGES, load_wordings
from service.cards.parts import TRACE
from service.cards.shortening import shorten_safely
from service.errors import KnowledgeError
from service.facts import every_fact
from service.facts.catalogue import CATALOGUE
from service.logic.fact import Gap
from service.web.pages.words import load_words

TERMS = yaml.safe_load(Path(__file__).with_name("terms.yaml").read_text(encoding="utf-8"))["terms"]
# What is said in both languages alike, and is no sentence: names of genes, tests and scores, and words that are the same.
THE_SAME = {
    *("no", "CD19", "CD22", "BCR::ABL1 (Ph)", "Ph-like", "ETV6::RUNX1", "TCF3::PBX1", "TCF3::HLF", "iAMP21", "IKZF1plus"),
    *("PAX5alt", "PAX5 P80R", "ECOG", "Karnofsky", "Lansky", "QTc (ms)", "Diabetes", "KMT2A::AFF1"),
    *("Ph+", "Ph−", "Ph ?", "CD19+", "CD19−", "CD19 ?", "CD22+", "CD22−", "CD22 ?"),
    "- {facility}, {city}, {country}, {kilometres} km",
    "× 10⁹/L",
}


def leaves(one, other, place=()):
    """The texts of two catalogues that stand under the same key."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in one.keys() & other.keys():
            yield from leaves(one[name], other[name], (*place, name))
    elif isinstance(one, list | tuple) and isinstance(other, list | tuple):
        for number, (left, right) in enumerate(zip(one, other, strict=False)):
            yield from leaves(left, right, (*place, number))
    elif isinstance(one, str) and isinstance(other, str) and place[-1] not in {"fact", "beside"}:
        yield place, one, other


def as_written(language):
    return yaml.safe_load((FOLDER / f"wording.{language}.yaml").read_text(encoding="utf-8"))


def sentences(language="es"):
    return [text for place, text, _ in leaves(as_written(language), as_written(language)) if place[0] != "never_cut_off"]


def without_fillings(text):
    return "".join(literal for literal, _, _, _ in Formatter().parse(text))


def has(text, terms):
    return any(re.search(rf"(?<!\w){re.escape(term)}(?!\w)", text, 0 if term.isupper() else re.IGNORECASE) for term in terms)


def both_languages():
    """Every text of cards and pages in both languages, without the names that are filled in."""
    cards = leaves(as_written("en"), as_written("es"))
    pages = leaves(*(load_words()[language].model_dump() for language in LANGUAGES))
    pairs = [(one, other) for place, one, other in (*cards, *pages) if place[0] != "never_cut_off"]
    return [(without_fillings(one), without_fillings(other)) for one, other in pairs]


@pytest.fixture
def spanish():
    return load_wordings()["es"]


# ---------------------------------------------------------------- the file


@pytest.fixture
def changed(tmp_path):
    """The files of the words with one text of the Spanish one replaced."""

    def build(old, new):
        for path in FOLDER.glob("wording.*.yaml"):
            shutil.copy(path, tmp_path)
        file = tmp_path / "wording.es.yaml"
        text = file.read_text(encoding="utf-8")
        assert text.count(old) == 1, old
        file.write_text(text.replace(old, new), encoding="utf-8")
        return tmp_path

    return build


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        pytest.param("true_word:", "# true_word:", "true_word", id="a key is missing"),
        pytest.param("true_word:", "true_wrd: x\ntrue_word:", "true_wrd", id="a key too many"),
        pytest.param('  hiv: "VIH"', "", "facts.hiv", id="a row of a table is missing"),
        pytest.param('  hiv: "VIH"', '  hiv: "VIH"\n  hiv2: "VIH-2"', "facts.hiv2", id="a row of a table too many"),
        pytest.param("a fecha de {as_of}, con", "a fecha de hoy, con", "{as_of}", id="what is filled in is left out"),
        pytest.param('{name}: contraindicación registrada"]', '{name}: {what}"]', "{what}", id="filled with what nobody knows"),
        pytest.param('more: "y {count} más"', 'more: ""', "empty in one", id="an empty sentence"),
        pytest.param("language: es", "language: en", "the es translation", id="another language"),
        pytest.param("review: translated", "review: reference", "the es translation", id="a second reference"),
        pytest.param("    - fact: cd19", "    - fact: cd20", "the fact cd19", id="another fact in the line of the profile"),
        pytest.param("beside: relapse_status", "beside: relapse_date", "the fact relapse_status", id="another fact beside it"),
        pytest.param("  sites_heading:", "  sites: 9\n  sites_heading:", "`sites` holds no words", id="a number of its own"),
        pytest.param('{display: "Ensayos', '{code: other, display: "Ensayos', "`code` holds no words", id="a topic's code"),
        pytest.param('  action-completed: "Ya está hecho"', "", "action-completed", id="a reason without words"),
        pytest.param(', "{name}: cumple criterios de {regulators}"]', "]", "2 are wanted, 1", id="a shorter list"),
        pytest.param('more: "y', "more: yes #", "bare `yes`", id="a word that YAML reads as a boolean"),
    ],
)
def test_a_fault_in_the_translation_stops_the_start_with_file_and_line(changed, old, new, said):
    with pytest.raises(KnowledgeError) as raised:
        load_wordings(changed(old, new))
    faults = [str(fault) for fault in raised.value.faults]
    assert any(said in fault and re.match(r"wording\.es\.yaml:\d+", fault) for fault in faults), faults


def test_a_review_takes_the_remark_from_the_footer(changed):
    reviewed = load_wordings(changed("review: translated", "review: reviewed"))["es"]
    assert reviewed.not_reviewed not in reviewed.footer_of("2031-05-06", "2031.1")


def test_what_nobody_has_reviewed_says_so_on_every_card(spanish, wording):
    assert spanish.footer_of("2031-05-06", "2031.1").endswith("sin revisión clínica: la referencia es el original en inglés.")
    assert wording.footer_of("2031-05-06", "2031.1").endswith("no order is placed by this card.")


def test_the_languages_differ_in_words_alone(spanish, wording):
    for part in ("facts", "asked", "when_true", "recorded_systems", "longest_summary"):
        assert getattr(spanish.profile, part) == getattr(wording.profile, part)
    assert [topic.code for _, topic in spanish.topics] == [topic.code for _, topic in wording.topics]


# ---------------------------------------------------------------- the words


def test_no_english_sentence_is_left():
    same = {
        text
        for place, text, other in leaves(as_written("en"), as_written("es"))
        if place[0] != "never_cut_off" and text == other and re.search(r"[^\W\d_]", without_fillings(text))
    }
    assert same - THE_SAME == set()


def test_no_spanish_sentence_tells_anybody_to_give_something():
    imperative = re.compile(
        r"\b(administr(ar|e|en|a)|dar|dé|den|darle|adminístre(se|le)|prescrib(ir|a|an)|inici(ar|e|en)|deb(e|ería) recibir)\b",
        re.IGNORECASE,
    )
    assert [text for text in sentences() if imperative.search(text)] == []


def test_ch_f_24_in_spanish_too_nothing_is_said_to_be_absent_from_the_patient(spanish):
    denial = re.compile(r"paciente no (tiene|ha|presenta)|no se le ha|nunca (tuvo|ha tenido)", re.IGNORECASE)
    assert [text for text in sentences() if denial.search(text)] == []
    assert spanish.gaps.gaps["not-recorded"] == spanish.not_found == "no consta en los datos recibidos"


def test_a_product_matches_criteria_in_spanish_too(spanish):
    words = spanish.therapy
    said = (words.summary, words.summary_contraindicated, *words.shorter)
    assert all("cumple" in text and "criterios" in text for text in said)


def test_ch_c_04_no_markup_stands_in_the_spanish_words():
    assert [text for text in sentences() if re.search(r"<[a-z/!]|!\[|^\|", text, re.IGNORECASE)] == []


def test_every_fact_and_gap_has_a_spanish_name(spanish):
    every_fact()
    assert sorted(set(CATALOGUE) - set(spanish.facts)) == []
    assert set(spanish.gaps.gaps) == {gap.value for gap in Gap}


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term["en"][0])
def test_cards_and_pages_use_the_spanish_term(term):
    wrong = [pair for pair in both_languages() if has(pair[0], term["en"]) and not has(pair[1], term["es"])]
    assert wrong == []


def test_the_table_of_terms_is_about_words_that_are_used():
    texts = [english for english, _ in both_languages()]
    assert [term["en"][0] for term in TERMS if not any(has(text, term["en"]) for text in texts)] == []


@pytest.mark.parametrize(
    ("items", "phrase"),
    [
        ([], ""),
        (["EMA"], "EMA"),
        (["EMA", "FDA", "AEMPS"], "EMA, FDA y AEMPS"),
        (["blinatumomab", "inotuzumab ozogamicina"], "blinatumomab e inotuzumab ozogamicina"),
        (["Edad", "Infección activa"], "Edad e Infección activa"),
        (["Edad", "Hipersensibilidad"], "Edad e Hipersensibilidad"),
        (["calcio", "hierro"], "calcio y hierro"),
    ],
)
def test_spanish_lists_read_as_phrases(spanish, items, phrase):
    assert spanish.listing(items) == phrase


def test_ch_c_31_reasons_keep_code_and_system_in_every_language(library, spanish, wording):
    in_spanish, in_english = (CardWriter.of(library, words, 10).reasons for words in (spanish, wording))
    assert [(row.code, row.system) for row in in_spanish] == [(row.code, row.system) for row in in_english]
    assert {row.system for row in in_spanish} == {SYSTEM}
    assert [row.display for row in in_spanish] == [spanish.reason_words[code] for code in wording.override_reasons]


def test_the_trace_names_the_language(library, consultation, spanish):
    answer = CardWriter.of(library, spanish, 10).write(consultation)
    traces = [dict(card.extension)[TRACE] for card in answer.cards]
    assert [trace["language"] for trace in traces if isinstance(trace, dict)] == ["es"] * len(answer.cards)


# ---------------------------------------------------------------- shortened

SPANISH = load_wordings()["es"]
KEPT = frozenset(SPANISH.never_cut_off)
WORDS = st.sampled_from(
    [*sorted(KEPT), "inotuzumab", "ozogamicina", "la", "historia", "cumple", "criterios", "EMA", "CD22", "?", "recaída", "14"]
)
TEXTS = st.lists(st.tuples(WORDS, st.sampled_from([" ", " ", " ", ", ", "; ", ": "])), min_size=1, max_size=40).map(
    lambda parts: "".join(word + joint for word, joint in parts).rstrip(" ,;:")
)


def said(text):
    return [word for word in re.findall(r"[^\W\d_]+|\S", text.lower()) if word in KEPT]


@given(TEXTS, st.integers(60, 139))
def test_no_spanish_word_that_denies_or_warns_is_ever_lost(text, longest):
    short = shorten_safely(text, longest, KEPT, "Tema")
    assert len(short) <= longest
    assert short == "Tema" or said(short) == said(text)


@pytest.mark.parametrize(
    "word",
    ["no", "sin", "ni", "salvo", "solo", "contraindicación", "contradice", "confirmado", "desconocido", "podría", "ningún"],
)
def test_what_denies_restricts_or_warns_in_spanish_is_kept(word):
    text = f"Brexucabtagén autoleucel: la historia cumple los criterios de EMA y de AEMPS; esto y aquello {word} lo otro"
    short = shorten_safely(text, 80, SPANISH.never_cut_off, "Tema")
    assert short == "Tema" or word in short.split()


def test_english_that_stays_in_a_spanish_card_keeps_its_denials(wording):
    assert set(wording.never_cut_off) <= KEPT


@pytest.mark.parametrize(
    "sentence",
    sorted(
        {text for _, _, text in leaves(as_written("en"), as_written("es")) if re.search(r"\b(no|sin|ni|nunca|salvo)\b", text)}
    ),
)
def test_every_denying_sentence_of_ours_keeps_its_denial_when_cut(sentence):
    text = f"{sentence} y muchas palabras más que no caben de ningún modo en un resumen"
    short = shorten_safely(text, 60, SPANISH.never_cut_off, "Tema")
    assert short == "Tema" or said(short) == said(text)
