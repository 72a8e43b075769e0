"""Callers that come too often, answers that come too late: what they are told, and that it is counted."""

import itertools
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from service.settings import Settings
from service.web import call as one_call
from service.web import prefetch
from service.web.app import create_app
from service.web.callers import caller_parts
from service.web.server.arrival import ARRIVED
from tests.contract.stored import HOOK, stored_request
from tests.stand_ins.callers import key_set, private_key, public_jwk, signed

ISSUER, OTHER = "https://limited.example", "https://own-limit.example"
BASE = "https://cds.example"
NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
CALL = stored_request("adult-first-relapse-patient-view")


class Clock:
    seconds = 500.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def limited(service, tmp_path, clock):
    """A client of a service whose issuers may make two calls a minute; one of them has a number of its own."""
    (tmp_path / "keys.json").write_bytes(key_set(public_jwk("ES384", "k")))
    entry = {"name": "Limited", "keys": "keys.json"}
    path = tmp_path / "issuers.json"
    path.write_text(json.dumps({ISSUER: entry, OTHER: {**entry, "name": "Own", "rate_limit": 3}}), encoding="utf-8")
    settings = replace(
        service.settings,
        auth="required",
        public_base_url=BASE,
        issuers=str(path),
        store=str(tmp_path / "store.db"),
        rate_limit=2,
    )
    parts = replace(caller_parts(settings), now=lambda: NOW)
    return create_app(replace(service, settings=settings), parts=parts, clock=clock).test_client()


ids = itertools.count()


def call(client, issuer=ISSUER, key=None):
    moment = int(NOW.timestamp())
    claims = {"iss": issuer, "aud": BASE + HOOK, "exp": moment + 300, "iat": moment, "jti": f"limit-{next(ids)}"}
    token = signed({"alg": "ES384", "kid": "k", "typ": "JWT"}, claims, key)
    return client.post(HOOK, data=CALL, content_type="application/json", headers={"Authorization": f"Bearer {token}"})


def test_ch_t_04_the_call_over_the_limit_gets_429_and_is_told_when_to_come_again(limited, clock, is_outcome):
    assert [call(limited).status_code for _ in range(2)] == [200, 200]
    refused = call(limited)
    issue = is_outcome(refused, 429)
    assert (issue["code"], refused.headers["Retry-After"]) == ("throttled", "30")
    clock.seconds += 29.9
    assert call(limited).status_code == 429
    clock.seconds += 0.1
    assert call(limited).status_code == 200
    page = limited.get("/metrics").text
    assert 'all_cds_errors_total{code="too-many-calls"}' in page
    assert 'all_cds_calls_total{client="Limited",hook="unknown",outcome="rejected",service="unknown"}' in page


def test_an_issuer_may_have_a_limit_of_its_own(limited):
    assert [call(limited, OTHER).status_code for _ in range(4)] == [200, 200, 200, 429]
    assert call(limited).status_code == 200


def test_a_stranger_uses_up_nobodys_share(limited):
    strange = private_key("ES384", 7)
    assert {call(limited, key=strange).status_code for _ in range(10)} == {401}
    assert [call(limited).status_code for _ in range(2)] == [200, 200]


def test_what_is_open_has_no_share(limited):
    assert {limited.get(path).status_code for path in ("/healthz", "/metrics", "/cds-services") for _ in range(5)} == {200}


def test_an_open_service_has_no_limit(service):
    client = create_app(replace(service, settings=Settings(rate_limit=1))).test_client()
    assert {client.post(HOOK, data=b"{", content_type="application/json").status_code for _ in range(5)} == {400}


# ---------------------------------------------------------------- too late


@pytest.fixture
def late(service, clock, monkeypatch):
    """The answer to a call one step of which took so many seconds; the first step is waiting for a free thread."""

    def run(step, seconds):
        def slow(original):
            def act(*arguments, **options):
                clock.seconds += seconds
                return original(*arguments, **options)

            return act

        if step == "receive":
            monkeypatch.setattr(one_call, "receive", slow(prefetch.receive))
        elif step == "consult":
            monkeypatch.setattr(type(service), "consult_prefetch", slow(type(service).consult_prefetch))
        before = ARRIVED.set(clock.seconds - seconds if step == "queue" else None)
        try:
            return create_app(service, clock=clock).test_client().post(HOOK, data=CALL, content_type="application/json")
        finally:
            ARRIVED.reset(before)

    return run


@pytest.mark.parametrize("step", ["queue", "receive", "consult"])
def test_ch_o_02_ch_o_01_an_answer_that_would_come_too_late_is_a_503_and_no_half_answer(late, is_outcome, step):
    answer = late(step, 4.5)
    issue = is_outcome(answer, 503)
    assert issue["code"] == "timeout"
    assert int(answer.headers["Retry-After"]) > 0


@pytest.mark.parametrize("step", ["queue", "receive", "consult"])
def test_ch_o_02_an_answer_that_is_still_in_time_is_whole(late, step):
    answer = late(step, 4.4)
    assert answer.status_code == 200
    assert answer.json["cards"]
