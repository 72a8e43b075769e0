"""What prefetch lacks and the record system's FHIR server has: fetched key by key, with the token of the call."""

import json

import pytest
from flask import g

from tests.contract.fhir_fallback.one_record import NOT_FETCHED, NOT_RECEIVED, PATIENT, TYPES, lacking, lines
from tests.contract.stored import HOOK
from tests.contract.test_prefetch_states import WORDS
from tests.stand_ins.record_server import OUTCOME, TOKEN

# ---------------------------------------------------------------- what is asked


@pytest.mark.parametrize("key", TYPES)
def test_ch_f_20_exactly_the_missing_key_is_asked_for(ask, whole, server, without_ids, key):
    answer = ask(lacking(whole, key))
    assert server.types_asked == [TYPES[key]]
    assert without_ids(answer.json) == without_ids(ask(whole).json)
    (_, _, headers) = server.asked[0]
    assert (headers["Authorization"], headers["Accept"]) == (f"Bearer {TOKEN}", "application/fhir+json")


def test_ch_f_20_nothing_is_asked_for_when_nothing_is_missing(ask, whole, server):
    assert ask(whole).status_code == 200
    assert server.asked == []


def test_ch_f_23_fhir_alone_gives_the_cards_of_prefetch_alone(ask, whole, server, without_ids):
    alone = {name: value for name, value in whole.items() if name != "prefetch"}
    answer = ask(alone)
    assert server.types_asked == sorted(TYPES.values())
    assert len(answer.json["cards"]) > 1
    assert without_ids(answer.json) == without_ids(ask(whole).json)


@pytest.mark.parametrize("value", [None, OUTCOME], ids=["ch_f_02 null", "ch_f_07 a failure of the client"])
def test_ch_f_02_ch_f_07_what_the_client_has_answered_is_not_asked_again(ask, whole, server, value):
    whole["prefetch"]["procedures"] = value
    assert ask(whole).status_code == 200
    assert server.asked == []


def test_ch_f_05_a_search_that_finds_nothing_is_known_to_be_empty(ask, whole, server):
    server.resources = [resource for resource in server.resources if resource["resourceType"] != "Specimen"]
    answer = ask(lacking(whole, "specimens"))
    assert lines(answer, NOT_FETCHED) == lines(answer, NOT_RECEIVED) == ""


def test_the_request_id_of_the_call_goes_with_every_query(ask, whole, server, client_with):
    application = client_with(fhir_servers=(server.address,), fhir_private_addresses=True, **PATIENT).application

    @application.before_request
    def name_it():
        g.request_id = "request-7"

    application.test_client().post(HOOK, data=json.dumps(lacking(whole, "procedures")), content_type="application/json")
    assert [headers["X-Request-Id"] for _, _, headers in server.asked] == ["request-7"]


# ---------------------------------------------------------------- drugs that are only pointed at


@pytest.fixture
def pointing(whole, server):
    """The call with its dose pointing at a drug, which the server alone holds. `pointer`: what stands in the dose."""

    def change(**pointer):
        (entry,) = whole["prefetch"]["medicationadministrations"]["entry"]
        concept = entry["resource"].pop("medicationCodeableConcept")
        entry["resource"]["medicationReference"] = {"reference": "Medication/brexu", **pointer}
        server.resources.append({"resourceType": "Medication", "id": "brexu", "code": concept})
        return whole

    return change


def test_ch_h_06_a_drug_that_is_only_pointed_at_is_read(ask, whole, server, without_ids, pointing):
    expected = without_ids(ask(json.loads(json.dumps(whole))).json)
    assert without_ids(ask(pointing()).json) == expected
    assert [path for path, _, _ in server.asked] == ["Medication/brexu"]


def test_ch_f_13_a_drug_at_an_absolute_address_of_the_server_is_read_too(ask, whole, server, without_ids, pointing):
    expected = without_ids(ask(json.loads(json.dumps(whole))).json)
    assert without_ids(ask(pointing(reference=f"{server.address}/Medication/brexu")).json) == expected


def test_a_drug_of_the_record_is_not_asked_for(ask, server, pointing):
    body = pointing()
    drug = {"resource": server.resources[-1], "search": {"mode": "include"}}
    body["prefetch"]["medicationadministrations"]["entry"].append(drug)
    assert ask(body).status_code == 200
    assert server.asked == []


def test_a_drug_that_nobody_can_name_leaves_its_kind_of_data_unknown(ask, server, pointing):
    body = pointing(reference="Medication/lost")
    assert WORDS["medicationadministrations"] in lines(ask(body), NOT_FETCHED)
    body.pop("fhirServer")
    body.pop("fhirAuthorization")
    assert WORDS["medicationadministrations"] in lines(ask(body), NOT_RECEIVED)


def test_a_drug_whose_pointer_says_its_name_is_known_without_being_read(ask, server, pointing):
    body = pointing(reference="Medication/lost", display="brexucabtagene autoleucel")
    answer = ask(body)
    assert lines(answer, NOT_FETCHED) == lines(answer, NOT_RECEIVED) == ""
