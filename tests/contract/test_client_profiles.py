"""Every stored patient under every profile: the same advice, in the shape that this client can take."""

import json
from dataclasses import replace
from datetime import date

import pytest

from service.assembly import read_question
from service.cards.choice import EVERYTHING
from service.cards.profiles import client_profiles
from service.cards.shaping import shape
from service.clients.issuers import Caller
from service.settings import Settings
from service.web.app import create_app
from service.web.client_profiles import choice_for, may_ask_other_days, profile_of_the_call
from tests.contract.cds_hooks_checker import response_faults
from tests.contract.stored import HOOK, PATIENTS, stored_patient, stored_request

DAY = {"as_of": "2026-11-22", "known_by": "2026-11-22", "regulators": "EMA,FDA,AEMPS"}


@pytest.fixture(scope="module", params=PATIENTS)
def answers(request, service):
    """The answer for one story under each profile."""
    question = read_question(DAY, service.settings, date(2026, 11, 22))
    consultation = service.consult_bundle(stored_patient(request.param), question)
    return {
        name: shape(service.cards.write(consultation, choice=choice_for(profile, EVERYTHING)), profile, service.wording).to_wire()
        for name, profile in client_profiles().items()
    }


def advice(document):
    """What is advised: topics with the rules behind them."""
    return [
        (card["source"]["topic"]["code"], [rule["id"] for rule in card["extension"]["all-cds.trace"].get("rules", [])])
        for card in document["cards"]
    ]


def test_every_client_gets_the_same_advice_up_to_its_cap(answers):
    whole = advice(answers["generic20"])
    for name, profile in client_profiles().items():
        assert advice(answers[name]) == whole[: profile.most_cards]


def test_inferno_shapes_under_every_profile(answers):
    for document in answers.values():
        assert response_faults(document) == []


def test_ch_c_03_each_client_gets_summaries_that_it_has_room_for(answers):
    for name, profile in client_profiles().items():
        assert all(len(card["summary"]) <= profile.longest_summary for card in answers[name]["cards"])


def test_what_warns_in_a_summary_warns_in_the_short_one(answers):
    for wide, narrow in zip(answers["generic20"]["cards"], answers["oracle10"]["cards"], strict=False):
        for word in ("contraindication", "contradicts", "not confirmed", "Missing"):
            assert (word in wide["summary"]) == (word in narrow["summary"])


def test_ch_l_05_links_stripped_card_still_complete(answers):
    for card in answers["oracle10"]["cards"]:
        bare = {name: part for name, part in card.items() if name != "links"}
        assert response_faults({"cards": [bare]}) == []
        for link in card.get("links", []):
            assert link["url"] not in card["detail"]
            assert card["source"].get("url") == link["url"]  # what it leads to is named where nothing is stripped


def test_ch_c_13_the_text_names_what_a_suggestion_would_do(answers):
    # A client that takes no suggestions: each product and test that others may draft is named in words.
    for wide, narrow in zip(answers["generic20"]["cards"], answers["oracle10"]["cards"], strict=False):
        for suggestion in wide.get("suggestions", []):
            resource = suggestion["actions"][0]["resource"]
            named = resource.get("medicationCodeableConcept", resource.get("code"))["text"]
            if resource["resourceType"] == "ServiceRequest" and wide["source"]["topic"]["code"] == "allmissingdata":
                assert named in narrow["detail"]
        assert narrow["detail"] == wide["detail"] or "Held back" in narrow["detail"]


def test_plain_text_has_no_markup(answers):
    for card in answers["epic-plain"]["cards"]:
        assert "**" not in card["detail"]


# ---------------------------------------------------------------- whose profile it is


@pytest.mark.parametrize("name", ["epic", "oracle", "sandbox", "inferno", "3.0"])
def test_the_setting_chooses_the_profile_of_an_open_service(client_with, name):
    answer = client_with(client_profile=name).post(
        HOOK, data=stored_request("adult-first-relapse-patient-view"), content_type="application/json"
    )
    assert answer.status_code == 200
    assert response_faults(answer.json) == []
    assert all(("overrideReasons" in card) == (name != "oracle") for card in answer.json["cards"])


@pytest.mark.parametrize(("of_the_caller", "expected"), [("oracle", "oracle10"), ("", "epic")])
def test_the_word_on_the_caller_comes_before_the_setting(service, of_the_caller, expected):
    settings = replace(service.settings, client_profile="epic")
    app = create_app(replace(service, settings=settings))
    with app.test_request_context(HOOK):
        from flask import g  # noqa: PLC0415 - only inside a request

        g.caller = Caller(client=None, name="Hospital", client_profile=of_the_caller)  # type: ignore[arg-type]
        assert profile_of_the_call(settings) is client_profiles()[expected]


@pytest.mark.parametrize(
    ("profile", "leave", "may"),
    [("development", None, True), ("production", None, False), ("production", False, False), ("production", True, True)],
)
def test_another_day_is_asked_in_production_only_by_leave(service, profile, leave, may):
    app = create_app(service)
    with app.test_request_context(HOOK):
        from flask import g  # noqa: PLC0415

        if leave is not None:
            g.caller = Caller(client=None, name="Hospital", other_days=leave)  # type: ignore[arg-type]
        assert may_ask_other_days(Settings(profile=profile)) is may


@pytest.mark.parametrize(("name", "status"), [("epic", 200), ("generic20", 400)])
def test_ch_b_04_feedback_of_a_lenient_client_is_taken_where_others_are_refused(client_with, name, status):
    body = {
        "feedback": [
            {
                "card": "00000000-0000-4000-8000-000000000000",
                "outcome": "accepted",
                "outcomeTimestamp": "2026-11-22T10:00:00Z",
            }
        ]
    }
    client = client_with(client_profile=name, feedback_strict=True)
    answer = client.post(f"{HOOK}/feedback", data=json.dumps(body), content_type="application/json")
    assert answer.status_code == status
