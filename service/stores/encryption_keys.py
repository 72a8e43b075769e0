"""Keys as people write them down: 32 bytes in base64."""

from __future__ import annotations

import binascii

HINT = "32 random bytes in base64, such as `openssl rand -base64 32` prints; several are separated by commas"

_LENGTH = 32


def key_bytes(text: str) -> bytes:
    """Return the bytes of a key, in either alphabet of base64. Raises: ValueError, which does not repeat it."""
    try:
        key = binascii.a2b_base64(text.replace("-", "+").replace("_", "/"), strict_mode=True)
    except ValueError:
        key = b""
    if len(key) != _LENGTH:
        raise ValueError("this is no key of 32 bytes in base64")
    return key
