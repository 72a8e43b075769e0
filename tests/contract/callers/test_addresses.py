"""Who may call, on the wire: every address, with and without a token, and what a browser is told."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from service.web import callers
from service.web.answer_memory import AnswerMemory
from service.web.app import create_app
from service.web.callers import caller, caller_parts
from service.web.launch import DONE, LAUNCH
from service.web.pages.operators.addresses import OF_KNOWLEDGE
from tests.contract.callers.signed_calls import BASE, CALL, JSON, KEY, NOW, ORIGIN, bearer, call, is_told_nothing, token
from tests.contract.stored import HOOK, stored_patient

# ---------------------------------------------------------------- every address


def test_ch_j_02_a_signed_call_is_answered(guarded):
    answer = call(guarded, token())
    assert answer.status_code == 200
    assert answer.json["cards"]


def test_ch_l_04_the_link_of_a_card_opens_one_assessment_and_needs_no_token(service, settings):
    changed = replace(settings, encryption_keys=(KEY,))
    memory = AnswerMemory.of(changed)
    parts = replace(caller_parts(changed), now=lambda: NOW)
    guarded = create_app(replace(service, settings=changed), memory, parts).test_client()
    cards = json.loads(call(guarded, token()).data)["cards"]
    memory.stop()
    link = cards[0]["links"][-1]["url"]
    assert link.startswith(f"{BASE}/assessments/")
    path = link.removeprefix(BASE)
    assert guarded.get(path).status_code == 200
    assert guarded.get(path, headers=bearer("anything")).status_code == 200
    assert guarded.get(path[:-1] + ("A" if path[-1] != "A" else "B")).status_code == 404
    for other in (f"{path}/x", "/assessments", "/assessments/"):
        assert guarded.get(other).status_code == 404
    is_told_nothing(call(guarded))  # nothing else is open


ADDRESSES = [
    ("POST", HOOK, CALL),
    ("POST", f"{HOOK}/", CALL),
    ("POST", "/cds-services/unknown", CALL),
    ("POST", "/assess", stored_patient("adult-first-relapse")),
    ("GET", "/fhir/ResearchStudy", None),
    ("POST", "/fhir/ResearchStudy/$match", stored_patient("adult-first-relapse")),
]


@pytest.mark.parametrize(("method", "path", "body"), ADDRESSES)
def test_ch_j_01_no_address_answers_a_stranger(guarded, method, path, body):
    is_told_nothing(guarded.open(path, method=method, data=body, content_type=JSON))


@pytest.mark.parametrize(("method", "path", "body"), ADDRESSES)
def test_ch_j_10_each_address_answers_a_token_made_for_it(guarded, method, path, body):
    answer = guarded.open(path, method=method, data=body, content_type=JSON, headers=bearer(token(path)))
    assert answer.status_code == (404 if "unknown" in path else 200)


@pytest.mark.parametrize("path", ["/healthz", "/health", "/readyz", "/ready", "/metrics"])
def test_what_operators_ask_needs_no_token(guarded, path):
    assert guarded.get(path).status_code == 200


OPENED = {"/healthz", "/health", "/readyz", "/ready", "/metrics", "/cds-services", "/install", "/install.md"}
OPENED |= {"/assessments/<address>", "/assets/<name>"}  # to those who have a link; what pages load
OPENED |= OF_KNOWLEDGE  # public matter


def test_connecting_names_every_address_that_needs_no_token_and_no_other():
    text = Path(callers.__file__).parents[1].joinpath("CONNECTING.md").read_text(encoding="utf-8")
    (sentences,) = re.findall(r"^- Every address needs one but .*?(?=^- )", text, re.DOTALL | re.MULTILINE)
    named = {name.removesuffix("...") for name in re.findall(r"`(/[^`]*)`", sentences)} - {"/pages/"}
    # those of a launch are there with ALL_CDS_SMART_SERVERS only
    opened = {rule.partition("<")[0] for rule in OPENED | {LAUNCH, DONE}}
    assert {name for name in opened if not name.startswith("/pages/knowledge/")} == named
    assert "ALL_CDS_DISCOVERY_AUTH=required" in sentences
    assert "ALL_CDS_OPERATOR_PAGES=true" in sentences


def test_every_address_but_those_of_operators_discovery_and_links_is_closed(application):
    app = application()
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule not in OPENED]
    assert rules
    for rule in rules:
        path = re.sub(r"<[^>]+>", "x", rule.rule)
        for method in (rule.methods or set()) - {"OPTIONS"}:
            assert app.test_client().open(path, method=method).status_code == 401, (method, path)


def test_ch_d_12_discovery_is_open_unless_the_setting_closes_it(application):
    opened = application().test_client()
    for path in ("/cds-services", "/cds-services/"):
        answer = opened.get(path)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"].startswith("public")
    assert opened.get("/cds-services", headers=bearer("rubbish")).status_code == 200  # some clients always send one


def test_ch_d_12_ch_j_10_closed_discovery_needs_a_token_for_its_own_address(application):
    closed = application(discovery_auth="required").test_client()
    for path in ("/cds-services", "/cds-services/"):
        is_told_nothing(closed.get(path))
        is_told_nothing(closed.head(path))
        is_told_nothing(closed.get(path, headers=bearer(token(HOOK))))
    answer = closed.get("/cds-services", headers=bearer(token("/cds-services")))
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"].startswith("private")  # no cache may hand it to others


def test_an_open_service_asks_for_nothing_and_knows_nobody(service, post_hook):
    assert post_hook(CALL).status_code == 200
    app = create_app(service)
    with app.test_request_context(HOOK):
        app.preprocess_request()
        assert caller() is None


# ---------------------------------------------------------------- browsers


@pytest.mark.parametrize("path", ["/cds-services", HOOK, "/assess"])
def test_ch_j_21_a_preflight_brings_no_token(guarded, path):
    asked = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    answer = guarded.options(path, headers=asked)
    assert answer.status_code in {200, 204}
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]


@pytest.mark.parametrize(("origin", "allowed"), [(ORIGIN, ORIGIN), ("https://foreign.example", None)])
def test_ch_j_21_a_page_may_see_its_401(guarded, origin, allowed):
    answer = call(guarded, Origin=origin)
    is_told_nothing(answer)
    assert answer.headers.get("Access-Control-Allow-Origin") == allowed
    assert "Origin" in answer.headers["Vary"]
    assert "Access-Control-Allow-Credentials" not in answer.headers
