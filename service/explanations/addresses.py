"""Under which address an assessment is kept: a random text that nobody can guess and that says nothing."""

from __future__ import annotations

import hashlib
import re
import secrets

PATH = "/assessments"

_BYTES = 32
_ADDRESS = re.compile(r"[A-Za-z0-9_-]{43}")


def new_address() -> str:
    """Return an address of 256 random bits; whoever has it may read what lies there.

    None begins with a hyphen: given to a command it would be taken for an option.
    """
    address = secrets.token_urlsafe(_BYTES)
    return address if not address.startswith("-") else new_address()


def link_to(address: str, base: str) -> str:
    """Return the link of an address below the public address of the service."""
    return f"{base}{PATH}/{address}"


def address_in(given: str) -> str:
    """Return the address in itself, in a link or in a part of one; empty where there is none."""
    last = given.strip().partition("#")[0].partition("?")[0].rstrip("/").rpartition("/")[2]
    return last if _ADDRESS.fullmatch(last) else ""


def digest_of(address: str) -> str:
    """Return under what an address is kept: whoever reads the store does not learn the link."""
    return hashlib.sha256(address.encode()).hexdigest()
