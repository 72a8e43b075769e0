"""The lines of a file, one at a time, and why reading ended where it ended too early."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import IO

LONGEST_LINE = 64 * 1024 * 1024  # bytes; a line is held in memory whole


@dataclass(frozen=True, slots=True)
class Line:
    """One line with its number, from 1. `fault` says why it, or the rest of the file, cannot be read."""

    number: int
    raw: bytes
    fault: str = ""


def lines_of(path: Path, *, zipped: bool, longest: int = LONGEST_LINE) -> Iterator[Line]:
    """Yield the lines that are not empty; a file that breaks off yields a last one with the reason. Never raises."""
    number = 0
    try:
        with _opened(path, zipped=zipped) as file:
            while line := file.readline(longest + 1):
                number += 1
                if len(line) > longest and not line.endswith(b"\n"):
                    yield Line(number, line[:1000], "line-too-long")
                    _pass_over(file, longest)
                elif stripped := line.strip():
                    yield Line(number, stripped)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        yield Line(number + 1, b"", "gzip-broken-off")
    except OSError:
        yield Line(number + 1, b"", "file-unreadable")


def whole_of(path: Path, *, zipped: bool) -> Line:
    """Return the whole file as line 1, with a fault where it cannot be read. Never raises."""
    try:
        with _opened(path, zipped=zipped) as file:
            return Line(1, file.read())
    except (EOFError, zlib.error, gzip.BadGzipFile):
        return Line(1, b"", "gzip-broken-off")
    except OSError:
        return Line(1, b"", "file-unreadable")


def _opened(path: Path, *, zipped: bool) -> IO[bytes]:
    return cast("IO[bytes]", gzip.open(path)) if zipped else path.open("rb")


def _pass_over(file: IO[bytes], longest: int) -> None:
    while (rest := file.readline(longest)) and not rest.endswith(b"\n"):
        pass
