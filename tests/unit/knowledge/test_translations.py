"""Translated texts of knowledge files: none without its English text, none with another number, the terms of cards and pages."""

import re
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from service.errors import KnowledgeError
from service.knowledge.loader import DATA, load_library
from tests.case_runners.knowledge import shipped_rules

TERMS = yaml.safe_load((Path(__file__).parents[1] / "cards" / "terms.yaml").read_text(encoding="utf-8"))["terms"]


@pytest.fixture(scope="module")
def rules():
    return shipped_rules()


@pytest.fixture(scope="module")
def texts(rules):
    return rules.library.translations["es"].texts


def every_text(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, BaseModel):
        for part in value.__dict__.values():
            yield from every_text(part)
    elif isinstance(value, dict):
        for part in value.values():
            yield from every_text(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from every_text(part)


def has(text, terms):
    return any(re.search(rf"(?<!\w){re.escape(term)}(?!\w)", text, 0 if term.isupper() else re.IGNORECASE) for term in terms)


def test_no_translation_outlives_its_english_text(rules, texts):
    library = rules.library
    shelves = (library.therapies, library.asks, library.evidence, library.questions, library.trials)
    known = {text for shelf in shelves for row in shelf.values() for text in every_text(row)}
    assert sorted(set(texts) - known) == []


def test_everything_that_may_be_asked_for_is_translated(rules, texts):
    assert sorted({row.ask for row in rules.library.asks.values()} - set(texts)) == []


def test_every_open_question_is_translated(rules, texts):
    questions = rules.library.questions.values()
    assert sorted({text for row in questions for text in (row.question, row.line)} - set(texts)) == []


def test_every_title_criterion_and_arm_of_a_trial_is_translated(rules, texts):
    versions = [version for trial in rules.library.trials.values() for version in trial.versions]
    said = {row.text for version in versions for part in (version, *version.arms) for row in part.criteria}
    said |= {text for version in versions for arm in version.arms for text in (arm.name, arm.text, arm.otherwise) if text}
    said |= {trial.title for trial in rules.library.trials.values()}
    assert sorted(said - set(texts)) == []


def test_every_line_about_a_study_is_translated(rules, texts):
    studies = (study for evidence in rules.library.evidence.values() for study in evidence.studies)
    assert sorted({study.line for study in studies if study.line} - set(texts)) == []


def test_every_criterion_and_shown_caution_of_a_therapy_is_translated(rules, texts):
    therapies = rules.library.therapies.values()
    said = {row.says for therapy in therapies for row in therapy.indications}
    said |= {c.text for therapy in therapies for row in therapy.indications for v in row.versions for c in v.criteria}
    shown = {"contraindication", "boxed-warning"}
    said |= {c.text for therapy in therapies for c in therapy.cautions if c.level in shown or c.on_card or c.test is not None}
    assert sorted(said - set(texts)) == []


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term["en"][0])
def test_knowledge_uses_the_terms_of_cards_and_pages(texts, term):
    assert [(one, other) for one, other in texts.items() if has(one, term["en"]) and not has(other, term["es"])] == []


def words(*forms):
    return re.compile(rf"\b({'|'.join(forms)})\b", re.IGNORECASE)


def test_what_the_english_text_denies_the_spanish_denies(texts):
    denies = words("no", "not", "none", "cannot", "without", "neither", "nor", "exclude[ds]?", "unless")
    negates = words(
        "no", "ni", "sin", "ningun[oa]", "ningún", "excluid[oa]s?", "excluye", "excluyó", "descarta(n|d[oa]s?)", "salvo"
    )
    assert [(one, other) for one, other in texts.items() if denies.search(one) and not negates.search(other)] == []


def test_nothing_is_added_that_denies(texts):
    negates = words("no", "ni", "ninguna?", "ningún", "nunca", "sin")
    denies = words("no", "not", "none", "non-.*", "cannot", "without", "off", "un(controlled|treated|fit|resolved)")
    assert [(one, other) for one, other in texts.items() if negates.search(other) and not denies.search(one)] == []


def test_nothing_tells_anybody_to_give_something(texts):
    forms = (r"administr\w+", "adminístrese", "dar", "dé", "darle", "prescriba", "inicie", "interrumpa", "retrase")
    imperative = words(*forms, "debe recibir")
    assert [text for text in texts.values() if imperative.search(text)] == []


def test_a_product_is_recognised_by_its_drafted_text_in_every_language(rules):
    # Drafted orders keep the English text, by which the reader of orders knows the product.
    for therapy in rules.library.therapies.values():
        assert therapy.suggestion.text not in rules.library.translations["es"].texts or therapy.suggestion.text == therapy.name


def test_an_untranslated_text_is_shown_as_it_is(rules, texts):
    assert "obecabtagene autoleucel" in {therapy.name for therapy in rules.library.therapies.values()}
    assert "obecabtagene autoleucel" not in texts


def test_what_waits_for_a_reviewer_is_counted(rules, texts):
    assert rules.library.translations["es"].waiting == len(texts)


# ---------------------------------------------------------------- files


def faults_with(tmp_path, *files):
    folder = tmp_path / "ours"
    (folder / "translations").mkdir(parents=True)
    for number, text in enumerate(files):
        (folder / "translations" / f"more-{number}.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(KnowledgeError) as raised:
        load_library(DATA, extra=(folder,))
    return raised.value.message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("language: es\nreview: translated\ntexts: {'18 years or more': '81 años o más'}\n", "a number differs"),
        ("language: es\nreview: translated\ntexts: {'0.1 % of cells': '0,1 % de las células'}\n", "a number differs"),
        ("language: es\nreview: translated\ntexts: {'one': ''}\n", "ours/translations/more-0.yaml:3"),
        ("language: fr\nreview: translated\ntexts: {}\n", "`fr` is not allowed"),
        ("language: es\nreview: perhaps\ntexts: {}\n", "`perhaps` is not allowed"),
        ("language: es\nreview: translated\ntexts: {'Sex': 'Género'}\n", "translated twice"),
        ("language: es\nreview: translated\nsources: [NOWHERE]\ntexts: {'One': 'Uno'}\n", "'NOWHERE' is not on file"),
    ],
)
def test_a_faulty_translation_stops_the_start(tmp_path, text, said):
    assert said in faults_with(tmp_path, text)


def test_a_site_brings_translations_of_its_own(tmp_path):
    folder = tmp_path / "ours"
    (folder / "translations").mkdir(parents=True)
    (folder / "translations" / "more.yaml").write_text(
        "language: es\nreview: reviewed\ntexts: {'A text of ours': 'Un texto nuestro', 'Sex': 'Sexo'}\n", encoding="utf-8"
    )
    found = load_library(DATA, extra=(folder,)).translations["es"]
    assert found.texts["A text of ours"] == "Un texto nuestro"
