"""A stored patient through the whole service, over the hook and over the document: the same answer on every way."""

import json
from datetime import date

import pytest

from service.assembly import build_service
from service.settings import Settings
from service.web import assess, hooks
from service.web.app import create_app
from tests.contract.stored import HOOK, stored_patient, stored_request

DAY = date(2026, 11, 22)


class _Day(date):
    """The day on which the stored calls are made."""

    @classmethod
    def today(cls):
        return DAY


@pytest.fixture(scope="module")
def client():
    return create_app(build_service(Settings())).test_client()


@pytest.fixture
def cards_of(client, monkeypatch):
    monkeypatch.setattr(hooks, "date", _Day)

    def call(name):
        answer = client.post(HOOK, data=stored_request(f"{name}-patient-view"), content_type="application/json")
        assert answer.status_code == 200, answer.data
        return answer.json["cards"]

    return call


@pytest.fixture
def assessment_of(client, monkeypatch):
    monkeypatch.setattr(assess, "date", _Day)

    def ask(name, query="?regulators=EMA,AEMPS"):
        answer = client.post(f"/assess{query}", data=stored_patient(name), content_type="application/fhir+json")
        assert answer.status_code == 200, answer.data
        return answer.json

    return ask


STORIES = [
    "adult-first-relapse",
    "adult-first-relapse-cd22-unknown",
    "adult-cd19-not-retested-after-car-t",
    "adult-ph-positive-two-tki-failed-no-alternative",
    "child-second-relapse",
    "child-standard-risk-recorded-but-white-count-88",
    "newly-diagnosed-adult-in-induction",
    "nothing-but-a-diagnosis",
    "aml",
]


SHORT = {
    "blinatumomab": "BLI",
    "inotuzumab-ozogamicin": "INO",
    "tisagenlecleucel": "TIS",
    "brexucabtagene-autoleucel": "BRX",
    "obecabtagene-autoleucel": "OBE",
    "varnimcabtagene-autoleucel": "ARI",
}
"""How indication ids name the products."""


@pytest.mark.parametrize("story", STORIES)
def test_every_on_label_product_has_a_card_and_no_other_has(cards_of, assessment_of, story):
    on_label = {entry["product"] for entry in assessment_of(story)["therapies"] if entry["verdict"] == "on-label"}
    shown = {
        rule["id"].split("-")[1]
        for card in cards_of(story)
        if "rules" in card["extension"]["all-cds.trace"]
        for rule in card["extension"]["all-cds.trace"]["rules"]
        if "effective" in rule
    }
    assert shown == {SHORT[product] for product in on_label}


@pytest.mark.parametrize("story", STORIES)
def test_the_hook_and_the_bundle_lead_to_the_same_summaries(cards_of, client, monkeypatch, story):
    monkeypatch.setattr(assess, "date", _Day)
    answer = client.post("/assess?format=cards", data=stored_patient(story), content_type="application/json")
    assert [card["summary"] for card in cards_of(story)] == [card["summary"] for card in answer.json["cards"]]


def test_an_adult_in_first_relapse_sees_profile_therapies_and_no_warning(cards_of):
    # therapies.md 1.1, 1.3, 1.5, 1.6: E-BLI-2a, E-INO-1a, E-BRX-1, E-OBE-1 for an adult of 45, Ph-, CD19+, CD22+, relapsed
    cards = cards_of("adult-first-relapse")
    assert cards[0]["summary"] == "B-ALL, Ph−, first relapse, CD19+, CD22+, 45 y"
    assert [card["indicator"] for card in cards] == ["info"] * len(cards)
    assert {card["summary"].split(":")[0] for card in cards[1:5]} == {
        "Blinatumomab",
        "Inotuzumab ozogamicin",
        "Brexucabtagene autoleucel",
        "Obecabtagene autoleucel",
    }


def test_cd22_that_nobody_tested_is_asked_for_with_a_draft_order(cards_of):
    # therapies.md E-INO-1a needs CD22; asks.yaml: the test that answers it
    cards = cards_of("adult-first-relapse-cd22-unknown")
    gaps = next(card for card in cards if card["source"]["topic"]["code"] == "allmissingdata")
    assert "CD22" in gaps["summary"]
    assert "inotuzumab ozogamicin (EMA)" in gaps["detail"]
    codes = [
        action["resource"]["code"]["coding"][0]["code"] for suggestion in gaps["suggestions"] for action in suggestion["actions"]
    ]
    assert "51124-6" in codes


def test_a_recorded_group_that_the_data_contradict_is_a_warning_and_stands_first(cards_of):
    # risk-and-relapse.md 3.1 row 6: 3 years at diagnosis, white cells 88.5: HR; the record says SR
    first = cards_of("child-standard-risk-recorded-but-white-count-88")[0]
    assert first["indicator"] == "warning"
    assert "SR" in first["detail"]
    assert "HR" in first["detail"]


def test_another_leukaemia_gets_silence(cards_of, assessment_of):
    assert cards_of("aml") == []
    document = assessment_of("aml")
    assert (document["therapies"], document["trials"]) == ([], [])


def test_a_failed_key_is_named_and_never_read_as_nothing_given(client, cards_of):
    body = stored_request("adult-first-relapse-patient-view-failed-key")
    assert json.loads(body)["prefetch"]["medicationadministrations"]["resourceType"] == "OperationOutcome"
    answer = client.post(HOOK, data=body, content_type="application/json")
    assert "medications given" in answer.json["cards"][0]["detail"]
    assert "medications given" not in cards_of("adult-first-relapse")[0]["detail"]
