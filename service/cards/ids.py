"""The ids of cards and suggestions."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_BYTES = 16
_VARIANT = {digit: "89ab"[int(digit, 16) % 4] for digit in "0123456789abcdef"}


def new_ids(count: int) -> Iterator[str]:
    """Yield so many random ids (UUID, version 4, RFC 9562).

    The system is asked once for the randomness of all of them, because asking takes longer than all the rest.
    """
    drawn = os.urandom(_BYTES * count).hex()
    for at in range(0, len(drawn), 2 * _BYTES):
        one = drawn[at : at + 2 * _BYTES]
        yield f"{one[:8]}-{one[8:12]}-4{one[13:16]}-{_VARIANT[one[16]]}{one[17:20]}-{one[20:]}"
