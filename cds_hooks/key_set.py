"""The public keys of a client, as it publishes them: a JSON Web Key Set (RFC 7517)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, cast

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from cds_hooks.errors import FaultyKeySet
from cds_hooks.incoming import UNREADABLE

_RSA: Final = ("RS384", "RS256", "RS512")
_CURVES: Final = MappingProxyType({"P-384": "ES384", "P-256": "ES256", "P-521": "ES512"})
_FEWEST_BITS: Final = 2048  # of an RSA key, RFC 7518 section 3.3

ADMISSIBLE: Final = frozenset((*_RSA, *_CURVES.values()))
"""Every algorithm that can be allowed: never `none`, never one with a shared secret."""


@dataclass(frozen=True, slots=True)
class KeySet:
    """Public keys by their name (`kid`) and the algorithm each is for; the repr shows none of them."""

    keys: Mapping[tuple[str, str], jwt.PyJWK] = field(default_factory=dict, repr=False)

    def find(self, kid: str, algorithm: str) -> jwt.PyJWK | None:
        """Return the key of this name for this algorithm; the key decides what it is for, never the token."""
        return self.keys.get((kid, algorithm))


class _Set(msgspec.Struct, gc=False):
    keys: list[msgspec.Raw]


class _Key(msgspec.Struct, gc=False):
    kty: str = ""
    kid: str = ""
    alg: str = ""
    crv: str = ""
    use: str = ""
    key_ops: list[str] | None = None


def read_key_set(document: bytes) -> KeySet:
    """Return the keys that a signature can be checked with; other keys of the set are passed over.

    Two keys of one name and one algorithm are both passed over: which of them is meant cannot be told.
    Raises: FaultyKeySet where nothing is left.
    """
    try:
        sent = msgspec.json.decode(document, type=_Set)
    except UNREADABLE:
        raise FaultyKeySet("keys", "a JSON Web Key Set is expected here") from None
    found: dict[tuple[str, str], jwt.PyJWK | None] = {}
    for raw in sent.keys:
        for name, key in _usable(raw):
            found[name] = None if name in found else key
    keys = {name: key for name, key in found.items() if key is not None}
    if not keys:
        raise FaultyKeySet(
            "keys", "no key to check signatures with: RSA of 2048 bits or EC of a known curve, with a kid of its own"
        )
    return KeySet(MappingProxyType(keys))


def _usable(raw: msgspec.Raw) -> list[tuple[tuple[str, str], jwt.PyJWK]]:
    try:
        key = msgspec.json.decode(raw, type=_Key)
        document: dict[str, Any] = msgspec.json.decode(raw, type=dict)
    except UNREADABLE:
        return []
    if not key.kid or key.use not in {"", "sig"} or (key.key_ops is not None and "verify" not in key.key_ops):
        return []
    if "d" in document:  # a private key that somebody published is nobody's any more
        return []
    algorithms = _RSA if key.kty == "RSA" else (_CURVES[key.crv],) if key.kty == "EC" and key.crv in _CURVES else ()
    keys = []
    for algorithm in algorithms:
        if key.alg in {"", algorithm}:
            try:
                made = jwt.PyJWK(document, algorithm)
            except (jwt.PyJWTError, ValueError, TypeError, KeyError, AttributeError):
                return []
            if key.kty != "RSA" or cast("RSAPublicKey", made.key).key_size >= _FEWEST_BITS:
                keys.append(((key.kid, algorithm), made))
    return keys
