"""The lines of a file or of a stretch of it, block by block, and why reading ended where it ended too early."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.cohort.gzipped import inflated

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import IO

LONGEST_LINE = 64 * 1024 * 1024  # bytes; a line is held in memory whole
_BLOCK = 128 * 1024  # bytes: what stays in the processor's own memory
_TOLD = 1_000  # bytes of a line that is too long
_OPENED, _CLOSED = b"{}"


@dataclass(frozen=True, slots=True)
class Stretch:
    """The lines of a file that begin at one of these bytes; without an end, all that follow."""

    start: int = 0
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that follow each other, with a line feed between them; the first with its number, from 1 in the stretch.

    `objects`: whether each line begins as an object of JSON does and ends as one. Then no value goes on from line to line: within
    a value no `{` follows a `}`.
    """

    first: int
    data: bytes
    ends: list[int]  # of the lines: places in the data
    objects: bool

    @classmethod
    def of(cls, first: int, data: bytes) -> Block:
        """Return the lines, looked through once."""
        find, last = data.find, len(data) - 1
        objects = last > 0 and data[0] == _OPENED and data[last] == _CLOSED
        ends: list[int] = []
        at = find(b"\n")
        while at >= 0:
            ends.append(at)
            if objects and (at == last or data[at - 1] != _CLOSED or data[at + 1] != _OPENED):
                objects = False
            at = find(b"\n", at + 1)
        ends.append(last + 1)
        return cls(first, data, ends, objects)

    def line(self, number: int) -> bytes:
        """Return the line of this number."""
        place = number - self.first
        return self.data[self.ends[place - 1] + 1 if place else 0 : self.ends[place]]

    @property
    def lines(self) -> list[bytes]:
        """The lines, one by one."""
        return self.data.split(b"\n")


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a line, or the rest of the file, cannot be read; with the beginning of the line."""

    number: int
    code: str
    raw: bytes = b""


WHOLE = Stretch()


def blocks_of(path: Path, *, zipped: bool, stretch: Stretch = WHOLE, longest: int = LONGEST_LINE) -> Iterator[Block | Fault]:
    """Yield the lines, empty ones too; a file that breaks off yields a last fault with the reason. Never raises.

    A gzip file is read whole: it has no places to begin at.
    """
    number = 0
    block = min(_BLOCK, longest)
    try:
        with path.open("rb") as file:
            if stretch.start:
                file.seek(stretch.start - 1)
            found = inflated(file, block) if zipped else _read(file, block)
            for lines, too_long in _whole_lines(found, stretch, longest):
                if too_long:
                    number += 1
                    yield Fault(number, "line-too-long", lines)
                else:
                    whole = Block.of(number + 1, lines)
                    yield whole
                    number += len(whole.ends)
    except (EOFError, zlib.error):
        yield Fault(number + 1, "gzip-broken-off")
    except OSError:
        yield Fault(number + 1, "file-unreadable")


def whole_of(path: Path, *, zipped: bool) -> bytes | Fault:
    """Return the whole file, or why it cannot be read. Never raises."""
    try:
        with path.open("rb") as file:
            return b"".join(inflated(file, _BLOCK)) if zipped else file.read()
    except (EOFError, zlib.error):
        return Fault(1, "gzip-broken-off")
    except OSError:
        return Fault(1, "file-unreadable")


def _read(file: IO[bytes], block: int) -> Iterator[bytes]:
    while data := file.read(block):
        yield data


def _whole_lines(found: Iterator[bytes], stretch: Stretch, longest: int) -> Iterator[tuple[bytes, bool]]:
    """Yield lines together; of a line that is too long its beginning alone, and that it is.

    Where the stretch does not begin with the file, the data begin one byte before it: there ends a line, or goes on.
    """
    passing = stretch.start > 0  # over the rest of a line that is not ours or too long
    begins = stretch.start - passing  # where the line that is held begins
    held: list[bytes] = []
    size = 0
    for data in found:
        if passing:
            stop = data.find(b"\n") + 1
            begins += stop or len(data)
            if stretch.end is not None and begins >= stretch.end:
                return
            if not stop:
                continue
            passing = False
            data = data[stop:]  # noqa: PLW2901 - the rest of it
        stop = _last_end(data, begins + size, stretch.end)
        if not stop:
            held.append(data)
            size += len(data)
        else:
            begins += size + stop
            yield from _parted(held, data[: stop - 1], longest)
            if stretch.end is not None and begins >= stretch.end:
                return
            rest = data[stop:]
            held, size = [rest], len(rest)
        if size > longest:
            yield b"".join(held)[:_TOLD], True
            begins += size
            held, size, passing = [], 0, True
    if size:
        yield from _parted(held, b"", longest)


def _last_end(data: bytes, place: int, end: int | None) -> int:
    """Return how many bytes are lines that end here and are ours; 0 where none ends. `place`: of the data in the file."""
    stop = data.rfind(b"\n") + 1
    if end is None or place + stop <= end:
        return stop
    return data.find(b"\n", max(end - 1 - place, 0)) + 1


def _parted(held: list[bytes], data: bytes, longest: int) -> Iterator[tuple[bytes, bool]]:
    """Yield lines, what was held before the first; that one for itself where it is too long: the others cannot be."""
    whole = b"".join((*held, data))
    stop = whole.find(b"\n")
    first = len(whole) if stop < 0 else stop
    if first > longest:
        yield whole[: min(first, _TOLD)], True
        if stop < 0:
            return
        whole = whole[stop + 1 :]
    yield whole, False
