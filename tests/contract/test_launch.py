"""Our page opened from a record system: who began a login must end it, and nothing of it stays."""

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from flask import Flask, Response

from service.clients.smart import SmartLogins
from service.clients.smart_servers import SmartServer
from service.web import errors
from service.web.launch import LoginMemory, launch_blueprint
from tests.stand_ins.smart_record_server import CLIENT, TOKEN, record_server

BACK = "http://127.0.0.1:9/launch/done"


@pytest.fixture
def server():
    with record_server(patient="p-77") as running:
        yield running


@pytest.fixture
def app(server):
    app = Flask(__name__)
    row = SmartServer(f"{server.address}/fhir", CLIENT)
    logins = SmartLogins({row.address: row}, BACK, ["Patient"])
    memory = LoginMemory.made(secure=False, keys=[b"made-up key of this test"])
    app.register_blueprint(launch_blueprint(logins, memory, lambda leave: Response(f"page of {leave.patient}")))
    errors.install(app)
    return app


def launch(client, server, **changes):
    query = {"iss": f"{server.address}/fhir", "launch": "launch-word", **changes}
    return client.get(f"/launch?{urlencode(query)}")


def return_of(answer):
    """Where the record server sends the browser, as a path of ours."""
    back = urlsplit(requests.get(answer.headers["Location"], allow_redirects=False, timeout=5).headers["Location"])
    return f"{back.path}?{back.query}"


def test_a_launch_ends_on_the_page_of_the_patient_in_the_token(app, server):
    client = app.test_client()
    begun = launch(client, server)
    assert begun.status_code == 302
    sent = parse_qs(urlsplit(begun.headers["Location"]).query)
    assert sent["redirect_uri"] == [BACK]
    page = client.get(return_of(begun))
    assert (page.status_code, page.text) == (200, "page of p-77")


def test_the_cookie_is_out_of_reach_of_scripts_and_goes_with_the_page(app, server):
    client = app.test_client()
    begun = launch(client, server)
    cookie = begun.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "Path=/launch" in cookie
    page = client.get(return_of(begun))
    assert "Max-Age=0" in page.headers["Set-Cookie"]
    assert TOKEN not in page.text + str(page.headers)


def test_over_https_the_cookie_comes_along_into_the_frame_of_the_record_system(server):
    app = Flask(__name__)
    row = SmartServer(f"{server.address}/fhir", CLIENT)
    logins = SmartLogins({row.address: row}, BACK, ["Patient"])
    app.register_blueprint(launch_blueprint(logins, LoginMemory.made(secure=True), lambda _leave: Response()))
    cookie = launch(app.test_client(), server).headers["Set-Cookie"]
    for word in ("Secure", "SameSite=None", "Partitioned", "HttpOnly"):
        assert word in cookie


def test_a_browser_that_began_nothing_is_refused(app, server):
    begun = launch(app.test_client(), server)
    stranger = app.test_client().get(return_of(begun))
    assert stranger.status_code == 502
    assert stranger.json["issue"][0]["details"]["text"] == "login-failed"
    assert not [path for path in server.asked if path == "/auth/token"]


def test_a_login_begun_by_somebody_else_is_not_ended_here(app, server):
    # Else a stranger could have a user look at another patient's page.
    attacker, victim = app.test_client(), app.test_client()
    launch(victim, server)
    answer = victim.get(return_of(launch(attacker, server)))
    assert answer.status_code == 502
    assert not [path for path in server.asked if path == "/auth/token"]


@pytest.mark.parametrize(
    ("theirs", "status"),
    [
        ([b"one"], 200),
        ([b"new", b"one"], 200),  # while keys are exchanged
        ([b"other"], 502),
        ([], 502),
    ],
)
def test_a_login_that_one_server_began_ends_at_any_other_with_its_key(server, theirs, status):
    row = SmartServer(f"{server.address}/fhir", CLIENT)
    clients = []
    for keys in ([b"one"], theirs):
        app = Flask(__name__)
        logins = SmartLogins({row.address: row}, BACK, ["Patient"])
        app.register_blueprint(
            launch_blueprint(logins, LoginMemory.made(secure=False, keys=keys), lambda _leave: Response("page"))
        )
        errors.install(app)
        clients.append(app.test_client())
    begun = launch(clients[0], server)
    cookie = clients[0].get_cookie("all-cds-login", path="/launch")
    assert cookie is not None
    clients[1].set_cookie("all-cds-login", cookie.value, path="/launch")
    assert clients[1].get(return_of(begun)).status_code == status


def test_a_cookie_that_somebody_changed_is_no_login(app, server):
    client = app.test_client()
    begun = launch(client, server)
    client.set_cookie("all-cds-login", "forged", path="/launch")
    assert client.get(return_of(begun)).status_code == 502


@pytest.mark.parametrize(
    "changes", [{"iss": "https://elsewhere.example/fhir"}, {"iss": ""}, {"launch": ""}, {"launch": "x" * 4001}]
)
def test_a_launch_from_elsewhere_asks_nobody(app, server, changes):
    answer = launch(app.test_client(), server, **changes)
    assert answer.status_code == 400
    assert server.asked == []


def test_a_parameter_given_twice_is_refused(app, server):
    query = f"iss={server.address}/fhir&launch=a&launch=b"
    assert app.test_client().get(f"/launch?{query}").status_code == 400


def test_a_user_who_is_not_let_in_is_told_so():
    with record_server(faults=frozenset({"denied"})) as server:
        app = Flask(__name__)
        row = SmartServer(f"{server.address}/fhir", CLIENT)
        logins = SmartLogins({row.address: row}, BACK, ["Patient"])
        app.register_blueprint(launch_blueprint(logins, LoginMemory.made(secure=False), lambda _leave: Response()))
        errors.install(app)
        client = app.test_client()
        answer = client.get(return_of(launch(client, server)))
    assert answer.status_code == 502
    assert "access_denied" not in answer.text
