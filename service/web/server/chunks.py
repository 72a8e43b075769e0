"""A body that comes in chunks (RFC 9112, 7.1): taken out of its framing as it comes, each byte looked at once."""

from __future__ import annotations

import io
import re

from gunicorn.http.body import CHUNK_EXT_RE  # type: ignore[import-untyped]

_LONGEST_LINE = 8_190  # with its end
_LONGEST_TRAILER = 65_536
_LINE_END = b"\r\n"
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,16})(?:[ \t]*(;.*))?", re.DOTALL)


class FaultyChunks(ValueError):
    """The framing is none."""


class Chunks:
    """Takes a body out of its framing.

    `decoded`: bytes that the framing announced so far; `number`: of chunks; `body`: what of it has come; `trailer`: the lines
    behind the last chunk; `done`: the end has come.
    """

    def __init__(self) -> None:
        self.decoded = 0
        self.number = 0
        self.body = io.BytesIO()
        self.done = False
        self.trailer = bytearray()
        self._kept = b""  # the beginning of a line whose end has not come
        self._lacking = 0  # bytes of the present chunk, the end of its last line included
        self._in_trailer = False

    @property
    def held(self) -> int:
        """Bytes that are kept."""
        return self.body.tell() + len(self._kept) + len(self.trailer)

    def feed(self, data: bytes) -> bytes:
        """Take the next bytes, and return those that come after the end. Raises: FaultyChunks."""
        data, self._kept, at = self._kept + data, b"", 0
        while not self.done:
            if self._lacking:
                at = self._take(data, at)
                if self._lacking:
                    return b""
            end = data.find(_LINE_END, at)
            if end < 0:
                self._keep(data[at:])
                return b""
            begin, at = at, end + len(_LINE_END)
            if self._in_trailer:
                self._take_trailer(data[begin:at])
            else:
                self._begin(data[begin:end])
        return data[at:]

    def _take(self, data: bytes, at: int) -> int:
        """Take what is there of a chunk and of the end of its line, and return where that ends."""
        of_chunk = self._lacking - len(_LINE_END)
        stop = at + of_chunk
        if of_chunk > 0 and data[stop : stop + len(_LINE_END)] == _LINE_END:  # all of it, as nearly always
            self.body.write(data[at:stop])
            self._lacking = 0
            return stop + len(_LINE_END)
        if of_chunk > 0:
            taken = self.body.write(memoryview(data)[at : at + of_chunk])
            self._lacking -= taken
            at += taken
            if taken < of_chunk:
                return at
        end = data[at : at + self._lacking]
        if not _LINE_END[-self._lacking :].startswith(end):
            raise FaultyChunks
        self._lacking -= len(end)
        return at + len(end)

    def _keep(self, line: bytes) -> None:
        if len(line) > _LONGEST_LINE or b"\n" in line:
            raise FaultyChunks
        self._kept = line

    def _begin(self, line: bytes) -> None:
        size = _DIGITS.get(line)  # hardly anything in a chunk: there may be many such
        if size is None:
            size = _size_of(line)
        self.decoded += size
        self.number += 1
        self._in_trailer = size == 0
        self._lacking = size + len(_LINE_END) if size else 0

    def _take_trailer(self, line: bytes) -> None:
        if line == _LINE_END:
            self.done = True
            return
        self.trailer += line
        if len(self.trailer) > _LONGEST_TRAILER or b"\n" in line[:-1]:
            raise FaultyChunks


_DIGITS = {b"%x" % size: size for size in range(256)}


def _size_of(line: bytes) -> int:
    """Return how many bytes a line announces. Raises: FaultyChunks."""
    found = _SIZE.fullmatch(line) if len(line) + len(_LINE_END) <= _LONGEST_LINE else None
    if found is None or b"\n" in line or (found[2] and (b"\r" in found[2] or not CHUNK_EXT_RE.fullmatch(found[2]))):
        raise FaultyChunks
    return int(found[1], 16)
