"""Which web pages may read our answers: those of the list, on every answer."""

import json

import pytest

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


def test_by_default_no_page_may_read_anything(client, hook_call):
    answer = client.post(
        "/cds-services/all-immunotherapy", data=json.dumps(hook_call()), content_type="application/json", headers={"Origin": GOOD}
    )
    assert "Access-Control-Allow-Origin" not in answer.headers
