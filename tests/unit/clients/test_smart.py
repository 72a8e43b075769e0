"""Logging in at a record server: it is asked where its own list says, and believed as far as it can be checked."""

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from service.clients.smart import SmartLogins
from service.clients.smart_servers import SmartServer
from service.errors import LoginFailed
from tests.stand_ins.smart_record_server import CLIENT, SECRET, TOKEN, record_server

BACK = "http://127.0.0.1:9/launch/done"
TYPES = ("Patient", "Observation")


def logins_at(server, **changes):
    row = SmartServer(f"{server.address}/fhir", CLIENT, **changes)
    return SmartLogins({row.address: row}, BACK, TYPES)


def walk(server, logins):
    """The whole way: to the server, through its log-in page, and back with a code."""
    address, login = logins.begin(f"{server.address}/fhir", "launch-word")
    back = requests.get(address, allow_redirects=False, timeout=5).headers["Location"]
    assert back.startswith(BACK)
    return login, {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}


def test_a_user_comes_back_with_leave_for_one_patient():
    with record_server(patient="p-77") as server:
        logins = logins_at(server)
        login, query = walk(server, logins)
        assert query["state"] == login.state
        leave = logins.finish(login, query["code"])
    assert (leave.patient, leave.access_token, leave.server) == ("p-77", TOKEN, f"{server.address}/fhir")
    assert server.scopes == ["launch patient/Observation.rs patient/Patient.rs"]


def test_nothing_secret_is_in_what_is_printed():
    with record_server() as server:
        logins = logins_at(server)
        login, query = walk(server, logins)
        leave = logins.finish(login, query["code"])
    for hidden in (login.state, login.verifier, TOKEN, "p-1"):
        assert hidden not in f"{login!r} {leave!r}"


def test_older_servers_are_asked_in_their_spelling():
    with record_server() as server:
        walk(server, logins_at(server, scopes="v1"))
    assert server.scopes == ["launch patient/Observation.read patient/Patient.read"]


def test_a_client_with_a_secret_proves_it():
    with record_server(secret=SECRET) as server:
        good, wrong = logins_at(server, secret=SECRET), logins_at(server, secret="another")
        login, query = walk(server, good)
        assert good.finish(login, query["code"]).patient == "p-1"
        login, query = walk(server, wrong)
        with pytest.raises(LoginFailed):
            wrong.finish(login, query["code"])


def test_each_login_has_words_of_its_own():
    with record_server() as server:
        logins = logins_at(server)
        first, second = (logins.begin(f"{server.address}/fhir", "launch-word")[1] for _ in range(2))
    assert first.state != second.state
    assert first.verifier != second.verifier
    assert len(first.verifier) >= 43  # what the standard asks for


def test_a_code_of_another_login_is_worth_nothing():
    with record_server() as server:
        logins = logins_at(server)
        _, stolen = walk(server, logins)
        own, _ = walk(server, logins)
        with pytest.raises(LoginFailed):
            logins.finish(own, stolen["code"])


def test_a_code_is_good_once():
    with record_server() as server:
        logins = logins_at(server)
        login, query = walk(server, logins)
        logins.finish(login, query["code"])
        with pytest.raises(LoginFailed):
            logins.finish(login, query["code"])


@pytest.mark.parametrize(
    "fault",
    [
        "no-configuration",
        "configuration-elsewhere",
        "configuration-garbage",
        "half-a-configuration",
        "no-pkce",
        "token-elsewhere",
    ],
)
def test_a_server_that_does_not_say_safely_where_to_go_is_not_followed(fault):
    with record_server(faults=frozenset({fault})) as server, pytest.raises(LoginFailed):
        logins_at(server).begin(f"{server.address}/fhir", "launch-word")


@pytest.mark.parametrize("fault", ["no-patient", "odd-patient", "token-garbage", "token-redirect"])
def test_a_token_that_cannot_be_used_is_no_leave(fault):
    with record_server(faults=frozenset({fault})) as server:
        logins = logins_at(server)
        login, query = walk(server, logins)
        with pytest.raises(LoginFailed) as caught:
            logins.finish(login, query["code"])
    assert TOKEN not in str(caught.value)
    assert not [path for path in server.asked if path == "/auth/other"]


def test_a_server_that_is_down():
    with record_server() as server:
        logins = logins_at(server)
    with pytest.raises(LoginFailed):
        logins.begin(f"{server.address}/fhir", "launch-word")


def test_a_server_taken_off_the_list_meanwhile():
    with record_server() as server:
        logins = logins_at(server)
        login, query = walk(server, logins)
        with pytest.raises(LoginFailed):
            logins.finish(replace(login, server="https://other.example/fhir"), query["code"])


def test_the_configuration_is_asked_for_once_an_hour():
    times = iter([0.0, 3599.0, 3600.0, 3600.0])
    with record_server() as server:
        row = SmartServer(f"{server.address}/fhir", CLIENT)
        logins = SmartLogins({row.address: row}, BACK, TYPES, clock=lambda: next(times))
        counts = []
        for _ in range(3):
            logins.begin(row.address, "launch-word")
            counts.append(sum("smart-configuration" in path for path in server.asked))
    assert counts == [1, 1, 2]
