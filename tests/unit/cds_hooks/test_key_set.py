"""The key sets of clients: what can check a signature is taken, everything else is passed over."""

import json

import pytest

from cds_hooks import FaultyKeySet
from cds_hooks.key_set import ADMISSIBLE, read_key_set
from tests.stand_ins.callers import encoded, key_set, private_key, public_jwk

GOOD = public_jwk("ES384", "good")


def names(document):
    return set(read_key_set(document).keys)


@pytest.mark.parametrize("algorithm", sorted(ADMISSIBLE))
def test_a_key_is_for_the_algorithm_that_it_names(algorithm):
    assert names(key_set(public_jwk(algorithm, "k"))) == {("k", algorithm)}


def test_ch_j_05_no_algorithm_with_a_shared_secret_can_be_allowed():
    assert {"ES256", "ES384", "ES512", "RS256", "RS384", "RS512"} == ADMISSIBLE


def test_a_key_that_names_no_algorithm_is_for_those_of_its_kind():
    assert names(key_set(public_jwk("ES384", "e", alg=None), public_jwk("RS384", "r", alg=None))) == {
        ("e", "ES384"),
        ("r", "RS256"),
        ("r", "RS384"),
        ("r", "RS512"),
    }


@pytest.mark.parametrize(
    "other",
    [
        {"kty": "oct", "kid": "x", "k": encoded(b"secret")},
        {"kty": "OKP", "kid": "x", "crv": "Ed25519", "x": encoded(b"x" * 32)},
        public_jwk("ES384", "x", kid=None),
        public_jwk("ES384", "x", kid=""),
        public_jwk("ES384", "x", kid=5),
        public_jwk("ES384", "x", use="enc"),
        public_jwk("ES384", "x", key_ops=["sign"]),
        public_jwk("ES384", "x", key_ops="verify"),
        public_jwk("ES384", "x", d="AAAA"),
        public_jwk("ES384", "x", crv="P-999"),
        public_jwk("ES384", "x", crv="P-256", alg=None),
        public_jwk("ES384", "x", alg="RS384"),
        public_jwk("ES384", "x", alg="ES256"),
        public_jwk("ES384", "x", y=None),
        public_jwk("ES384", "x", y=encoded(b"\1" * 48)),
        public_jwk("ES384", "x", y=5),
        public_jwk("ES384", "x", y="not base64 ä"),
        public_jwk("RS384", "x", alg="PS384"),
        public_jwk("RS384", "x", n=None),
        public_jwk("RS384", "x", e="AA"),
        public_jwk("RS384", "x", private_key("RS384", bits=1024)),
        {"kty": "RSA", "kid": "x"},
        {},
        None,
        5,
        "x",
        [],
    ],
    ids=range(27),
)
def test_what_cannot_check_a_signature_is_passed_over_and_the_rest_stays(other):
    assert names(key_set(other, GOOD)) == {("good", "ES384")}


def test_a_key_for_checking_may_say_so():
    assert names(key_set(public_jwk("ES384", "k", key_ops=["verify"], use=None))) == {("k", "ES384")}


def test_ch_j_03_two_keys_of_one_name_and_kind_are_no_key_at_all():
    twins = [public_jwk("ES384", "k"), public_jwk("ES384", "k", private_key("ES384", 1))]
    assert names(key_set(*twins, GOOD)) == {("good", "ES384")}
    assert names(key_set(*twins, twins[0], GOOD)) == {("good", "ES384")}


def test_one_name_for_two_kinds_is_two_keys():
    assert names(key_set(public_jwk("ES384", "k"), public_jwk("RS384", "k"))) == {("k", "ES384"), ("k", "RS384")}


@pytest.mark.parametrize(
    "document",
    [b"", b"{", b"[]", b"5", b"{}", b'{"keys": 5}', b'{"keys": []}', b"\xff", b"[" * 5000, json.dumps({"keys": [{}]}).encode()],
    ids=range(10),
)
def test_what_is_no_key_set_is_told(document):
    with pytest.raises(FaultyKeySet):
        read_key_set(document)


def test_no_key_is_shown():
    assert repr(read_key_set(key_set(GOOD))) == "KeySet()"
