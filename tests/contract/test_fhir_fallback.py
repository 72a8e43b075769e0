"""What prefetch lacks and the record system's FHIR server has: fetched key by key, with the token of the call."""

import json
from datetime import date

import pytest
from flask import g

from cds_hooks import decode_request
from service.assembly import read_question
from service.decisions.numbered import not_recorded
from service.web.offered import offered
from service.web.prefetch import receive
from tests.contract.stored import HOOK, stored_patient, stored_request
from tests.contract.test_prefetch_states import REQUIRED, WORDS
from tests.stand_ins.record_server import OUTCOME, TOKEN, RecordServerStandIn, leave

TYPES = {
    "patient": "Patient",
    "conditions": "Condition",
    "observations": "Observation",
    "medicationrequests": "MedicationRequest",
    "medicationadministrations": "MedicationAdministration",
    "medicationstatements": "MedicationStatement",
    "medicationdispenses": "MedicationDispense",
    "procedures": "Procedure",
    "allergies": "AllergyIntolerance",
    "diagnosticreports": "DiagnosticReport",
    "specimens": "Specimen",
}
PATIENT = {"fetch_seconds": 60.0, "answer_seconds": 60.0}  # how busy this machine is decides nothing
STORY = "adult-cd19-not-retested-after-car-t"
NOT_FETCHED = "**Could not be fetched, or not in full**"
NOT_RECEIVED = "**Not received, or not in full**"


def resources(name=STORY):
    return [entry["resource"] for entry in json.loads(stored_patient(name))["entry"]]


@pytest.fixture
def server():
    with RecordServerStandIn(resources()) as stand_in:
        yield stand_in


@pytest.fixture
def whole(hook_call, server):
    """A call that lacks nothing, and names the server."""
    body = hook_call(STORY)
    body["prefetch"] = dict.fromkeys(TYPES) | body["prefetch"]
    body["fhirServer"] = server.address
    body["fhirAuthorization"] = leave()
    return body


@pytest.fixture
def ask(client_with, server):
    """The answer of a service that lists the server, and may call this machine."""

    def post(body, **settings):
        settings = {"fhir_servers": (server.address,), "fhir_private_addresses": True, **PATIENT} | settings
        return client_with(**settings).post(HOOK, data=json.dumps(body), content_type="application/json")

    return post


def lines(answer, begin):
    detail = next(card["detail"] for card in answer.json["cards"] if card["source"]["topic"]["code"] == "allleukaemiaprofile")
    return "".join(line for line in detail.splitlines() if line.startswith(begin))


def lacking(body, *keys):
    return body | {"prefetch": {key: value for key, value in body["prefetch"].items() if key not in keys}}


def outcomes(client, outcome):
    found = [line for line in client.get("/metrics").text.splitlines() if f'all_cds_fetches_total{{outcome="{outcome}"}}' in line]
    return float(found[0].rsplit(" ", 1)[1]) if found else 0.0


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


# ---------------------------------------------------------------- pages


def test_ch_f_08_pages_are_followed_until_there_is_no_next(ask, whole, server, without_ids):
    server.page_size = 1
    answer = ask(lacking(whole, "observations", "conditions"))
    assert {query.get("page") for _, query, _ in server.asked} >= {None, "1", "2"}
    assert without_ids(answer.json) == without_ids(ask(whole).json)


