"""Who may call, on the wire: every address, with and without a token; what a stranger is told; what is written down."""

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cds_hooks import KeysUnavailable
from service.errors import RequestError, StoreError
from service.settings import Settings
from service.web import callers
from service.web.answer_memory import AnswerMemory
from service.web.app import create_app
from service.web.callers import CallerParts, audiences, caller, caller_parts
from service.web.launch import DONE, LAUNCH
from service.web.pages.operators.addresses import OF_KNOWLEDGE
from service.web.safe_start import refuse_unsafe, what_is_kept, who_may_call
from tests.contract.stored import HOOK, stored_patient, stored_request
from tests.stand_ins.callers import key_set, private_key, public_jwk, public_pem, signed, without_none

BASE = "https://cds.example/all"
ISSUER = "https://ehr.example/oauth2"
ORIGIN = "https://sandbox.example"
NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
MOMENT = int(NOW.timestamp())
CALL = stored_request("adult-first-relapse-patient-view")
JSON = "application/json"


@pytest.fixture
def issuers_file(tmp_path):
    (tmp_path / "keys.json").write_bytes(key_set(public_jwk("ES384", "e"), public_jwk("RS384", "r")))
    path = tmp_path / "issuers.json"
    entry = {
        "name": "Hospital",
        "keys": "keys.json",
        "fhir_servers": ["https://ehr.example/fhir"],
    }
    with_tenants = {**entry, "tenants": {"a": {}}}
    path.write_text(json.dumps({ISSUER: entry, "https://tenants.example": with_tenants}), encoding="utf-8")
    return path


@pytest.fixture
def settings(service, issuers_file, tmp_path):
    return replace(
        service.settings,
        auth="required",
        profile="production",
        public_base_url=BASE,
        issuers=str(issuers_file),
        store=str(tmp_path / "store.db"),
        allowed_origins=(ORIGIN,),
    )


@pytest.fixture
def application(service, settings):
    """One process of the guarded service; more than one shares the store."""

    def build(**changes):
        changed = replace(settings, **changes)
        parts = replace(caller_parts(changed), now=lambda: NOW)
        return create_app(replace(service, settings=changed), parts=parts)

    return build


@pytest.fixture
def guarded(application):
    return application().test_client()


NUMBER = iter(range(1_000_000))


def token(path=HOOK, header=None, claims=None, key=None):
    """A right token for the path, with these members changed; each with an id of its own."""
    whole_header = without_none({"alg": "ES384", "kid": "e", "typ": "JWT", **(header or {})})
    whole_claims = {"iss": ISSUER, "aud": BASE + path, "exp": MOMENT + 300, "iat": MOMENT, "jti": f"j-{next(NUMBER)}"}
    return signed(whole_header, without_none({**whole_claims, **(claims or {})}), key)


def bearer(given):
    return {"Authorization": f"Bearer {given}"}


def call(client, given=None, path=HOOK, **more):
    headers = {**(bearer(given) if given is not None else {}), **more}
    return client.post(path, data=CALL, content_type=JSON, headers=headers)


def is_told_nothing(answer):
    """The bare 401 (CH-T-03, CH-J-14)."""
    assert answer.status_code == 401
    assert answer.data == b""
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.headers["Cache-Control"] == "no-store"


# ---------------------------------------------------------------- every address


def test_ch_j_02_a_signed_call_is_answered(guarded):
    answer = call(guarded, token())
    assert answer.status_code == 200
    assert answer.json["cards"]


KEY = "AQID" * 10 + "AQI="  # a made-up key of 32 bytes


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


# ---------------------------------------------------------------- every fault of a token


def another_key(algorithm):
    return private_key(algorithm, 1)


