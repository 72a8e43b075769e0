"""Who calls: what is a token at all, and the members of its header and its claims."""

import json
from datetime import timedelta

import pytest

import cds_hooks
from cds_hooks.jwt import bearer_token
from tests.stand_ins.callers import signed
from tests.unit.cds_hooks.jwt.tokens import EC_KID, ENDPOINT, ISSUER, MOMENT, NOW, RIGHT, RSA_KID, token


def test_ch_j_02_a_right_token_tells_who_calls(check, uses):
    client = check(token())
    assert (client.issuer, client.token_id, client.tenant) == (ISSUER, "j-1", "")
    assert client.expires == NOW + timedelta(seconds=300)
    assert uses.seen == [(ISSUER, "j-1", NOW + timedelta(seconds=360))]  # until nobody could use it any more: exp and 60 s


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer  ", "Basic dTpw", "bearer", "token"])
def test_ch_j_02_without_a_bearer_token(header):
    with pytest.raises(cds_hooks.NoToken):
        bearer_token(header)


@pytest.mark.parametrize("header", ["Bearer a.b.c", "bearer a.b.c", "BEARER   a.b.c  "])
def test_ch_j_02_the_word_bearer_in_any_letters(header):
    assert bearer_token(header) == "a.b.c"


@pytest.mark.parametrize("missing", ["kid", "typ", "alg"])
def test_ch_j_03_a_header_without_one_of_its_members(check, missing):
    whole = {"alg": "ES384", "kid": EC_KID, "typ": "JWT"}
    del whole[missing]
    claims = {"iss": ISSUER, "aud": ENDPOINT, "exp": MOMENT + 300, "iat": MOMENT, "jti": "j-1"}
    with pytest.raises(cds_hooks.UnreadableToken):
        check(signed(json.dumps(whole).encode(), claims))


@pytest.mark.parametrize("header", [{"kid": ""}, {"kid": 7}, {"typ": "at+jwt"}, {"typ": ""}, {"crit": ["exp"]}, {"b64": False}])
def test_ch_j_03_a_header_that_is_not_as_it_must_be(check, header):
    with pytest.raises(cds_hooks.UnreadableToken):
        check(token(header))


def test_ch_j_03_a_key_name_is_opaque_and_the_type_may_be_in_small_letters(check):
    assert check(token({"alg": "RS384", "kid": RSA_KID, "typ": "jwt"})).issuer == ISSUER


@pytest.mark.parametrize("missing", ["iss", "aud", "exp", "iat", "jti"])
def test_ch_j_04_each_missing_claim(check, missing, keys):
    with pytest.raises(cds_hooks.UnreadableToken):
        check(token(claims={missing: None}))
    assert keys.asked == []


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": ""},
        {"jti": ""},
        {"jti": 5},
        {"aud": 5},
        {"aud": [5]},
        {"exp": str(MOMENT + 300)},
        {"exp": True},
        {"exp": -1},
        {"exp": 10**30},
        {"iat": "now"},
        {"nbf": "now"},
        {"tenant": 5},
    ],
    ids=str,
)
def test_ch_j_04_a_claim_of_another_shape(check, claims):
    with pytest.raises(cds_hooks.UnreadableToken):
        check(token(claims=claims))


def test_ch_j_04_other_claims_are_passed_over(check):
    assert check(token(claims={"nbf": MOMENT - 300, "sub": "client-1", "more": {"a": [1]}})).issuer == ISSUER


def test_ch_j_04_times_may_have_fractions(check):
    assert check(token(claims={"exp": MOMENT + 299.5, "iat": MOMENT - 0.5})).token_id == "j-1"


@pytest.mark.parametrize(
    "given",
    [
        "",
        "a",
        "a.b",
        "a.b.c",
        "..",
        RIGHT.replace(".", "", 1),
        f"{RIGHT}.x",
        f"{RIGHT} ",
        f"{RIGHT}, Bearer {RIGHT}",
        "ä" + RIGHT,
        signed(b"{", {}),
        signed(b"[]", {}),
        signed({"alg": "ES384", "kid": EC_KID, "typ": "JWT"}, b"\xff"),
        signed({"alg": "ES384", "kid": EC_KID, "typ": "JWT"}, b"[" * 9000),
        signed({"alg": "ES384", "kid": EC_KID, "typ": "JWT"}, {"iss": "x" * 20_000}),
        f"A{RIGHT}",
    ],
    ids=range(16),
)
def test_what_is_no_token_at_all(check, keys, given):
    with pytest.raises(cds_hooks.UnreadableToken):
        check(given)
    assert keys.asked == []
