"""Results of a patient that nobody looks at before it is known that the patient has ALL: only where their lines lie is kept.

A pack says which lines of a file are a patient's. They are read from that file again, if it is still what was listed. Of a gzip
file, which can only be read from its beginning, blocks of lines lie beside the part, compressed.
"""

from __future__ import annotations

import os
from bisect import bisect_right
from dataclasses import dataclass, field
from math import inf
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pyarrow as pa

from service.errors import FileChanged

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

    from service.cohort.inputs import Source
    from service.cohort.lines import Block

KIND = "Observation"  # all that is packed are results
_CODEC = pa.Codec("lz4_raw")
_first = itemgetter(0)

Chunk = tuple[int, int, int, int]  # number of its first line, where it begins, bytes there, bytes of lines: the same in a source
Shade = tuple[str, str, str, str, int, bool, str, bool, bytes]
"""A version that nobody wants: type, id, full url, place, number, history, modified, deleted, and its `meta`."""


class Origin(msgspec.Struct, array_like=True, gc=False):
    """A file in which the lines lie, as it was listed."""

    path: bytes
    size: int
    changed: int  # as in Source

    @classmethod
    def of(cls, source: Source) -> Origin:
        """Return how a source is told in packs."""
        return cls(os.fsencode(source.path), source.size, source.changed)

    def require_the_same(self, file: IO[bytes]) -> None:
        """Raises: FileChanged."""
        told = os.fstat(file.fileno())
        if (told.st_size, told.st_mtime_ns) != (self.size, self.changed):
            raise FileChanged("a file was changed after it was read")


class Packed(msgspec.Struct, array_like=True, gc=False):
    """The results of a patient within a part: their ids, their lines, the chunks in which these lie, and where the chunks lie."""

    ids: list[str]
    lines: list[int]
    chunks: list[Chunk]
    origin: Origin | None = None


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
    """Where blocks of lines lie: in the file of which the part is made, or, where there is none, beside the part."""

    file: IO[bytes]
    origin: Origin | None = None
    chunks: list[Chunk] = field(default_factory=list)
    size: int = 0

    def add(self, first: int, block: Block) -> None:
        """Keep the lines of a block, of which the first has this number."""
        if self.origin is not None:
            self.chunks.append((first, block.begins, len(block.data), len(block.data)))
            return
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
        return Packed(pack.ids, pack.lines, chunks, self.origin)


def lines_of(heap: Path, packed: Packed) -> list[tuple[str, int, bytes]]:
    """Return id, number and bytes of each line of a pack. Raises: FileChanged, OSError for what we wrote ourselves."""
    if packed.origin is None:
        with heap.open("rb") as file:
            return list(_told(file, packed))
    try:
        with Path(os.fsdecode(packed.origin.path)).open("rb") as file:
            packed.origin.require_the_same(file)
            found = list(_told(file, packed))
            packed.origin.require_the_same(file)  # still, while it was read
    except (OSError, IndexError):  # gone, or cut off just now
        raise FileChanged("a file cannot be read again") from None
    return found


def _told(file: IO[bytes], packed: Packed) -> Iterator[tuple[str, int, bytes]]:
    starts = [chunk[0] for chunk in packed.chunks]
    opened, lines = -1, []
    for name, number in zip(packed.ids, packed.lines, strict=True):
        place = bisect_right(starts, number) - 1
        if place != opened:
            opened, lines = place, _lines(file, packed.chunks[place], compressed=packed.origin is None)
        yield name, number, lines[number - starts[place]].strip()


def _lines(file: IO[bytes], chunk: Chunk, *, compressed: bool) -> list[bytes]:
    _, begins, size, unpacked = chunk
    file.seek(begins)
    data = file.read(size)
    if compressed:
        data = _CODEC.decompress(data, unpacked, asbytes=True)
    return data.split(b"\n")