FAULTS = {
    "02 no header": (None, "no-token"),
    "02 another scheme": ("Basic dTpw", "no-token"),
    "02 an empty token": ("Bearer ", "no-token"),
    "02 no token at all": ("Bearer rubbish", "token-unreadable"),
    "03 no kid": (lambda: token(header={"kid": None}), "token-unreadable"),
    "03 no typ": (lambda: token(header={"typ": None}), "token-unreadable"),
    "04 no iss": (lambda: token(claims={"iss": None}), "token-unreadable"),
    "04 no aud": (lambda: token(claims={"aud": None}), "token-unreadable"),
    "04 no exp": (lambda: token(claims={"exp": None}), "token-unreadable"),
    "04 no iat": (lambda: token(claims={"iat": None}), "token-unreadable"),
    "04 no jti": (lambda: token(claims={"jti": None}), "token-unreadable"),
    "05 alg none": (lambda: token(header={"alg": "none"}), "token-algorithm"),
    "05 HS256 with the public key": (
        lambda: token(header={"alg": "HS256", "kid": "r"}, key=public_pem(private_key("RS384"))),
        "token-algorithm",
    ),
    "05 HS384": (lambda: token(header={"alg": "HS384"}, key=b"x" * 64), "token-algorithm"),
    "06 ES256": (lambda: token(header={"alg": "ES256"}), "token-algorithm"),
    "06 an RSA key by an EC name": (lambda: token(header={"alg": "RS384", "kid": "e"}), "token-key"),
    "07 unknown issuer": (lambda: token(claims={"iss": "https://evil.example"}), "token-issuer"),
    "07 unlisted jku": (lambda: token(header={"jku": "https://evil.example/jwks"}), "token-key-address"),
    "08 unknown kid": (lambda: token(header={"kid": "x"}), "token-key"),
    "08 another key": (lambda: token(key=another_key("ES384")), "token-signature"),
    "10 the address of another service": (lambda: token("/cds-services/another"), "token-audience"),
    "10 discovery's address": (lambda: token("/cds-services"), "token-audience"),
    "10 a slash too many": (lambda: token(f"{HOOK}/"), "token-audience"),
    "10 the base alone": (lambda: token(""), "token-audience"),
    "10 the feedback's address": (lambda: token(f"{HOOK}/feedback"), "token-audience"),
    "10 where we listen": (lambda: token(claims={"aud": f"http://localhost{HOOK}"}), "token-audience"),
    "11 over": (lambda: token(claims={"exp": MOMENT - 60, "iat": MOMENT - 360}), "token-expired"),
    "11 from tomorrow": (lambda: token(claims={"iat": MOMENT + 61}), "token-from-the-future"),
    "11 not before": (lambda: token(claims={"nbf": MOMENT + 61}), "token-from-the-future"),
    "11 too long a life": (lambda: token(claims={"exp": MOMENT + 3601}), "token-lifetime"),
    "13 a tenant that is not listed": (lambda: token(claims={"tenant": "MARK-TENANT"}), "token-tenant"),
    "13 no tenant where there are some": (lambda: token(claims={"iss": "https://tenants.example"}), "token-tenant"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_ch_j_14_ch_t_03_jwt_table_each_fault_is_the_same_bare_401_and_its_kind_is_logged(guarded, capfd, fault):
    made, code = FAULTS[fault]
    header = made if made is None or isinstance(made, str) else f"Bearer {made()}"
    answer = guarded.post(HOOK, data=CALL, content_type=JSON, headers={"Authorization": header} if header else {})
    is_told_nothing(answer)
    said = "".join(capfd.readouterr())
    (line,) = [json.loads(row) for row in said.splitlines() if '"answered"' in row]
    assert (line["error"], line["status"]) == (code, 401)
    assert line.get("issuer") in {None, ISSUER, "https://tenants.example"}
    assert [mark for mark in ("MARK", "evil", "rubbish") if mark in said] == []


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": MOMENT - 59, "iat": MOMENT - 359},
        {"iat": MOMENT + 60},
        {"nbf": MOMENT + 60},
        {"exp": MOMENT + 3600},
        {"aud": [BASE + HOOK, "x"]},
        {"iss": "https://tenants.example", "tenant": "a"},
    ],
    ids=str,
)
def test_ch_j_11_on_the_good_side_of_each_limit(guarded, changes):
    assert call(guarded, token(claims=changes)).status_code == 200


def test_ch_j_06_rs384_too(guarded):
    assert call(guarded, token(header={"alg": "RS384", "kid": "r"})).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"},
        {"Forwarded": "host=evil.example;proto=https"},
    ],
    ids=str,
)
def test_ch_j_10_the_address_is_the_configured_one_whatever_the_request_says(guarded, headers):
    is_told_nothing(call(guarded, token(claims={"aud": f"https://evil.example{HOOK}"}), **headers))
    assert call(guarded, token(), **headers).status_code == 200


def test_ch_j_10_a_client_that_calls_with_a_slash_may_sign_with_it(guarded):
    assert call(guarded, token(f"{HOOK}/"), f"{HOOK}/").status_code == 200
    assert call(guarded, token(HOOK), f"{HOOK}/").status_code == 200


def test_ch_b_11_feedback_may_be_signed_for_the_service_too(settings):
    assert audiences(settings, f"{HOOK}/feedback") == (f"{BASE}{HOOK}/feedback", f"{BASE}{HOOK}")
    assert audiences(settings, HOOK) == (f"{BASE}{HOOK}",)
    assert audiences(settings, "/cds-services/feedback") == (f"{BASE}/cds-services/feedback", f"{BASE}/cds-services")
    assert audiences(settings, "/assess/feedback") == (f"{BASE}/assess/feedback",)


