"""Encryption of what is kept of a patient: only this service can read it, and only where it was put."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from service.errors import SealBroken

if TYPE_CHECKING:
    from collections.abc import Sequence

_FORMAT = b"\x01"  # AES-256-GCM, a nonce of twelve bytes in front
_NONCE = 12


class Vault:
    """Seals with the first of its keys and opens with any of them, so that a key can be replaced while others are in use.

    What is sealed is bound to the texts beside it (`beside`: where it lies, until when, ...): moved to another row, or with
    one of them changed, it no longer opens. The repr shows no key.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._ciphers = tuple(AESGCM(key) for key in keys)

    def seal(self, content: bytes, beside: Sequence[str]) -> bytes:
        """Return the content encrypted; the same content twice gives two different texts."""
        nonce = secrets.token_bytes(_NONCE)
        return _FORMAT + nonce + self._ciphers[0].encrypt(nonce, content, _bound(beside))

    def open(self, sealed: bytes, beside: Sequence[str]) -> bytes:
        """Return the content. Raises: SealBroken where no key opens it as it lies here; nobody can tell why."""
        nonce, rest = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
        if sealed.startswith(_FORMAT) and len(nonce) == _NONCE:
            bound = _bound(beside)
            for cipher in self._ciphers:
                try:
                    return cipher.decrypt(nonce, rest, bound)
                except InvalidTag:
                    continue
        raise SealBroken("what is kept cannot be opened with the keys that are set")


def _bound(beside: Sequence[str]) -> bytes:
    """Return the texts so that two different lists of them never look the same."""
    return orjson.dumps(list(beside))
