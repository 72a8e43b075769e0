"""What fails leaves its own key unknown, and what was not received is no absence."""

import json
from datetime import date

import pytest

from cds_hooks import decode_request
from service.assembly import read_question
from service.decisions.numbered import not_recorded
from service.web.offered import offered
from service.web.prefetch import receive
from tests.contract.fhir_fallback.one_record import NOT_FETCHED, TYPES, lacking, lines, outcomes
from tests.contract.stored import stored_request
from tests.contract.test_prefetch_states import REQUIRED, WORDS
from tests.stand_ins.record_server import OUTCOME

# ---------------------------------------------------------------- failures, key by key

FAILURES = {
    "ch_a_10 401": (401, "refused"),
    "ch_a_10 403": (403, "refused"),
    "404": (404, "not-found"),
    "410": (410, "not-found"),
    "400": (400, "rejected"),
    "429": (429, "busy"),
    "503": (503, "busy"),
    "500": (500, "server-error"),
    "an outcome": (OUTCOME, "failed"),
    "html": (b"<!DOCTYPE html><title>Log in</title>", "unreadable"),
    "no json": (b'{"resourceType": "Bundle", "entry": [', "unreadable"),
    "truncated": ("truncate", "unreachable"),
    "dropped": ("drop", "unreachable"),
    "a gzip bomb": ("bomb", "too-large"),
    "history": ({"resourceType": "Bundle", "type": "history"}, "failed"),
}


@pytest.mark.parametrize(("fault", "outcome"), FAILURES.values(), ids=FAILURES)
def test_ch_a_10_ch_f_26_what_fails_leaves_its_own_key_unknown(ask, whole, server, client, fault, outcome):
    server.faults["Procedure"] = fault
    before = outcomes(client, outcome)
    answer = ask(lacking(whole, "procedures", "allergies"))
    assert answer.status_code == 200
    assert lines(answer, NOT_FETCHED).count(WORDS["procedures"]) == 1
    assert WORDS["allergies"] not in lines(answer, NOT_FETCHED)
    assert outcomes(client, outcome) == before + 1


@pytest.mark.parametrize("status", [401, 403])
def test_ch_a_10_a_refusal_is_not_tried_again(ask, whole, server, status):
    server.faults["Procedure"] = [status]
    ask(lacking(whole, "procedures"))
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(("seconds", "tries"), [("0", 2), ("", 1), ("3600", 1)])
def test_a_busy_server_is_asked_once_more_where_its_time_fits(ask, whole, server, status, seconds, tries):
    server.faults["Procedure"] = [status]
    server.retry_after = seconds
    answer = ask(lacking(whole, "procedures"))
    assert len(server.asked) == tries
    assert (WORDS["procedures"] in lines(answer, NOT_FETCHED)) is (tries == 1)


def test_a_server_that_stays_busy_is_not_asked_a_third_time(ask, whole, server):
    server.faults["Procedure"] = 429
    server.retry_after = "0"
    ask(lacking(whole, "procedures"))
    assert len(server.asked) == 2


@pytest.mark.parametrize("fault", ["stall", "linger", "dribble"])
def test_ch_f_26_ch_o_02_the_answer_goes_out_when_the_time_is_over(ask, whole, server, fault):
    server.faults["Procedure"] = fault
    answer = ask(lacking(whole, "procedures", "allergies"), fetch_seconds=3.0)
    assert "Procedure" in server.types_asked
    assert server.waited_out == 0  # one that dribbles would go on for ever
    assert WORDS["procedures"] in lines(answer, NOT_FETCHED)
    assert WORDS["allergies"] not in lines(answer, NOT_FETCHED)


@pytest.mark.parametrize("key", REQUIRED)
@pytest.mark.parametrize("fault", [403, "stall", "truncate"])
def test_ch_f_21_a_required_key_that_can_be_had_neither_way_is_412(ask, whole, server, is_outcome, key, fault):
    server.faults[TYPES[key]] = fault
    said = is_outcome(ask(lacking(whole, key), fetch_seconds=0.5), 412)["diagnostics"]
    assert key in said
    assert "could not be fetched" in said


def test_ch_f_22_a_record_that_has_nothing_is_no_412(ask, whole, server):
    server.resources = [resource for resource in server.resources if resource["resourceType"] == "Patient"]
    answer = ask({name: value for name, value in whole.items() if name != "prefetch"})
    assert (answer.status_code, answer.json) == (200, {"cards": []})


def test_ch_f_21_without_leave_to_fetch_a_required_key_is_412(ask, whole, server, is_outcome):
    del whole["fhirAuthorization"]
    assert "could not be fetched" not in is_outcome(ask(lacking(whole, "conditions")), 412)["diagnostics"]
    assert server.asked == []


# ---------------------------------------------------------------- what was not received is no absence


@pytest.mark.parametrize(("key", "assumed"), [("allergies", True), ("procedures", False), ("medicationadministrations", False)])
def test_ch_f_24_no_trial_takes_what_was_not_received_for_absent(service, key, assumed):
    """What is assumed of an earlier transplant, where neither it nor its lack is recorded."""
    body = json.loads(stored_request("newly-diagnosed-adult-in-induction-patient-view"))
    request = decode_request(json.dumps(lacking(body, key)).encode())
    asked = offered().find("all-immunotherapy", "patient-view")
    assert asked is not None
    received = receive(request, asked, service.rules.vocabulary.terms)
    question = read_question({}, service.settings, date(2026, 11, 22))
    consultation = service.consult_prefetch(received.resources, request.context.patient_id, received.unavailable, question)
    assert not_recorded(consultation.facts["prior_allo_hsct"]) is assumed