def test_ch_b_11_both_on_the_wire(application):
    app = application()
    app.add_url_rule(f"{HOOK}/feedback", view_func=dict, methods=["POST"])
    client = app.test_client()
    for made_for in (f"{HOOK}/feedback", HOOK):
        assert call(client, token(made_for), f"{HOOK}/feedback").status_code == 200
    is_told_nothing(call(client, token("/cds-services"), f"{HOOK}/feedback"))


# ---------------------------------------------------------------- once


def test_ch_j_12_a_replay_is_401(guarded):
    given = token()
    assert call(guarded, given).status_code == 200
    is_told_nothing(call(guarded, given))


def test_ch_j_12_two_workers_and_one_token(application):
    one, other = application().test_client(), application().test_client()
    given = token()
    assert call(one, given).status_code == 200
    is_told_nothing(call(other, given))


def test_ch_j_12_what_was_refused_was_not_used(guarded):
    given = token()
    is_told_nothing(call(guarded, given, "/cds-services/another"))
    assert call(guarded, given).status_code == 200


def test_ch_j_12_a_store_that_is_down_stops_no_card(application, tmp_path):
    client = application().test_client()
    for path in tmp_path.glob("store.db*"):
        path.unlink()
    (tmp_path / "store.db").mkdir()
    given = token()
    assert call(client, given).status_code == 200
    is_told_nothing(call(client, given))


# ---------------------------------------------------------------- keys that cannot be had


def test_ch_j_09_keys_that_cannot_be_had_are_our_trouble_and_not_the_callers(service, settings, is_outcome):
    class Down:
        def find(self, *_arguments):
            raise KeysUnavailable("", "the keys of the issuer cannot be had now")

    parts = caller_parts(settings)
    broken = CallerParts(parts.issuers, Down(), parts.uses, lambda: NOW)
    answer = call(create_app(replace(service, settings=settings), parts=broken).test_client(), token())
    assert is_outcome(answer, 503)["code"] == "transient"
    assert answer.headers["Retry-After"]


# ---------------------------------------------------------------- what is known of a caller


def test_ch_a_07_ch_j_13_what_the_operator_wrote_of_the_caller_is_at_hand(application):
    app = application()
    with app.test_request_context(
        HOOK, method="POST", headers=bearer(token(claims={"iss": "https://tenants.example", "tenant": "a"}))
    ):
        app.preprocess_request()
        found = caller()
    assert found is not None
    assert (found.name, found.client.tenant) == ("Hospital", "a")
    assert found.fhir_servers == {"https://ehr.example/fhir"}


def test_ch_j_14_issuer_and_tenant_are_logged(guarded, capfd):
    call(guarded, token(claims={"iss": "https://tenants.example", "tenant": "a"}))
    (line,) = [json.loads(row) for row in capfd.readouterr().err.splitlines() if '"answered"' in row]
    assert (line["issuer"], line["tenant"]) == ("https://tenants.example", "a")


def test_ch_j_14_no_token_in_any_log_error_or_metric(guarded, capfd):
    given = [token(), token("/wrong"), token(claims={"exp": MOMENT - 99, "iat": MOMENT - 100}), token(header={"kid": "x"})]
    answers = [call(guarded, each) for each in (*given, given[0])]
    answers.append(call(guarded, given[0], "/cds-services/unknown"))
    answers += [guarded.get("/health", headers=bearer(given[0])), guarded.get("/nothing", headers=bearer(given[0]))]
    said = "".join(capfd.readouterr()) + guarded.get("/metrics").text
    said += "".join(answer.text + str(answer.headers) for answer in answers)
    assert '"answered"' in said
    for each in given:
        for part in each.split(".")[1:]:  # the header is the same for every token of a key, yet see below
            assert part not in said
    assert "eyJ" not in said


