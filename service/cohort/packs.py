"""Results of a patient that nobody looks at before it is known that the patient has ALL: only where their lines lie is kept.

Blocks of lines lie beside a part as they were read, compressed; a pack says which of these lines are a patient's.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from math import inf
from operator import itemgetter
from typing import TYPE_CHECKING

import msgspec
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from typing import IO

    from service.cohort.lines import Block

KIND = "Observation"  # all that is packed are results
_CODEC = pa.Codec("lz4_raw")
_first = itemgetter(0)

Chunk = tuple[int, int, int, int]  # number of its first line, where it begins, bytes there, bytes of lines
Shade = tuple[str, str, str, str, int, bool, str, bool, bytes]
"""A version that nobody wants: type, id, full url, place, number, history, modified, deleted, and its `meta`."""


class Packed(msgspec.Struct, array_like=True, gc=False):
    """The results of a patient within a part: their ids, their lines, and the chunks in which these lie."""

    ids: list[str]
    lines: list[int]
    chunks: list[Chunk]


encode = msgspec.msgpack.Encoder().encode
decode_packed = msgspec.msgpack.Decoder(Packed).decode
decode_shades = msgspec.msgpack.Decoder(list[Shade]).decode


class _Ids(msgspec.Struct, array_like=True, gc=False):
    ids: list[str]


decode_ids = msgspec.msgpack.Decoder(_Ids).decode


@dataclass(slots=True)
class Pack:
    """What is held of one patient while a part is read."""

    bucket: int
    patient: str
    ids: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    shades: list[Shade] = field(default_factory=list)


@dataclass(slots=True)
class Heap:
    """The blocks beside a part, as they are written."""

    file: IO[bytes]
    chunks: list[Chunk] = field(default_factory=list)
    size: int = 0

    def add(self, first: int, block: Block) -> None:
        """Keep the lines of a block, of which the first has this number."""
        data = _CODEC.compress(block.data, asbytes=True)
        self.file.write(data)
        self.chunks.append((first, self.size, len(data), len(block.data)))
        self.size += len(data)

    def packed(self, pack: Pack) -> Packed:
        """Return where the lines of a pack lie; they are in their order."""
        chunks: list[Chunk] = []
        beyond: float = 0  # the first line that is in no chunk found so far
        for line in pack.lines:
            if line >= beyond:
                place = bisect_right(self.chunks, line, key=_first)
                chunks.append(self.chunks[place - 1])
                beyond = self.chunks[place][0] if place < len(self.chunks) else inf
        return Packed(pack.ids, pack.lines, chunks)


def lines_of(heap: Path, packed: Packed) -> Iterator[tuple[str, int, bytes]]:
    """Yield id, number and bytes of each line of a pack. Raises: OSError where they cannot be read."""
    with heap.open("rb") as file:
        starts = [chunk[0] for chunk in packed.chunks]
        opened, lines = -1, []
        for name, number in zip(packed.ids, packed.lines, strict=True):
            place = bisect_right(starts, number) - 1
            if place != opened:
                opened, lines = place, _lines(file, packed.chunks[place])
            yield name, number, lines[number - starts[place]].strip()


def _lines(file: IO[bytes], chunk: Chunk) -> list[bytes]:
    _, begins, size, unpacked = chunk
    file.seek(begins)
    data: bytes = _CODEC.decompress(file.read(size), unpacked, asbytes=True)
    return data.split(b"\n")


def has_twins(ids: Sequence[str]) -> bool:
    """Return whether an id is missing or comes twice."""
    return "" in ids or len(set(ids)) < len(ids)
