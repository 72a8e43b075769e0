"""Whose server is asked, and with which leave: the token of the call, used for that alone and written down nowhere."""

import json

import pytest

from tests.contract.fhir_fallback.one_record import NOT_FETCHED, NOT_RECEIVED, STORY, lacking, lines, outcomes, resources
from tests.contract.test_prefetch_states import WORDS
from tests.stand_ins.record_server import OUTCOME, TOKEN, RecordServerStandIn, leave


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
