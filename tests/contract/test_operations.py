"""What operators look at: whether it lives, whether it is ready, how it is used."""

import json
import re
from dataclasses import replace

import pytest
from flask import Flask

from service.settings import Settings
from service.web import probes
from service.web.store_reach import needs_store
from service.web.usage import outcome_of


@pytest.mark.parametrize("path", ["/healthz", "/health", "/readyz", "/ready"])
def test_health_names_the_state_of_knowledge(client, service, path):
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.json == {
        "status": "ok",
        "knowledge": {"version": service.rules.library.version, "digest": service.rules.library.digest},
    }


class Clock:
    seconds = 0.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def probed(service):
    """The addresses alone, on a service that keeps answers, with a store that can be switched off."""
    state = {"reachable": True, "asked": 0}
    clock = Clock()

    def reachable(_settings):
        state["asked"] += 1
        return state["reachable"]

    def build(**settings):
        app = Flask(__name__)
        probes.install(app, replace(service, settings=Settings(**settings)), clock, reachable)
        return app.test_client()

    return build, state, clock


@pytest.mark.parametrize("path", ["/readyz", "/ready"])
def test_a_service_whose_store_is_away_is_not_ready_and_still_alive(probed, is_outcome, path):
    build, state, clock = probed
    client = build(keep_answers=True)
    assert client.get(path).status_code == 200
    state["reachable"] = False
    clock.seconds += 5.0
    issue = is_outcome(client.get(path), 503)
    assert issue["expression"] == ["store"]
    assert issue["details"]["text"] == "store-unreachable"
    assert client.get("/healthz").status_code == 200
    state["reachable"] = True
    clock.seconds += 5.0
    assert client.get(path).status_code == 200


def test_the_store_is_not_asked_by_every_orchestrator_anew(probed):
    build, state, clock = probed
    client = build(keep_answers=True)
    for _ in range(10):
        client.get("/readyz")
    clock.seconds += 4.9
    client.get("/readyz")
    assert state["asked"] == 1
    clock.seconds += 0.1
    client.get("/readyz")
    assert state["asked"] == 2


def test_a_store_that_nobody_needs_is_not_asked(probed):
    build, state, _ = probed
    state["reachable"] = False
    assert build().get("/readyz").status_code == 200
    assert state["asked"] == 0


@pytest.mark.parametrize(
    ("settings", "needed"),
    [
        ({}, False),
        ({"keep_answers": True}, True),
        ({"auth": "required"}, True),
        ({"registry_refresh_hours": 1}, True),
        ({"encryption_keys": ("k",)}, False),
        ({"encryption_keys": ("k",), "public_base_url": "https://cds.example"}, True),
    ],
)
def test_a_store_is_needed_by_what_keeps_something(settings, needed):
    assert needs_store(Settings(**settings)) is needed


# ---------------------------------------------------------------- use


def calls(client):
    """(service, hook, client, outcome) → number of calls."""
    found = {}
    for line in client.get("/metrics").text.splitlines():
        if line.startswith("all_cds_calls_total{"):
            labels = dict(re.findall(r'(\w+)="([^"]*)"', line))
            found[labels["service"], labels["hook"], labels["client"], labels["outcome"]] = float(line.rsplit(" ", 1)[1])
    return found


def grown(client, act):
    before = calls(client)
    act()
    return {key: count - before.get(key, 0) for key, count in calls(client).items() if count != before.get(key, 0)}


OURS = ("all-immunotherapy", "patient-view", "open")


def test_ch_o_05_calls_are_counted_by_what_became_of_them(client, post_hook, hook_call):
    aml = json.loads(json.dumps(hook_call("aml")))
    assert grown(client, lambda: post_hook(hook_call())) == {(*OURS, "cards"): 1}
    assert grown(client, lambda: post_hook(aml)) == {(*OURS, "no-cards"): 1}
    assert grown(client, lambda: post_hook(b"{")) == {("all-immunotherapy", "unknown", "open", "rejected"): 1}
    without_patient = hook_call()
    del without_patient["prefetch"]["patient"]
    assert grown(client, lambda: post_hook(without_patient)) == {(*OURS, "rejected"): 1}


def test_ch_t_06_ch_o_05_a_failure_inside_is_a_500_and_counted_as_one(
    client, service, monkeypatch, post_hook, hook_call, is_outcome
):
    monkeypatch.setattr(type(service), "consult_prefetch", lambda *_a, **_k: 1 / 0)
    assert grown(client, lambda: is_outcome(post_hook(hook_call()), 500)) == {(*OURS, "error"): 1}
    assert 'all_cds_errors_total{code="internal"}' in client.get("/metrics").text


def test_ch_o_05_looking_at_what_is_offered_is_no_use(client):
    def look():
        for path in ("/cds-services", "/healthz", "/readyz", "/metrics", "/nothing"):
            client.get(path)
        client.options("/cds-services/all-immunotherapy")

    assert grown(client, look) == {}


def test_ch_o_05_a_service_or_hook_that_is_not_ours_makes_no_label(client, hook_call):
    invented = {**hook_call(), "hook": "invented-hook"}
    client.post("/cds-services/invented-service", json=hook_call())
    client.post("/cds-services/all-immunotherapy", json=invented)
    assert "invented" not in client.get("/metrics").text


def test_ch_o_05_the_time_of_calls_is_measured_by_hook(client, post_hook, hook_call):
    post_hook(hook_call())
    assert 'all_cds_call_seconds_bucket{hook="patient-view",le="5.0"}' in client.get("/metrics").text


@pytest.mark.parametrize(
    ("status", "cards", "said"),
    [
        (200, 1, "cards"),
        (200, 0, "no-cards"),
        (200, None, "no-cards"),
        (399, 1, "cards"),
        (400, None, "rejected"),
        (429, None, "rejected"),
        (499, 3, "rejected"),
        (500, None, "error"),
        (503, None, "error"),
    ],
)
def test_what_becomes_of_a_call_is_told_by_its_answer(status, cards, said):
    assert outcome_of(status, cards) == said


def test_ch_o_05_cards_are_counted_by_topic_and_discovery_is_no_use(client, post_hook, hook_call):
    post_hook(hook_call())
    client.get("/cds-services")
    page = client.get("/metrics").text
    assert 'all_cds_cards_total{topic="allleukaemiaprofile"}' in page
    assert 'all_cds_requests_total{route="/cds-services",status="200"}' in page


def test_answers_about_patients_are_not_kept_by_caches(post_hook, hook_call):
    assert post_hook(hook_call()).headers["Cache-Control"] == "no-store"
