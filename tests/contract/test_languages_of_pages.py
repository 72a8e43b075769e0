"""The explanation page in Spanish: knowledge texts as far as they are translated, and what waits for a reviewer says so."""

import re
from dataclasses import replace

import pytest

from service.cards.languages import load_wordings
from service.web.app import create_app

PAGE = "/explain?as_of=2026-11-22&known_by=2026-11-22"
ASK = "CD22 on blasts by flow cytometry, on a specimen taken after the last CD22-directed therapy"
PREGUNTA = "CD22 en los blastos por citometría de flujo, en una muestra posterior a la última terapia dirigida a CD22"


@pytest.fixture
def page(client, bundle):
    def read(language, of=client):
        answer = of.post(
            PAGE,
            data=bundle("adult-first-relapse-cd22-unknown"),
            content_type="application/json",
            headers={"Accept-Language": language},
        )
        assert answer.status_code == 200
        assert answer.headers["Content-Language"] == language
        return answer.get_data(as_text=True)

    return read


def test_in_spanish_the_translated_texts_stand_instead_of_the_english_ones(page):
    spanish = page("es")
    assert PREGUNTA in spanish
    assert ASK not in spanish
    assert "LLA de precursores B CD19 positiva y Ph negativa en recaída o refractaria" in spanish
    assert "La hipersensibilidad conocida a blinatumomab o a un componente es una contraindicación." in spanish


def test_in_spanish_what_was_read_stands_in_spanish_too(page):
    spanish = page("es")
    assert "BCR::ABL1 por FISH: negativo" in spanish
    assert "blastos en médula ósea 83 %" in spanish
    for english in ("birth date<", "relapse recorded<", "stated: ", "stated, ", "marrow blasts "):
        assert f"<bdi>{english}" not in spanish, english


def test_the_console_shows_cards_in_the_language_that_was_chosen(client, bundle):
    form = {"text": bundle("adult-first-relapse").decode(), "language": "es"}
    assert "cumple los criterios de" in client.post("/", data=form, headers={"Accept-Language": "en"}).get_data(as_text=True)


def test_in_english_they_stand_as_they_are(page):
    english = page("en")
    assert ASK in english
    assert PREGUNTA not in english


def test_what_nobody_has_translated_is_marked_as_english(page):
    assert re.search(r'<span lang="en"><bdi>Further criteria of this trial were not read', page("es"))


def test_a_service_without_translations_shows_and_marks_the_english_text(service, page):
    library = replace(service.rules.library, translations={})
    bare = create_app(replace(service, rules=replace(service.rules, library=library))).test_client()
    assert f'<span lang="en"><bdi>{ASK}</bdi></span>' in page("es", bare)


def test_the_spanish_page_says_that_its_words_wait_for_a_reviewer(page):
    remark = load_wordings()["es"].not_reviewed
    assert remark in page("es")
    assert remark not in page("en")
