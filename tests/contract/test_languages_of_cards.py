"""Every stored patient and call in each language: the same advice, other words; and whose word on the language counts."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from service.assembly import read_question
from service.cards.choice import EVERYTHING
from service.cards.languages import LANGUAGES
from service.cards.profiles import client_profiles
from service.cards.shaping import shape
from service.cli import main
from service.clients.issuers import Caller
from service.settings import Settings
from service.web import hooks
from service.web.app import create_app
from service.web.call_language import language_of_the_call
from service.web.client_profiles import choice_for
from tests.contract.cds_hooks_checker import response_faults
from tests.contract.stored import FIXTURES, HOOK, PATIENTS, REQUESTS, SERVICES, stored_patient, stored_request

TODAY = datetime(2026, 11, 22, tzinfo=UTC).date()
DAY = {"as_of": "2026-11-22", "known_by": "2026-11-22", "regulators": "EMA,FDA,AEMPS"}
OPTIONS = "all-cds.options"
TRACE = "all-cds.trace"


@pytest.fixture(autouse=True)
def on_the_day(monkeypatch):
    class Calendar:
        @staticmethod
        def today():
            return TODAY

    monkeypatch.setattr(hooks, "date", Calendar)


def without_words(value):
    """A resource without the texts that people read: codes and references are left."""
    if isinstance(value, dict):
        return {name: without_words(part) for name, part in value.items() if name != "text"}
    return [without_words(part) for part in value] if isinstance(value, list) else value


def advice(document):
    """Everything about cards but their words and ids."""
    return [
        {
            "topic": (card["source"]["topic"]["system"], card["source"]["topic"]["code"]),
            "source": card["source"].get("url"),
            "indicator": card["indicator"],
            "trace": {name: part for name, part in card["extension"][TRACE].items() if name != "language"},
            "selection": card.get("selectionBehavior"),
            "suggestions": [
                [(action["type"], without_words(action["resource"])) for action in suggestion["actions"]]
                for suggestion in card.get("suggestions", [])
            ],
            "links": [(link["type"], link["url"]) for link in card.get("links", [])],
            "reasons": [(reason["code"], reason["system"]) for reason in card.get("overrideReasons", [])],
            "paragraphs": card["detail"].count("\n"),
        }
        for card in document["cards"]
    ]


def cards_of(answer):
    return answer.to_wire()["cards"]


def languages_of(answer):
    return {card["extension"][TRACE]["language"] for card in answer["cards"]}


@pytest.mark.parametrize("patient", PATIENTS)
def test_every_patient_gets_the_same_advice_in_every_language(service, patient):
    consultation = service.consult_bundle(stored_patient(patient), read_question(DAY, service.settings, TODAY))
    whole = [service.cards_in(language).write(consultation).to_wire() for language in LANGUAGES]
    assert advice(whole[0]) == advice(whole[1])
    for name, profile in client_profiles().items():
        for language in LANGUAGES:
            writer = service.cards_in(language)
            answer = shape(writer.write(consultation, choice=choice_for(profile, EVERYTHING)), profile, writer.wording)
            assert response_faults(answer.to_wire()) == []
            for card in cards_of(answer):
                assert card["extension"][TRACE]["language"] == language
                assert len(card["summary"]) <= profile.longest_summary, (name, card["summary"])


@pytest.mark.parametrize("name", REQUESTS)
def test_every_call_gets_the_same_advice_in_every_language(client, name):
    sent = json.loads(stored_request(name))
    answers = [
        client.post(
            SERVICES[sent["hook"]], data=json.dumps(sent), content_type="application/json", headers={"Accept-Language": language}
        )
        for language in LANGUAGES
    ]
    assert answers[0].status_code == answers[1].status_code
    if answers[0].status_code == 200:
        assert advice(answers[0].json) == advice(answers[1].json)
        assert [languages_of(answer.json) for answer in answers] in ([{"en"}, {"es"}], [set(), set()])


def test_what_warns_in_a_summary_warns_in_the_short_one_in_spanish_too(service):
    said = {"contraindicación", "contradice", "no", "Podría"}
    writer, oracle = service.cards_in("es"), client_profiles()["oracle10"]
    for patient in PATIENTS:
        consultation = service.consult_bundle(stored_patient(patient), read_question(DAY, service.settings, TODAY))
        wide = cards_of(writer.write(consultation))
        short = writer.write(consultation, choice=choice_for(oracle, EVERYTHING))
        narrow = cards_of(shape(short, oracle, writer.wording))
        for one, other in zip(wide, narrow, strict=False):
            assert said & set(one["summary"].replace(":", " ").split()) == said & set(other["summary"].replace(":", " ").split())


# ---------------------------------------------------------------- whose word counts


@pytest.mark.parametrize(
    ("chosen", "entry", "setting", "header", "language"),
    [
        ("", None, "", "", "en"),
        ("", None, "", "fr, de;q=0.5", "en"),
        ("", None, "", "*", "en"),
        ("", None, "", "es", "es"),
        ("", None, "", "es-MX,es;q=0.9,en;q=0.8", "es"),
        ("", None, "", "fr, es;q=0.3, en;q=0.2", "es"),
        ("", None, "", "en-GB, es;q=0.9", "en"),
        ("", None, "", "en;q=0, es-AR;q=0.1", "es"),
        ("", None, "", "not; a, header;;", "en"),
        ("", None, "es", "en-US", "es"),
        ("", "", "es", "", "es"),
        ("", "en", "es", "es", "en"),
        ("", "es", "en", "en", "es"),
        ("en", "es", "es", "es", "en"),
        ("es", "en", "en", "en", "es"),
    ],
)
def test_whose_word_on_the_language_counts(service, chosen, entry, setting, header, language):
    app = create_app(service)
    with app.test_request_context(HOOK, headers={"Accept-Language": header} if header else {}):
        from flask import g  # noqa: PLC0415 - only inside a request

        if entry is not None:
            g.caller = Caller(client=None, name="Hospital", language=entry)  # type: ignore[arg-type]
        assert language_of_the_call(Settings(language=setting), chosen) == language


@pytest.mark.parametrize(
    ("value", "language", "not_used"),
    [
        ("es", "es", None),
        ("ES", "es", None),
        ("es-ES", "es", None),
        (" en ", "en", None),
        ("accept-language", "en", None),
        ("fr", "en", ["language"]),
        ("", "en", ["language"]),
        (["es"], "en", ["language"]),
        (7, "en", ["language"]),
        (None, "en", ["language"]),
    ],
)
def test_ch_o_12_a_call_chooses_its_language(post_hook, hook_call, value, language, not_used):
    body = {**hook_call(), "extension": {OPTIONS: {"language": value}}}
    answer = post_hook(body).json
    assert languages_of(answer) == {language}
    assert answer.get("extension", {}).get(OPTIONS, {}).get("notUsed") == not_used


def test_the_setting_is_announced_and_holds(client_with, hook_call):
    client = client_with(language="es")
    listed = client.get("/cds-services").json["services"][0]["extension"][OPTIONS]
    assert [option["default"] for option in listed if option["code"] == "language"] == ["es"]
    answer = client.post(HOOK, data=json.dumps(hook_call()), content_type="application/json")
    assert languages_of(answer.json) == {"es"}


def test_a_service_without_translations_answers_in_english(service, hook_call):
    client = create_app(replace(service, translated={})).test_client()
    answer = client.post(HOOK, data=json.dumps(hook_call()), content_type="application/json", headers={"Accept-Language": "es"})
    assert languages_of(answer.json) == {"en"}


def test_assess_writes_cards_in_the_language_that_is_asked_for(client, bundle, is_outcome):
    body = bundle("adult-first-relapse")
    ask = "/assess?format=cards&as_of=2026-11-22"
    assert languages_of(client.post(f"{ask}&language=es", data=body, content_type="application/json").json) == {"es"}
    assert languages_of(client.post(ask, data=body, content_type="application/json").json) == {"en"}
    refused = is_outcome(client.post(f"{ask}&language=fr", data=body, content_type="application/json"), 400)
    assert "language" in json.dumps(refused)


@pytest.mark.parametrize(
    ("arguments", "setting", "said"), [(["--language", "es"], "", "Datos"), ([], "es", "Datos"), ([], "", "Facts")]
)
def test_the_command_line_speaks_the_language_that_is_asked_for(capsys, monkeypatch, arguments, setting, said):
    monkeypatch.setenv("ALL_CDS_LANGUAGE", setting)
    file = str(FIXTURES / "patients" / "adult-first-relapse.json")
    assert main(["assess", file, "--as-of", "2026-11-22", "--format", "text", *arguments]) == 0
    assert f"\n{said}\n" in capsys.readouterr().out


def test_the_command_line_writes_spanish_cards(capsys):
    file = str(FIXTURES / "patients" / "adult-first-relapse.json")
    assert main(["assess", file, "--as-of", "2026-11-22", "--format", "cards", "--language", "es"]) == 0
    assert languages_of(json.loads(capsys.readouterr().out)) == {"es"}
