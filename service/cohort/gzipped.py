"""What a gzip file holds, a piece at a time, as far as it can be read."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

MAGIC = b"\x1f\x8b"  # how a file begins that is gzip
_GZIP = 31  # tells zlib that there are a head and sums, which it proves
_READ = 128 * 1024  # bytes


def inflated(file: IO[bytes], most: int) -> Iterator[bytes]:
    """Yield what the members of the file hold, at most so many bytes at once, all of it that comes before a fault.

    Raises: zlib.error for what is no gzip or fails its sums, EOFError where the file ends within a member, or is empty.
    """
    engine, begun, empty = zlib.decompressobj(_GZIP), False, True
    while data := file.read(_READ):
        empty = False
        while data:
            if not begun:
                data = data.lstrip(b"\0")  # members may be padded
                begun = bool(data)
            if found := engine.decompress(data, most):
                yield found
            data = engine.unconsumed_tail
            if engine.eof:
                data = engine.unused_data
                engine, begun = zlib.decompressobj(_GZIP), False
    if empty:
        raise EOFError
    if begun:
        if found := engine.flush():
            yield found
        if not engine.eof:
            raise EOFError
