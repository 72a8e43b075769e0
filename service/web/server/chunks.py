"""Where a body that comes in chunks ends (RFC 9112, 7.1): the framing is followed, what it frames is not looked at."""

from __future__ import annotations

_LONGEST_LINE = 8_190
_LONGEST_TRAILER = 65_536
_LINE_END = 2  # CR LF behind the data of a chunk
_HEX = frozenset(b"0123456789abcdefABCDEF")


class FaultyChunks(ValueError):
    """The framing is none."""


class Chunks:
    """Follows the framing as its bytes come. `decoded`: bytes that it frames so far; `done`: its end has come."""

    def __init__(self) -> None:
        self.decoded = 0
        self.done = False
        self._line = bytearray()
        self._skip = 0
        self._in_trailer = False
        self._trailer = 0

    def feed(self, data: bytes) -> None:
        """Follow the next bytes. Raises: FaultyChunks."""
        at = 0
        while at < len(data) and not self.done:
            if self._skip:
                step = min(self._skip, len(data) - at)
                self._skip -= step
                at += step
                continue
            end = data.find(b"\n", at)
            self._line += data[at : end + 1] if end >= 0 else data[at:]
            if len(self._line) > _LONGEST_LINE:
                raise FaultyChunks
            if end < 0:
                return
            at = end + 1
            self._take_line()

    def _take_line(self) -> None:
        line = bytes(self._line)
        self._line.clear()
        if self._in_trailer:
            self._trailer += len(line)
            if self._trailer > _LONGEST_TRAILER:
                raise FaultyChunks
            self.done = line == b"\r\n"
            return
        digits = line.split(b";", 1)[0].strip()
        if not digits or not set(digits) <= _HEX:
            raise FaultyChunks
        size = int(digits, 16)
        self.decoded += size
        self._in_trailer = size == 0
        self._skip = size + _LINE_END if size else 0
