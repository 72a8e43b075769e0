"""Which web pages may read our answers: those of the list, on every answer."""

import json
import re

import pytest
from flask import abort

from service.web import hooks
from tests.stand_ins.callers import key_set, public_jwk

GOOD, STRANGE = "https://sandbox.example", "https://elsewhere.example"
ANSWERS = [
    ("GET", "/cds-services", None),
    ("POST", "/cds-services/all-immunotherapy", b"{"),
    ("POST", "/cds-services/unknown", b"{}"),
    ("POST", "/cds-services/all-immunotherapy/feedback", b"{}"),
    ("POST", "/assess", b"{"),
    ("DELETE", "/assess", None),
]


@pytest.fixture
def guarded(client_with, tmp_path):
    """A service that answers nobody without a token, discovery included."""
    (tmp_path / "keys.json").write_bytes(key_set(public_jwk("ES384", "e")))
    issuers = tmp_path / "issuers.json"
    issuers.write_text(json.dumps({"https://ehr.example": {"name": "Hospital", "keys": "keys.json"}}), encoding="utf-8")
    return client_with(
        auth="required",
        discovery_auth="required",
        public_base_url="https://cds.example",
        issuers=str(issuers),
        store=str(tmp_path / "store.db"),
        allowed_origins=(GOOD,),
    )


@pytest.fixture
def open_client(client_with):
    return client_with(allowed_origins=(GOOD,))


@pytest.mark.parametrize(("method", "path", "body"), ANSWERS)
def test_ch_j_21_a_page_of_the_list_may_read_every_answer_errors_included(open_client, method, path, body):
    answer = open_client.open(path, method=method, data=body, headers={"Origin": GOOD}, content_type="application/json")
    assert answer.headers["Access-Control-Allow-Origin"] == GOOD
    assert "Origin" in answer.headers["Vary"]
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize(("method", "path", "body"), ANSWERS)
def test_ch_j_21_a_foreign_page_may_read_none(open_client, method, path, body):
    answer = open_client.open(path, method=method, data=body, headers={"Origin": STRANGE}, content_type="application/json")
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert "Origin" in answer.headers["Vary"]


@pytest.mark.parametrize("path", ["/cds-services", "/cds-services/all-immunotherapy", "/assess"])
def test_cors_preflight(open_client, path):
    asked = {
        "Origin": GOOD,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,authorization",
    }
    answer = open_client.options(path, headers=asked)
    assert answer.status_code in {200, 204}
    assert answer.headers["Access-Control-Allow-Origin"] == GOOD
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    assert {"content-type", "authorization"} <= {
        name.strip().lower() for name in answer.headers["Access-Control-Allow-Headers"].split(",")
    }


def test_a_preflight_from_elsewhere_gets_nothing(open_client):
    answer = open_client.options("/assess", headers={"Origin": STRANGE, "Access-Control-Request-Method": "POST"})
    assert not [name for name, _ in answer.headers if name.startswith("Access-Control-")]


def addresses(client):
    """Every address of the application that answers a method of ours."""
    return sorted({re.sub(r"<[^>]+>", "x", rule.rule) for rule in client.application.url_map.iter_rules()})


ASKED = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type,authorization"}


def test_ch_j_21_a_browser_may_ask_before_it_calls_any_address_and_needs_no_token(guarded):
    for path in addresses(guarded):
        for sent in (path, f"{path}/") if path.startswith("/cds-services") else (path,):
            answer = guarded.options(sent, headers={"Origin": GOOD, **ASKED})
            assert answer.status_code in {200, 204}, sent
            assert answer.headers["Access-Control-Allow-Origin"] == GOOD
            assert "Origin" in answer.headers["Vary"]
            foreign = guarded.options(sent, headers={"Origin": STRANGE, **ASKED})
            assert not [name for name, _ in foreign.headers if name.startswith("Access-Control-")]


@pytest.mark.parametrize("path", ["/cds-services", "/cds-services/all-immunotherapy", "/assess", "/install"])
def test_ch_j_21_a_stranger_of_a_listed_page_can_read_that_it_got_a_401(guarded, path):
    answer = guarded.open(path, method="POST" if "services/" in path or path == "/assess" else "GET", headers={"Origin": GOOD})
    assert answer.status_code == 401
    assert answer.headers["Access-Control-Allow-Origin"] == GOOD
    assert "Origin" in answer.headers["Vary"]


@pytest.mark.parametrize("status", [400, 404, 412, 413, 415, 422, 429, 500, 503])
def test_ch_j_21_every_error_can_be_read_by_a_listed_page_and_by_no_other(client_with, hook_call, monkeypatch, status):
    monkeypatch.setattr(hooks, "read_body", lambda *_: abort(status))
    client = client_with(allowed_origins=(GOOD,))
    for origin, allowed in ((GOOD, GOOD), (STRANGE, None), ("null", None)):
        answer = client.post("/cds-services/all-immunotherapy", data=b"{}", headers={"Origin": origin})
        assert answer.status_code == status
        assert answer.headers.get("Access-Control-Allow-Origin") == allowed
        assert "Origin" in answer.headers["Vary"]


def test_ch_j_21_a_failure_that_nobody_expected_can_be_read_too(client_with, monkeypatch):
    def fail(*_):
        raise ValueError

    monkeypatch.setattr(hooks, "read_body", fail)
    answer = client_with(allowed_origins=(GOOD,)).post("/cds-services/all-immunotherapy", data=b"{}", headers={"Origin": GOOD})
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (500, GOOD)


def test_ch_j_21_pages_may_read_when_to_come_again_and_the_number_of_the_call(open_client):
    answer = open_client.get("/cds-services", headers={"Origin": GOOD})
    shown = {name.strip() for name in answer.headers["Access-Control-Expose-Headers"].split(",")}
    assert {"Retry-After", "X-Request-Id"} <= shown
    preflight = open_client.options("/assess", headers={"Origin": GOOD, **ASKED})
    assert "X-Request-Id" in preflight.headers["Access-Control-Allow-Headers"]


@pytest.mark.parametrize(
    "origin", ["null", "", GOOD.upper(), f"{GOOD}/", f"{GOOD}.evil.example", f"{GOOD}:443", f"{GOOD}, {GOOD}"]
)
def test_ch_j_21_an_origin_is_compared_as_exact_text_and_null_is_nobody(client_with, origin):
    client = client_with(allowed_origins=(GOOD, "null"))
    for answer in (
        client.get("/cds-services", headers={"Origin": origin}),
        client.options("/cds-services", headers={"Origin": origin, **ASKED}),
    ):
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control-")]
        assert "Origin" in answer.headers["Vary"]


def test_by_default_no_page_may_read_anything(client, hook_call):
    answer = client.post(
        "/cds-services/all-immunotherapy", data=json.dumps(hook_call()), content_type="application/json", headers={"Origin": GOOD}
    )
    assert "Access-Control-Allow-Origin" not in answer.headers
