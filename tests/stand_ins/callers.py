"""A record system that calls: its keys, made for one run of the tests, and its tokens, right or wrong in any way."""

import base64
import json
from collections.abc import Callable
from functools import cache

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import get_default_algorithms

CURVES: dict[str, Callable[[], ec.EllipticCurve]] = {"ES256": ec.SECP256R1, "ES384": ec.SECP384R1, "ES512": ec.SECP521R1}
NAMES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}


@cache
def private_key(algorithm, which=0, bits=2048):
    """A key for the algorithm; the same one whenever it is asked for in one run. `which` tells several apart."""
    if algorithm in CURVES:
        return ec.generate_private_key(CURVES[algorithm]())
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def public_pem(key):
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def private_pem(key):
    kind = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, kind, serialization.NoEncryption())


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value, size=None):
    return encoded(value.to_bytes(size or (value.bit_length() + 7) // 8, "big"))


def public_jwk(algorithm, name, key=None, **changes):
    """The public key as a set shows it; a change to None takes the member away."""
    numbers = (key or private_key(algorithm)).public_key().public_numbers()
    if algorithm in CURVES:
        size = (CURVES[algorithm]().key_size + 7) // 8
        shown = {"kty": "EC", "crv": NAMES[algorithm], "x": number(numbers.x, size), "y": number(numbers.y, size)}
    else:
        shown = {"kty": "RSA", "n": number(numbers.n), "e": number(numbers.e)}
    document = {**shown, "kid": name, "use": "sig", "alg": algorithm, **changes}
    return {name: value for name, value in document.items() if value is not None}


def key_set(*keys):
    """The bytes of a set."""
    return json.dumps({"keys": keys}).encode()


def signed(header, claims, key=None):
    """A token of exactly this header and these claims, each an object or raw bytes; signed as the header says."""
    parts = [part if isinstance(part, bytes) else json.dumps(part).encode() for part in (header, claims)]
    content = ".".join(encoded(part) for part in parts)
    algorithm = header["alg"] if isinstance(header, dict) else "ES384"
    if algorithm == "none":
        return f"{content}."
    secret = key if key is not None else private_key(algorithm)
    return f"{content}.{encoded(get_default_algorithms()[algorithm].sign(content.encode(), secret))}"


def without_none(document):
    return {name: value for name, value in document.items() if value is not None}
