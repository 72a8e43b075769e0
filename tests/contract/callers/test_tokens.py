"""Every fault of a token is the same bare 401; a token is good once; keys that cannot be had are no fault of the caller."""

import json
from dataclasses import replace

import pytest

from cds_hooks import KeysUnavailable
from service.web.app import create_app
from service.web.callers import CallerParts, audiences, caller_parts
from tests.contract.callers.signed_calls import BASE, CALL, ISSUER, JSON, MOMENT, NOW, call, is_told_nothing, token
from tests.contract.stored import HOOK
from tests.stand_ins.callers import private_key, public_pem

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
