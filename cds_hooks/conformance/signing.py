"""Tokens as a client signs them, right or wrong in one way; the key is that of a client which the service knows."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from jwt.algorithms import ECAlgorithm, RSAAlgorithm, get_default_algorithms

PrivateKey = EllipticCurvePrivateKey | RSAPrivateKey

_LIFE: Final = 300  # seconds
_HASHES: Final = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}
_CURVES: Final = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}


def read_key(data: bytes) -> PrivateKey:
    """Return the private key of a PEM or of a JSON Web Key. Raises: ValueError."""
    if data.lstrip().startswith(b"{"):
        try:
            document = json.loads(data)
            key: object = (RSAAlgorithm if document.get("kty") == "RSA" else ECAlgorithm).from_jwk(document)
        except Exception as error:  # whatever the library makes of a broken key
            raise ValueError("the file holds no private key") from error
    else:
        key = load_pem_private_key(data, password=None)
    if isinstance(key, EllipticCurvePrivateKey | RSAPrivateKey):
        return key
    raise ValueError("a private key is needed, RSA or on a NIST curve")


@dataclass(frozen=True, slots=True)
class Signer:
    """Who calls. `audience` is the base address that tokens are made for; the repr shows no key."""

    key: PrivateKey = field(repr=False)
    issuer: str
    kid: str
    audience: str
    now: Callable[[], datetime] = field(repr=False)
    jku: str = ""

    @property
    def algorithm(self) -> str:
        """The algorithm that goes with the key."""
        return _CURVES[self.key.curve.name] if isinstance(self.key, EllipticCurvePrivateKey) else "RS384"

    def token(self, path: str, *, header: Mapping[str, object] | None = None, claims: Mapping[str, object] | None = None) -> str:
        """Return a right token for the path with these members changed; a member that becomes None is left out."""
        moment = int(self.now().timestamp())
        whole_header = {"alg": self.algorithm, "kid": self.kid, "typ": "JWT", "jku": self.jku or None, **(header or {})}
        whole_claims = {
            "iss": self.issuer,
            "aud": self.audience + path,
            "exp": moment + _LIFE,
            "iat": moment,
            "jti": str(uuid4()),
            **(claims or {}),
        }
        content = f"{_segment(whole_header)}.{_segment(whole_claims)}"
        return f"{content}.{self._signature(content, str(whole_header['alg']))}"

    def moment(self, seconds: int) -> int:
        """Return the moment that lies so many seconds from now."""
        return int(self.now().timestamp()) + seconds

    def _signature(self, content: str, algorithm: str) -> str:
        if algorithm == "none":
            return ""
        if algorithm in _HASHES:
            secret = self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
            return _encoded(hmac.new(secret, content.encode(), _HASHES[algorithm]).digest())
        fits = algorithm.startswith("ES") == isinstance(self.key, EllipticCurvePrivateKey)
        signing = get_default_algorithms()[algorithm if fits else self.algorithm]
        return _encoded(signing.sign(content.encode(), self.key))


def _segment(document: Mapping[str, object]) -> str:
    return _encoded(json.dumps({name: value for name, value in document.items() if value is not None}).encode())


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
