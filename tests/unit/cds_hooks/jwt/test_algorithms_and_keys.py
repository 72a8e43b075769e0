"""Who calls: the algorithms, the issuers with their keys, and the signature."""

import json

import pytest

import cds_hooks
from cds_hooks.jwt import ALGORITHMS, Trust, TrustedIssuer, verify
from cds_hooks.key_set import KeySet, read_key_set
from tests.stand_ins.callers import encoded, key_set, private_key, public_jwk, public_pem
from tests.unit.cds_hooks.jwt.tokens import EC_KID, ENDPOINT, ISSUER, KEYS_AT, NOW, RIGHT, RSA_KID, Keys, token


def test_ch_j_05_a_token_without_a_signature(check, keys):
    with pytest.raises(cds_hooks.ForbiddenAlgorithm):
        check(token({"alg": "none"}))
    assert keys.asked == []


@pytest.mark.parametrize("word", ["None", "NONE", "nOnE", ""])
def test_ch_j_05_nor_with_another_writing_of_none(check, word):
    head, body, _ = RIGHT.split(".")
    head = encoded(json.dumps({"alg": word, "kid": EC_KID, "typ": "JWT"}).encode())
    with pytest.raises(cds_hooks.ForbiddenAlgorithm):
        check(f"{head}.{body}.")


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
@pytest.mark.parametrize("of", ["ES384", "RS384"])
def test_ch_j_05_a_public_key_is_no_shared_secret(check, algorithm, of):
    kid = {"ES384": EC_KID, "RS384": RSA_KID}[of]
    with pytest.raises(cds_hooks.ForbiddenAlgorithm):
        check(token({"alg": algorithm, "kid": kid}, key=public_pem(private_key(of))))


def test_ch_j_05_not_even_where_an_issuer_was_allowed_it(uses):
    # The set holds no key for it: a shared secret is no key of ours.
    keys = Keys(read_key_set(key_set(public_jwk("ES384", EC_KID), {"kty": "oct", "kid": "s", "k": encoded(b"x" * 64)})))
    trust = Trust({ISSUER: TrustedIssuer(algorithms=frozenset({"HS256"}))}, keys, uses.first)
    with pytest.raises(cds_hooks.UnknownKey):
        verify(token({"alg": "HS256", "kid": "s"}, key=b"x" * 64), trust, (ENDPOINT,), NOW)


@pytest.mark.parametrize(("algorithm", "kid"), [("ES384", EC_KID), ("RS384", RSA_KID)])
def test_ch_j_06_the_two_recommended_algorithms(check, algorithm, kid):
    assert check(token({"alg": algorithm, "kid": kid})).issuer == ISSUER


def test_ch_j_06_these_two_and_no_other_unless_an_issuer_is_allowed_more():
    assert {"ES384", "RS384"} == ALGORITHMS


@pytest.mark.parametrize("algorithm", ["ES256", "ES512", "RS256", "RS512"])
def test_ch_j_06_another_algorithm_needs_leave(keys, check, algorithm):
    keys.set = read_key_set(key_set(public_jwk(algorithm, "k")))
    given = token({"alg": algorithm, "kid": "k"})
    with pytest.raises(cds_hooks.ForbiddenAlgorithm):
        check(given)
    assert keys.asked == []
    assert check(given, algorithms=frozenset({algorithm})).issuer == ISSUER


def test_ch_j_06_leave_of_one_issuer_is_none_for_another(keys, uses):
    keys.set = read_key_set(key_set(public_jwk("ES256", "k")))
    issuers = {ISSUER: TrustedIssuer(), "https://other.example": TrustedIssuer(algorithms=frozenset({"ES256"}))}
    with pytest.raises(cds_hooks.ForbiddenAlgorithm) as raised:
        verify(token({"alg": "ES256", "kid": "k"}), Trust(issuers, keys, uses.first), (ENDPOINT,), NOW)
    assert raised.value.issuer == ISSUER
    assert keys.asked == []


@pytest.mark.parametrize(("algorithm", "kid", "key"), [("ES384", RSA_KID, "ES384"), ("RS384", EC_KID, "RS384")])
def test_ch_j_06_a_key_is_for_its_own_algorithm_whatever_the_token_says(check, algorithm, kid, key):
    with pytest.raises(cds_hooks.UnknownKey):
        check(token({"alg": algorithm, "kid": kid}, key=private_key(key)))


@pytest.mark.parametrize("issuer", ["https://other.example", f"{ISSUER}/", ISSUER.upper(), f" {ISSUER}"])
def test_ch_j_07_an_issuer_that_is_not_on_the_list_as_it_writes_itself(check, keys, issuer):
    with pytest.raises(cds_hooks.UnknownIssuer) as raised:
        check(token(claims={"iss": issuer}))
    assert keys.asked == []
    assert raised.value.issuer == ""


@pytest.mark.parametrize("address", [f"{KEYS_AT}/", f"{KEYS_AT}?x", "https://evil.example/jwks", "https://EHR.example/jwks"])
def test_ch_j_07_an_unlisted_key_address_is_refused_before_anybody_is_asked(check, keys, address):
    with pytest.raises(cds_hooks.UnlistedKeyAddress) as raised:
        check(token({"jku": address}), key_addresses=frozenset({KEYS_AT}))
    assert keys.asked == []
    assert raised.value.issuer == ISSUER


def test_ch_j_07_a_listed_key_address_is_where_the_key_is_looked_for(check, keys):
    check(token({"jku": KEYS_AT}), key_addresses=frozenset({KEYS_AT}))
    assert keys.asked == [(ISSUER, KEYS_AT, EC_KID, "ES384")]


def test_ch_j_08_without_a_key_address_the_keys_agreed_on_are_used(check, keys):
    check(token())
    assert keys.asked == [(ISSUER, "", EC_KID, "ES384")]


def test_ch_j_08_a_key_that_the_token_brings_along_is_no_key(check):
    stranger = private_key("ES384", 1)
    brought = public_jwk("ES384", "mine", stranger)
    with pytest.raises(cds_hooks.UnknownKey):
        check(token({"kid": "mine", "jwk": brought}, key=stranger))


def test_ch_j_09_keys_that_cannot_be_had_are_another_matter_than_a_bad_token(uses):
    class Down:
        def find(self, *_arguments):
            raise cds_hooks.KeysUnavailable("jwks", "later")

    with pytest.raises(cds_hooks.KeysUnavailable):
        verify(RIGHT, Trust({ISSUER: TrustedIssuer()}, Down(), uses.first), (ENDPOINT,), NOW)
    assert uses.seen == []


def test_a_signature_of_another_key(check):
    with pytest.raises(cds_hooks.WrongSignature):
        check(token(key=private_key("ES384", 1)))


@pytest.mark.parametrize("segment", [0, 1, 2])
def test_a_token_that_was_changed_afterwards(check, segment):
    parts = RIGHT.split(".")
    other = token({"x": "y"}, {"jti": "j-2"}, private_key("ES384", 1)).split(".")
    parts[segment] = other[segment]
    with pytest.raises(cds_hooks.WrongSignature):
        check(".".join(parts))


def test_a_signature_that_was_cut_off(check):
    for rest in (RIGHT.rpartition(".")[0] + ".", RIGHT[:-4]):
        with pytest.raises(cds_hooks.WrongSignature):
            check(rest)


def test_an_empty_set_knows_nobody():
    assert KeySet().find("k", "ES384") is None
