"""The lines of a file or of a stretch of it, block by block, and why reading ended where it ended too early."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from service.cohort.gzipped import inflated
from service.record.bundle import is_wide

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path
    from typing import IO

LONGEST_LINE = 64 * 1024 * 1024  # bytes; a line is held in memory whole
LONGEST_DOCUMENT = 256 * 1024 * 1024  # bytes; reading one takes about eight times as much memory
_BLOCK = 128 * 1024  # bytes: what stays in the processor's own memory
_TOLD = 1_000  # bytes of a line that is too long
_MARK = 4  # bytes that tell the encoding


@dataclass(frozen=True, slots=True)
class Stretch:
    """The lines of a file that begin at one of these bytes; without an end, all that follow."""

    start: int = 0
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that follow each other, each with the line feed that ends it, and the byte of the file at which they begin.

    Of a gzip file it is the byte of what the file holds. Whoever goes through the lines counts them.
    """

    begins: int
    data: bytes

    @property
    def lines(self) -> Iterable[bytes]:
        """The lines, one by one."""
        return BytesIO(self.data)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why the next line, or the rest of the file from there, cannot be read; with the beginning of the line."""

    code: str
    raw: bytes = b""


WHOLE = Stretch()


def blocks_of(path: Path, *, zipped: bool, stretch: Stretch = WHOLE, longest: int = LONGEST_LINE) -> Iterator[Block | Fault]:
    """Yield the lines, empty ones too; a file that breaks off yields a last fault with the reason. Never raises.

    A gzip file is read whole: it has no places to begin at. One in UTF-16 or UTF-32 yields one fault, with its first stretch.
    """
    block = min(_BLOCK, longest)
    try:
        with path.open("rb") as file:
            if is_wide(_beginning(file, zipped=zipped)):
                if not stretch.start:
                    yield Fault("other-encoding")
                return
            if stretch.start:
                file.seek(stretch.start - 1)
            found = inflated(file, block) if zipped else _read(file, block)
            yield from _whole_lines(found, stretch, longest)
    except (EOFError, zlib.error):
        yield Fault("gzip-broken-off")
    except OSError:
        yield Fault("file-unreadable")


def whole_of(path: Path, *, zipped: bool, longest: int = LONGEST_DOCUMENT) -> bytes | Fault:
    """Return the whole file, or why it cannot be read. Never raises."""
    pieces: list[bytes] = []
    size = 0
    try:
        with path.open("rb") as file:
            for piece in inflated(file, _BLOCK) if zipped else _read(file, _BLOCK):
                pieces.append(piece)
                size += len(piece)
                if size > longest:
                    return Fault("document-too-long", b"".join(pieces)[:_TOLD])
        whole = b"".join(pieces)
        return Fault("other-encoding") if is_wide(whole) else whole
    except (EOFError, zlib.error):
        return Fault("gzip-broken-off")
    except OSError:
        return Fault("file-unreadable")


def _beginning(file: IO[bytes], *, zipped: bool) -> bytes:
    """Return the first bytes of what the file holds; the next read begins anew."""
    found = next(inflated(file, _MARK), b"") if zipped else file.read(_MARK)
    file.seek(0)
    return found


def _read(file: IO[bytes], block: int) -> Iterator[bytes]:
    while data := file.read(block):
        yield data


def _whole_lines(found: Iterator[bytes], stretch: Stretch, longest: int) -> Iterator[Block | Fault]:
    """Yield lines together; of a line that is too long its beginning alone.

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
            yield from _parted(begins, (*held, data[:stop]), longest)
            begins += size + stop
            if stretch.end is not None and begins >= stretch.end:
                return
            rest = data[stop:]
            held, size = [rest], len(rest)
        if size > longest:
            yield _too_long(b"".join(held))
            begins += size
            held, size, passing = [], 0, True
    if size:
        yield from _parted(begins, held, longest)


def _last_end(data: bytes, place: int, end: int | None) -> int:
    """Return how many bytes are lines that end here and are ours; 0 where none ends. `place`: of the data in the file."""
    stop = data.rfind(b"\n") + 1
    if end is None or place + stop <= end:
        return stop
    return data.find(b"\n", max(end - 1 - place, 0)) + 1


def _parted(begins: int, pieces: Sequence[bytes], longest: int) -> Iterator[Block | Fault]:
    """Yield lines, given in pieces; the first for itself where it is too long: the others cannot be."""
    whole = b"".join(pieces)
    stop = whole.find(b"\n")
    if (len(whole) if stop < 0 else stop) > longest:
        yield _too_long(whole[:stop] if stop >= 0 else whole)
        after = stop + 1 or len(whole)
        begins, whole = begins + after, whole[after:]
    if whole:
        yield Block(begins, whole)


def _too_long(line: bytes) -> Fault:
    return Fault("line-too-long", line[:_TOLD])
