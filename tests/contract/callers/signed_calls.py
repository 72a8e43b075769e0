"""Tokens, right and wrong ones, and the calls that bring them."""

from datetime import UTC, datetime

from tests.contract.stored import HOOK, stored_request
from tests.stand_ins.callers import signed, without_none

BASE = "https://cds.example/all"
ISSUER = "https://ehr.example/oauth2"
ORIGIN = "https://sandbox.example"
NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
MOMENT = int(NOW.timestamp())
CALL = stored_request("adult-first-relapse-patient-view")
JSON = "application/json"
KEY = "AQID" * 10 + "AQI="  # a made-up key of 32 bytes


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
