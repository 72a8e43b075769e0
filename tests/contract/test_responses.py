"""What every answer with cards must satisfy, whoever the patient is."""

import json
import re

import pytest
from fhir.resources.R4B import get_fhir_model_class

from tests.contract.cds_hooks_checker import response_faults
from tests.contract.stored import PATIENTS, stored_patient


@pytest.fixture(scope="module", params=PATIENTS)
def cards_of_story(request, client):
    """The cards for one story, on the day and for all regulators that can be asked."""
    answer = client.post(
        "/assess?format=cards&as_of=2026-11-22&regulators=EMA,FDA,AEMPS",
        data=stored_patient(request.param),
        content_type="application/fhir+json",
    )
    assert answer.status_code == 200, answer.data
    return answer.json


def test_inferno_shapes(cards_of_story):
    assert response_faults(cards_of_story) == []


def test_ch_c_03_card_139_140(cards_of_story):
    for card in cards_of_story["cards"]:
        assert len(card["summary"]) <= 139
        assert "\n" not in card["summary"]


def test_ch_c_06_only_contradictions_are_warnings_and_nothing_is_critical(cards_of_story):
    for card in cards_of_story["cards"]:
        is_conflict = card["source"]["topic"]["code"] == "allcontradictions"
        assert card["indicator"] == ("warning" if is_conflict else "info")


def test_ch_c_04_detail_no_html_escaped(cards_of_story):
    for card in cards_of_story["cards"]:
        assert not re.search(r"(?<!\\)<[a-z/!]|!\[", card["detail"], re.IGNORECASE)


def test_ch_s_04_each_suggestion_has_one_action_and_any_number_may_be_taken(cards_of_story):
    for card in cards_of_story["cards"]:
        for suggestion in card.get("suggestions", []):
            assert len(suggestion["actions"]) == 1
            assert suggestion["uuid"]
            assert card["selectionBehavior"] == "any"


def test_ch_s_06_every_created_resource_is_valid_fhir(cards_of_story):
    for resource in resources(cards_of_story):
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)


def test_ch_s_09_created_orders_are_drafts_of_this_patient_without_a_dose(cards_of_story):
    for resource in resources(cards_of_story):
        assert resource["subject"]["reference"].startswith("Patient/")
        assert "dosageInstruction" not in resource
        if resource["resourceType"] == "Observation":
            assert resource["status"] == "preliminary"
        else:
            assert (resource["status"], resource["intent"]) == ("draft", "proposal")


def resources(document):
    return [
        action["resource"]
        for card in document["cards"]
        for suggestion in card.get("suggestions", [])
        for action in suggestion["actions"]
    ]


def test_the_words_of_cards_advise_and_never_order(cards_of_story):
    for card in cards_of_story["cards"]:
        said = card["summary"] + card["detail"] + json.dumps(card.get("suggestions", []))
        assert not re.search(r"(^|[.:*-] )(give|administer|start|prescribe)\b|patient has no", said, re.IGNORECASE)


def test_ch_e_02_every_card_names_the_state_of_knowledge(cards_of_story):
    for card in cards_of_story["cards"]:
        trace = card["extension"]["all-cds.trace"]
        assert trace["knowledgeVersion"]
        assert trace["knowledgeDigest"].startswith("sha256:")


def test_ch_c_02_ids_are_new_in_each_answer(post_hook, hook_call):
    seen = [card["uuid"] for _ in range(5) for card in post_hook(hook_call()).json["cards"]]
    assert len(set(seen)) == len(seen)


def test_ch_c_09_topic_code_static(post_hook, hook_call):
    codes = [[card["source"]["topic"]["code"] for card in post_hook(hook_call()).json["cards"]] for _ in range(2)]
    assert codes[0] == codes[1]
    assert all(re.fullmatch(r"[A-Za-z0-9]{1,100}", code) for code in codes[0])


def test_links_stripped_card_still_complete(cards_of_story):
    for card in cards_of_story["cards"]:
        assert "](" not in card["detail"]


def test_ch_c_30_at_most_six_reasons_with_display(cards_of_story):
    for card in cards_of_story["cards"]:
        assert 1 <= len(card["overrideReasons"]) <= 6
        assert all(reason["code"] and reason["system"] and reason["display"] for reason in card["overrideReasons"])
