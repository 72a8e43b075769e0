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


@dataclass(frozen=True, slots=True)
class Stretch:
    """The lines of a file that begin at one of these bytes; without an end, all that follow."""

    start: int = 0
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that follow each other, without their ends; the first with its number, from 1 in the stretch."""

    first: int
    lines: list[bytes]


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
            for lines in _whole_lines(found, stretch, longest):
                if isinstance(lines, bytes):
                    number += 1
                    yield Fault(number, "line-too-long", lines)
                else:
                    yield Block(number + 1, lines)
                    number += len(lines)
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


def _whole_lines(found: Iterator[bytes], stretch: Stretch, longest: int) -> Iterator[list[bytes] | bytes]:
    """Yield lists of lines; of a line that is too long its beginning alone.

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
            lines = data.split(b"\n")
            begins += size + stop
            if stretch.end is not None and begins >= stretch.end:
                yield from _parted(held, data[: stop - 1].split(b"\n"), longest)
                return
            rest = lines.pop()
            yield from _parted(held, lines, longest)
            held, size = [rest], len(rest)
        if size > longest:
            yield b"".join(held)[:_TOLD]
            begins += size
            held, size, passing = [], 0, True
    if size:
        yield from _parted(held, [b""], longest)


def _last_end(data: bytes, place: int, end: int | None) -> int:
    """Return how many bytes are lines that end here and are ours; 0 where none ends. `place`: of the data in the file."""
    stop = data.rfind(b"\n") + 1
    if end is None or place + stop <= end:
        return stop
    return data.find(b"\n", max(end - 1 - place, 0)) + 1


def _parted(held: list[bytes], lines: list[bytes], longest: int) -> Iterator[list[bytes] | bytes]:
    """Yield lines, what was held before the first; that one for itself where it is too long: the others cannot be."""
    lines[0] = b"".join((*held, lines[0]))
    if len(lines[0]) > longest:
        yield lines[0][:_TOLD]
        del lines[0]
    if lines:
        yield lines
