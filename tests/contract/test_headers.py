"""What every answer tells browsers and operators: answers, errors, refusals of strangers, questions of browsers."""

import re
from http import HTTPStatus

import orjson
import pytest
from flask import Flask, Response

from service.settings import Settings
from service.web import security_headers
from service.web.app import create_app
from service.web.server.refusal import refusal

EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
ANSWERS = [
    ("GET", "/cds-services", 200),
    ("POST", "/cds-services/all-immunotherapy", 400),
    ("POST", "/cds-services/unknown", 404),
    ("DELETE", "/assess", 405),
    ("OPTIONS", "/assess", 200),
    ("GET", "/nothing-here", 404),
    ("GET", "/healthz", 200),
    ("GET", "/metrics", 200),
    ("GET", "/fhir/ResearchStudy/none", 404),
]


@pytest.mark.parametrize(("method", "path", "status"), ANSWERS)
def test_every_answer_bears_the_headers(client, method, path, status):
    answer = client.open(path, method=method, data=b"{", content_type="application/json")
    assert answer.status_code == status
    assert {name: answer.headers.get(name) for name in EVERYWHERE} == EVERYWHERE
    assert "Strict-Transport-Security" not in answer.headers
    assert not {"Server", "X-Powered-By"} & set(answer.headers.keys())


def test_a_failure_inside_bears_them_too(client, service, monkeypatch, hook_call):
    monkeypatch.setattr(type(service), "consult_prefetch", lambda *_a, **_k: 1 / 0)
    answer = client.post("/cds-services/all-immunotherapy", json=hook_call())
    assert answer.status_code == 500
    assert {name: answer.headers.get(name) for name in EVERYWHERE} == EVERYWHERE


def test_a_page_may_say_itself_what_it_needs(service):
    app = create_app(service)

    @app.get("/page")
    def page():
        return Response("<p>", headers={"Content-Security-Policy": "default-src 'self'", "Cache-Control": "max-age=5"})

    answer = app.test_client().get("/page")
    assert answer.headers.getlist("Content-Security-Policy") == ["default-src 'self'"]
    assert answer.headers["Cache-Control"] == "max-age=5"
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_ch_j_20_only_production_says_that_there_is_nothing_but_https(service):
    for profile, said in (("production", "max-age=31536000"), ("development", None)):
        app = Flask(__name__)
        security_headers.install(app, Settings(profile=profile))
        assert app.test_client().get("/").headers.get("Strict-Transport-Security") == said


@pytest.mark.parametrize("profile", ["development", "production"])
@pytest.mark.parametrize("status", [400, 408, 413, 414, 417, 431, 500, 501, 503])
def test_a_refusal_before_the_application_has_the_same_shape(status, profile):
    every = security_headers.of_every_answer(Settings(profile=profile))
    head, _, body = refusal(HTTPStatus(status), every, "id-1").partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    assert first.startswith(f"HTTP/1.1 {status} ")
    assert {name: headers.get(name) for name in EVERYWHERE} == EVERYWHERE
    assert ("Strict-Transport-Security" in headers) is (profile == "production")
    assert (headers["Cache-Control"], headers["X-Request-Id"]) == ("no-store", "id-1")
    assert (headers["Connection"], headers["Content-Length"]) == ("close", str(len(body)))
    assert ("Retry-After" in headers) is (status == 503)
    document = orjson.loads(body)
    assert document["resourceType"] == "OperationOutcome"
    assert set(document["issue"][0]) == {"severity", "code", "details", "diagnostics"}


# ---------------------------------------------------------------- ids of requests


@pytest.mark.parametrize("sent", ["a", "A-Za_z.0-9", "x" * 64])
def test_the_id_of_the_client_comes_back(client, sent):
    assert client.get("/cds-services", headers={"X-Request-Id": sent}).headers["X-Request-Id"] == sent


@pytest.mark.parametrize("sent", [None, "", "x" * 65, "a b", "a\tb", "naïve", "a/b", "a,b", '"a"'])
def test_anything_else_is_replaced(client, sent):
    headers = {} if sent is None else {"X-Request-Id": sent.encode("utf-8").decode("latin-1")}
    first = client.get("/cds-services", headers=headers).headers["X-Request-Id"]
    second = client.get("/cds-services", headers=headers).headers["X-Request-Id"]
    assert re.fullmatch(r"[0-9a-f]{32}", first)
    assert first != second


def test_every_line_of_the_log_names_the_request(client, service, monkeypatch, hook_call, capfd):
    monkeypatch.setattr(type(service), "consult_prefetch", lambda *_a, **_k: 1 / 0)
    answer = client.post("/cds-services/all-immunotherapy", json=hook_call(), headers={"X-Request-Id": "of-the-client"})
    assert answer.headers["X-Request-Id"] == "of-the-client"
    lines = [line for line in capfd.readouterr().err.splitlines() if line.startswith("{")]
    assert len(lines) == 2  # what went wrong, and what was answered
    assert all('"request_id":"of-the-client"' in line for line in lines)


def test_an_error_of_the_framework_has_one_too(client):
    assert client.get("/nothing-here", headers={"X-Request-Id": "lost"}).headers["X-Request-Id"] == "lost"
