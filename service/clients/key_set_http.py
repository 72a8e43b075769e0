"""How one key set is fetched: over https, from that address only, in little time, and no more than a set can be."""

from __future__ import annotations

import time
from http import HTTPStatus
from typing import TYPE_CHECKING

import requests

from cds_hooks.errors import FaultyKeySet
from cds_hooks.key_set import KeySet, read_key_set
from service.errors import UpstreamError

if TYPE_CHECKING:
    from collections.abc import Callable

TIME_OUT = 2.0  # seconds, for the connection, for each piece, and for all of it
MOST_BYTES = 100_000
_PIECE = 16_384


def fetch_key_set(address: str, clock: Callable[[], float] = time.monotonic) -> KeySet:
    """Return the set that lies at the address; `clock` measures durations only. Raises: UpstreamError."""
    if not address.startswith("https://"):
        raise _failed(address, "it is no https address")
    try:
        with requests.get(
            address,
            headers={"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "all-cds"},
            timeout=TIME_OUT,
            allow_redirects=False,
            stream=True,
        ) as response:
            if response.status_code != HTTPStatus.OK:  # a redirect too: keys come from the address on the list
                raise _failed(address, f"it answered with {response.status_code}")
            return read_key_set(_body(response, address, clock))
    except requests.Timeout:
        raise _failed(address, "no answer in time") from None
    except (requests.RequestException, OSError):
        raise _failed(address, "it cannot be reached, or broke off") from None
    except FaultyKeySet as error:
        raise _failed(address, error.hint) from None


def _body(response: requests.Response, address: str, clock: Callable[[], float]) -> bytes:
    begun = clock()
    parts = bytearray()
    # What has arrived, as it arrives: waiting for a whole piece would let a slow sender hold us for ever.
    while piece := response.raw.read1(_PIECE):
        parts += piece
        if len(parts) > MOST_BYTES:
            raise _failed(address, f"the answer is larger than {MOST_BYTES} bytes")
        if clock() - begun > TIME_OUT:
            raise _failed(address, "no answer in time")
    return bytes(parts)


def _failed(address: str, why: str) -> UpstreamError:
    return UpstreamError(f"a key set cannot be had: {why}", where=address)