def test_ch_a_05_nor_the_token_for_the_record_server(guarded, service, monkeypatch, capfd):
    def fail(*_arguments, **_options):
        raise ValueError("MARK-TOKEN")

    body = json.loads(CALL)
    body["fhirServer"] = "https://ehr.example/fhir"
    body["fhirAuthorization"] = {
        "access_token": "MARK-TOKEN",
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": "user/*.read",
        "subject": "MARK-SUBJECT",
    }
    given = [token(), token()]
    answers = [guarded.post(HOOK, json=body, headers=bearer(given[0]))]
    monkeypatch.setattr(type(service), "consult_prefetch", fail)
    answers.append(guarded.post(HOOK, json=body, headers=bearer(given[1])))
    assert [answer.status_code for answer in answers] == [200, 500]
    said = "".join(capfd.readouterr()) + guarded.get("/metrics").text
    said += "".join(answer.text + str(answer.headers) for answer in answers)
    for secret in ("MARK", *(part for each in given for part in each.split("."))):
        assert secret not in said


def test_ch_j_14_nor_where_something_breaks(guarded, service, monkeypatch, capfd):
    def fail(*_arguments, **_options):
        raise ValueError("broken")

    monkeypatch.setattr(type(service), "consult_prefetch", fail)
    answer = call(guarded, token())
    assert answer.status_code == 500
    assert "eyJ" not in "".join(capfd.readouterr()) + answer.text


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


# ---------------------------------------------------------------- starting


SAFE: dict[str, Any] = {"profile": "production", "auth": "required", "public_base_url": BASE, "issuers": "file"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"auth": "open"}, "ALL_CDS_AUTH=required"),
        ({"public_base_url": ""}, "ALL_CDS_PUBLIC_BASE_URL"),
        ({"public_base_url": "http://localhost:8000"}, "ALL_CDS_PUBLIC_BASE_URL"),
        ({"issuers": ""}, "ALL_CDS_ISSUERS"),
        ({"profile": "development", "public_base_url": ""}, "ALL_CDS_PUBLIC_BASE_URL"),
        ({"profile": "development", "issuers": ""}, "ALL_CDS_ISSUERS"),
    ],
    ids=str,
)
def test_ch_j_01_a_start_that_is_not_safe_is_refused_and_told_what_to_set(service, changes, said):
    settings = Settings(**{**SAFE, **changes})
    for start in (lambda: refuse_unsafe(settings), lambda: create_app(replace(service, settings=settings))):
        with pytest.raises(RequestError) as raised:
            start()
        assert said in raised.value.hint
        others = {"ALL_CDS_AUTH", "ALL_CDS_PUBLIC_BASE_URL", "ALL_CDS_ISSUERS"} - {said.partition("=")[0]}
        assert [name for name in others if name in raised.value.hint] == []


def test_ch_j_01_production_with_nothing_set_is_told_everything():
    with pytest.raises(RequestError) as raised:
        refuse_unsafe(Settings(profile="production"))
    for name in ("ALL_CDS_AUTH=required", "ALL_CDS_PUBLIC_BASE_URL", "ALL_CDS_ISSUERS", "ALL_CDS_PROFILE=development"):
        assert name in raised.value.hint


@pytest.mark.parametrize("changes", [{}, {"profile": "development", "public_base_url": "http://localhost:8000"}])
def test_a_safe_start_is_not_refused(changes):
    refuse_unsafe(Settings(**{**SAFE, **changes}))
    refuse_unsafe(Settings())


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("127.0.0.1", "OPEN: no authentication"),
        ("0.0.0.0", "OPEN for every machine"),
    ],
)
def test_an_open_service_says_so_plainly(host, said):
    assert said in who_may_call(Settings(), host)
    assert "made-up patients only" in who_may_call(Settings(), host)
    assert "OPEN" not in who_may_call(Settings(**SAFE), host)
    assert BASE in who_may_call(Settings(**SAFE), host)


def test_a_store_that_can_never_be_refuses_the_start(settings, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreError) as raised:
        caller_parts(replace(settings, store=str(tmp_path / "file" / "store.db")))
    assert "ALL_CDS_STORE" in raised.value.hint


def test_a_database_elsewhere_may_come_back(settings, monkeypatch, capfd):
    def down(_settings):
        raise StoreError("down")

    monkeypatch.setattr(callers, "open_used_tokens", down)
    parts = caller_parts(replace(settings, store="postgresql+psycopg://db.example/cds"))
    assert parts.uses.first("i", "j", NOW + timedelta(minutes=5), NOW)
    assert "token store failed" in "".join(capfd.readouterr())


def test_the_clock_of_the_service_is_the_real_one(settings):
    before = datetime.now(tz=UTC)
    assert before <= caller_parts(settings).now() <= datetime.now(tz=UTC)


def test_ch_j_01_the_command_does_not_start_and_says_what_to_set():
    command = [str(Path(sys.executable).with_name("all-cds")), "serve", "--port", "1"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ALL_CDS_")}
    environment["ALL_CDS_PROFILE"] = "production"
    ran = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    assert ran.returncode == 2
    assert "ALL_CDS_AUTH=required" in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "Nothing of a patient is kept."),
        ({"public_base_url": BASE}, "Nothing of a patient is kept."),
        ({"encryption_keys": (KEY,)}, "No assessment is kept: cards need ALL_CDS_PUBLIC_BASE_URL to lead to one."),
        ({"encryption_keys": (KEY,), "public_base_url": BASE}, "Assessments are kept encrypted for 72 hours."),
    ],
)
def test_an_operator_is_told_what_is_kept_of_patients(changes, said):
    assert what_is_kept(replace(Settings(), **changes)) == said