def test_ch_f_08_a_page_that_the_client_sent_is_followed_with_the_token(ask, whole, server, without_ids):
    all_of_them = whole["prefetch"]["observations"]["entry"]
    server.page_size = 2
    link = f"{server.address}/Observation?patient={STORY}&page=1"
    page = {"resourceType": "Bundle", "type": "searchset", "entry": all_of_them[:2], "link": [{"relation": "next", "url": link}]}
    answer = ask(whole | {"prefetch": whole["prefetch"] | {"observations": page}})
    assert [query["page"] for _, query, _ in server.asked] == [str(page) for page in range(1, -(-len(all_of_them) // 2))]
    assert without_ids(answer.json) == without_ids(ask(whole).json)


@pytest.mark.parametrize("limit", [{"fetch_pages": 2}, {"fetch_entries": 2}])
def test_ch_f_08_ch_f_26_pages_have_a_bound_and_what_is_cut_off_is_said(ask, whole, server, limit):
    server.page_size = 1
    answer = ask(lacking(whole, "observations"), **limit)
    assert len(server.asked) == 2
    assert "observations" in lines(answer, NOT_FETCHED)


@pytest.mark.parametrize(
    "link",
    ["{other}/fhir/r4/Observation?page=1", "{origin}/other/Observation?page=1", "{address}/../Observation?page=1", "file:///etc"],
)
def test_ch_f_08_ch_a_08_a_next_link_that_leads_elsewhere_is_not_followed(ask, whole, server, link):
    with RecordServerStandIn(resources()) as other:
        server.next_links["Observation"] = link.format(other=other.origin, origin=server.origin, address=server.address)
        answer = ask(lacking(whole, "observations"))
        assert other.asked == []
    assert len(server.asked) == 1
    assert "observations" in lines(answer, NOT_FETCHED)


def test_a_next_link_that_leads_in_a_circle_ends(ask, whole, server):
    server.next_links["Observation"] = f"{server.address}/Observation?patient={STORY}&page=0"
    assert "observations" in lines(ask(lacking(whole, "observations")), NOT_FETCHED)
    assert len(server.asked) == 2


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


# ---------------------------------------------------------------- looked through again


def test_ch_f_27_others_data_are_left_out_where_the_server_drops_the_parameter(ask, whole, server, without_ids):
    stranger = [
        resource | {"id": f"other-{resource['id']}", "subject": {"reference": "Patient/somebody-else"}}
        for resource in resources()
        if resource["resourceType"] in {"Observation", "Condition"}
    ]
    server.resources += stranger
    server.knows_patient = False
    answer = ask(lacking(whole, "observations", "conditions"))
    assert answer.status_code == 200
    assert without_ids(answer.json) == without_ids(ask(whole).json)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param({"subject": {"reference": "Patient/somebody-else"}}, False, id="somebody else's"),
        pytest.param({"subject": {"reference": "https://ehr.example/fhir/Patient/somebody-else"}}, False, id="by address"),
        pytest.param({"subject": {"reference": "Group/g"}}, False, id="a group's"),
        pytest.param({"resourceType": "Procedure"}, False, id="another type"),
        pytest.param({"subject": None}, True, id="nobody's"),
        pytest.param({"subject": {"display": "the patient"}}, True, id="not told by reference"),
        pytest.param({"id": 5, "subject": {"reference": "Patient/somebody-else"}}, False, id="somebody else's, and broken"),
    ],
)
def test_ch_f_27_a_resource_that_was_not_asked_for_is_left_out(ask, whole, server, without_ids, change, said):
    observation = next(resource for resource in resources() if resource["resourceType"] == "Observation")
    observation = observation | {"id": "stray", "code": {"coding": [{"system": "http://loinc.org", "code": "26515-7"}]}} | change
    entries = [{"resource": resource} for resource in resources() if resource["resourceType"] == "Observation"]
    server.faults["Observation"] = {"resourceType": "Bundle", "type": "searchset", "entry": [*entries, {"resource": observation}]}
    answer = ask(lacking(whole, "observations"))
    assert ("observations" in lines(answer, NOT_FETCHED)) is said
    if not said:
        assert without_ids(answer.json) == without_ids(ask(whole).json)


@pytest.mark.parametrize("other", [{"id": "somebody-else"}, {"resourceType": "Practitioner"}])
def test_ch_f_12_a_read_that_gives_another_resource_is_not_the_patient(ask, whole, server, is_outcome, other):
    server.faults["Patient"] = next(resource for resource in resources() if resource["resourceType"] == "Patient") | other
    is_outcome(ask(lacking(whole, "patient")), 412)


# ---------------------------------------------------------------- whose server, and with which leave


def test_ch_a_07_an_unregistered_server_is_not_called(ask, whole, server, capfd, monkeypatch):
    looked_up = []
    monkeypatch.setattr("socket.getaddrinfo", lambda *name, **_options: looked_up.append(name))
    whole["fhirServer"] = "https://elsewhere.example/fhir/SECRET-PATH"
    answer = ask(lacking(whole, "procedures"))
    assert answer.status_code == 200
    assert WORDS["procedures"] in lines(answer, NOT_RECEIVED)
    assert (server.asked, looked_up) == ([], [])
    written = "".join(capfd.readouterr())
    assert written.count("fhir-server-not-registered") == 1
    assert "elsewhere" not in written
    assert "SECRET-PATH" not in written


def test_ch_a_07_where_everybody_may_call_no_server_is_listed(ask, whole, server):
    ask(lacking(whole, "procedures"), fhir_servers=())
    assert server.asked == []


@pytest.mark.parametrize(
    "near", ["{origin}/fhir/r4/Patient", "{origin}/fhir", "{origin}/fhir/r4/../r4", "{origin}/fhir/r4/%2e%2e/x"]
)
def test_ch_a_07_another_path_is_another_server(ask, whole, server, near):
    whole["fhirServer"] = near.format(origin=server.origin)
    ask(lacking(whole, "procedures"))
    assert server.asked == []


def test_ch_a_07_a_slash_at_the_end_makes_no_other_server(ask, whole, server):
    whole["fhirServer"] += "/"
    ask(lacking(whole, "procedures"))
    assert server.types_asked == ["Procedure"]


def test_ch_a_08_a_private_address_is_called_only_where_that_is_set(ask, whole, server, client):
    before = outcomes(client, "address-refused")
    answer = ask(lacking(whole, "procedures"), fhir_private_addresses=False)
    assert server.asked == []
    assert WORDS["procedures"] in lines(answer, NOT_FETCHED)
    assert outcomes(client, "address-refused") == before + 1


def test_ch_a_08_a_redirect_to_another_host_is_not_followed(ask, whole, server, client):
    with RecordServerStandIn(resources()) as other:
        server.faults["Procedure"] = f"to {other.address}/Procedure?patient={STORY}"
        before = outcomes(client, "moved")
        ask(lacking(whole, "procedures"))
        assert other.asked == []
    assert outcomes(client, "moved") == before + 1


def test_ch_a_08_a_redirect_within_the_server_is_followed(ask, whole, server, without_ids):
    server.faults["Procedure"] = [f"to {server.address}/Procedure?patient={STORY}&moved=1"]
    answer = ask(lacking(whole, "procedures"))
    assert len(server.asked) == 2
    assert without_ids(answer.json) == without_ids(ask(whole).json)


def test_ch_a_08_redirects_have_an_end(ask, whole, server):
    server.faults["Procedure"] = f"to {server.address}/Procedure?patient={STORY}&again"
    ask(lacking(whole, "procedures"))
    assert len(server.asked) <= 3


def test_ch_r_04_in_production_a_server_without_encryption_is_refused(ask, whole, server, is_outcome):
    issue = is_outcome(_in_production(ask, lacking(whole, "procedures")), 400)
    assert "fhirServer" in issue["diagnostics"]
    assert server.asked == []


def _in_production(ask, body):
    """Ask as if callers were told apart elsewhere: who may call is not what is asked here."""
    from service.web import callers  # noqa: PLC0415 - only here

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(callers, "refuse_unsafe", lambda _settings: None)
        return ask(body, profile="production")


@pytest.mark.parametrize("member", ["access_token", "token_type", "expires_in", "scope", "subject"])
def test_ch_a_01_a_token_that_lacks_a_member_is_not_used(ask, whole, server, capfd, member):
    whole["fhirAuthorization"] = leave(**{member: None})
    answer = ask(lacking(whole, "procedures"))
    assert answer.status_code == 200
    assert server.asked == []
    (line,) = [json.loads(row) for row in capfd.readouterr().err.splitlines() if "fhir-token-unusable" in row]
    assert (line["level"], line["lacking"]) == ("warning", [member])


@pytest.mark.parametrize("token", ["two words", "line\r\nX-Other: 1", "ключ", " padded"])
def test_a_token_that_no_header_can_hold_is_not_used(ask, whole, server, capfd, token):
    whole["fhirAuthorization"] = leave(token)
    assert ask(lacking(whole, "procedures")).status_code == 200
    assert server.asked == []
    assert token.strip() not in "".join(capfd.readouterr())


@pytest.mark.parametrize(
    ("scope", "asked", "said"),
    [
        pytest.param("launch user/Condition.read", False, True, id="ch_a_03 out of scope"),
        pytest.param("user/Condition.read user/Procedure.write", False, True, id="writing is no reading"),
        pytest.param("user/Procedure.read", True, False, id="version 1"),
        pytest.param("patient/*.rs openid fhirUser", True, False, id="version 2"),
        pytest.param("user/Procedure.rs?category=x", True, True, id="a part only"),
        pytest.param("Procedure.Read (Surgeries) (R4) Condition.Read (Problems) (R4)", True, False, id="ch_a_04 free text"),
    ],
)
def test_ch_a_03_ch_a_04_only_what_the_scope_may_hold_is_asked_for(ask, whole, server, scope, asked, said):
    whole["fhirAuthorization"] = leave(scope=scope)
    answer = ask(lacking(whole, "procedures"))
    assert server.types_asked == (["Procedure"] if asked else [])
    assert (WORDS["procedures"] in lines(answer, NOT_FETCHED)) is said


@pytest.mark.parametrize("allowed", [False, True])
def test_ch_a_11_without_authorization_a_server_is_asked_only_where_that_is_set(ask, whole, server, allowed):
    del whole["fhirAuthorization"]
    ask(lacking(whole, "procedures"), fhir_without_token=allowed)
    assert server.types_asked == (["Procedure"] if allowed else [])
    assert all("Authorization" not in headers for _, _, headers in server.asked)


@pytest.mark.parametrize("fault", [None, 401, 500, "truncate", "drop", OUTCOME, "to https://elsewhere.example/"])
def test_ch_a_05_token_never_logged(ask, whole, server, capfd, client, fault):
    server.faults["Procedure"] = fault
    answer = ask(lacking(whole, "procedures"))
    written = "".join(capfd.readouterr())
    assert [name for name, value in server.asked[0][2].items() if TOKEN in value] == ["Authorization"]
    assert all(TOKEN not in f"{path}{query}" for path, query, _ in server.asked)
    assert '"event":"answered"' in written
    assert TOKEN not in written + answer.text + client.get("/metrics").text


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
