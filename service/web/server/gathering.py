"""One request on its way in: what has come of it, and whether it is whole. Nothing here waits for a peer."""

from __future__ import annotations

import io
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from gunicorn.http.body import ChunkedReader, LengthReader  # type: ignore[import-untyped]
from gunicorn.http.parser import RequestParser  # type: ignore[import-untyped]

from service.web import request_ids
from service.web.server.chunks import Chunks, FaultyChunks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gunicorn.config import Config  # type: ignore[import-untyped]

LONGEST_HEAD = 65_536
"""Bytes of request line and headers together; a signed token of a few kilobytes fits."""

_ID = request_ids.HEADER.upper()
_END_OF_HEAD = b"\r\n\r\n"
FIRST_PIECE = 1 << 16
"""Bytes that a peer is asked for while the head is not known: what comes with it is copied more than once."""
LARGEST_PIECE = 1 << 23
"""Bytes of a body that are asked for at once: it comes in as few pieces as the peer's pace allows."""
_FRAMING = 16  # so many times the decoded bytes may be sent in chunks: hardly anything in long lines is an attack
FREE_CHUNKS = 20_000
"""Chunks that may be as small as they like; each one takes its time."""
BYTES_OF_A_CHUNK = 512
"""What each further chunk must hold on average."""


class Refused(Exception):
    """What comes cannot become a request that we answer; the status says why."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status.phrase)
        self.status = status


def id_sent(request: object) -> str:
    """Return the id that the client gave a request; '' where it gave none, or its head could not be read."""
    headers: Iterable[tuple[str, str]] = getattr(request, "headers", ())
    return next((value for name, value in headers if name == _ID), "")


class Inbox:
    """What came from the peer and was not read yet. Stands where the server's parser expects a socket."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def __len__(self) -> int:
        return len(self._bytes)

    def add(self, data: bytes) -> None:
        """Take what came."""
        self._bytes += data

    def has_head(self, looked: int) -> bool:
        """Return whether the end of the headers is there; `looked` bytes were searched before."""
        return self._bytes.find(_END_OF_HEAD, max(0, looked - len(_END_OF_HEAD))) >= 0

    def recv(self, size: int) -> bytes:
        """Return the next bytes, b"" where there are none: to the parser that is a peer that has gone."""
        data = bytes(memoryview(self._bytes)[:size])
        del self._bytes[:size]
        return data


class _Parser(RequestParser):  # type: ignore[misc] # gunicorn has no types
    """Reads the head as soon as it is there, and gives what it found, or raises what it met, when it is asked."""

    def __init__(self, cfg: Config, inbox: Inbox, client: object) -> None:
        super().__init__(cfg, inbox, client)
        self._request: Any = None
        self._failure: Exception | None = None

    def read_head(self) -> Any:  # noqa: ANN401 - gunicorn has no types
        """Return the request of the head that has come; None where the head is faulty, and then `next` says why."""
        self._request, self._failure = None, None
        try:
            self._request = super().__next__()
        except Exception as error:  # noqa: BLE001 - raised again where it is answered
            self._failure = error
        return self._request

    def __next__(self) -> Any:  # noqa: ANN401 - gunicorn has no types
        if self._failure is not None:
            raise self._failure
        return self._request

    next = __next__


class _Whole(io.BytesIO):
    """A body that has come whole: who reads all of it at once is handed the very bytes, not a copy of them."""

    failed = False  # what the parser asks of a body before the next request is read


class Gathering:
    """The requests of one connection, one after the other. `limit`: bytes of a body that are gathered at most."""

    def __init__(self, cfg: Config, client: object, limit: int) -> None:
        self._inbox = Inbox()
        self.parser = _Parser(cfg, self._inbox, client)
        self._limit = limit
        self._looked = 0
        self._request: Any = None
        self._wanted = 0  # bytes of the body, where its length was announced
        self._body: list[bytes] = []  # what of it has come, in pieces as they came
        self._come = 0
        self._chunks: Chunks | None = None
        self._of_chunks = 0
        self._whole = 0  # bytes of the body of a request that is whole

    @property
    def held(self) -> int:
        """Bytes that are kept for this connection, those of a request that waits for its answer among them."""
        framed = self._chunks.held if self._chunks is not None else 0
        return len(self._inbox) + self._read_ahead + self._come + framed + self._whole

    @property
    def id_sent(self) -> str:
        """The id that the client gave the request that is coming; '' where it gave none, or its head has not come."""
        return id_sent(self._request)

    def let_answered_go(self) -> None:
        """Let go of the body that was answered."""
        if self.parser.mesg is not None:
            self.parser.mesg.body = _Whole()
        self._whole = 0

    def let_all_go(self) -> None:
        """Let go of everything: nothing more is read on this connection."""
        self._inbox.recv(len(self._inbox))
        self.parser.unreader.take_buffered()
        self._body, self._come, self._chunks = [], 0, None
        self.let_answered_go()

    @property
    def asks_for(self) -> int:
        """How many bytes the peer is asked for at once: of a body whose length is known all that is lacking, and no more."""
        return min(self._wanted - self._come, LARGEST_PIECE) if self._wanted else FIRST_PIECE

    def take_leave_asked(self) -> bool:
        """Return, once, whether the peer waits for leave to send its body (`Expect: 100-continue`)."""
        asks = self._request is not None and getattr(self._request, "_expected_100_continue", False)
        if asks:
            self._request._expected_100_continue = False  # noqa: SLF001 - else the server would say it a second time
        return bool(asks)

    @property
    def _read_ahead(self) -> int:
        size: int = self.parser.unreader.buf.getbuffer().nbytes
        return size

    def begin(self) -> bool:
        """Make ready for the next request, and return whether what came with the last one is a whole one already.

        Raises: Refused.
        """
        self.let_answered_go()  # however long the next request takes to come
        ahead = self.parser.unreader.take_buffered()
        if ahead:
            rest = self._inbox.recv(len(self._inbox))  # what was read ahead came before it
            self._inbox.add(ahead + rest)
        self._request, self._chunks, self._wanted, self._looked, self._of_chunks = None, None, 0, 0, 0
        self._body, self._come = [], 0
        return self._inspect()

    def add(self, data: bytes) -> bool:
        """Take what came, and return whether the request is whole.

        A body that is announced too large counts as whole: the application refuses it by its length, and the connection ends.
        Raises: Refused.
        """
        if self._wanted:
            return self._take(data)
        if self._chunks is not None:
            return self._follow(self._chunks, data)
        self._inbox.add(data)
        return self._inspect()

    def _inspect(self) -> bool:
        if not self._inbox.has_head(self._looked):
            self._looked = len(self._inbox)
            if self._looked > LONGEST_HEAD:
                raise Refused(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
            return False
        self._request = self.parser.read_head()
        if self._request is None:
            return True  # the thread answers what is wrong with it
        reader = self._request.body.reader
        if isinstance(reader, ChunkedReader):
            self._chunks = Chunks()
            return self._follow(self._chunks, self._take_waiting())
        length: int = reader.length if isinstance(reader, LengthReader) else 0
        if length > self._limit:
            self._request.force_close()
            return True
        if not length:
            return True
        self._wanted = length
        return self._take(self._take_waiting())

    def _take_waiting(self) -> bytes:
        """Return what has come behind the head."""
        come: bytes = self.parser.unreader.take_buffered() + self._inbox.recv(len(self._inbox))
        return come

    def _take(self, data: bytes) -> bool:
        """Take what came of a body of known length; what comes after it belongs to the next request."""
        self._body.append(data)
        self._come += len(data)
        beyond = self._come - self._wanted
        if beyond < 0:
            return False
        if beyond:
            self._inbox.add(data[-beyond:])
            self._body[-1] = data[:-beyond]
        self._request.body, self._whole = _Whole(b"".join(self._body)), self._wanted
        self._body, self._come, self._wanted = [], 0, 0
        return True

    def _follow(self, chunks: Chunks, data: bytes) -> bool:
        """Take what came of a body in chunks; what comes after it belongs to the next request."""
        self._of_chunks += len(data)
        try:
            beyond = chunks.feed(data)
        except FaultyChunks:
            raise Refused(HTTPStatus.BAD_REQUEST) from None
        # One byte beyond the limit is the application's to refuse; more is not gathered.
        too_large = chunks.decoded > self._limit + 1 or self._of_chunks > _FRAMING * (chunks.decoded + LONGEST_HEAD)
        if too_large or chunks.number > FREE_CHUNKS + chunks.decoded // BYTES_OF_A_CHUNK:
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if not chunks.done:
            return False
        self._read_trailer(bytes(chunks.trailer))
        self._inbox.add(beyond)
        self._request.body, self._whole, self._chunks = _Whole(chunks.body.getvalue()), chunks.decoded, None
        return True

    def _read_trailer(self, lines: bytes) -> None:
        """Raises: Refused where the parser finds fault with the lines behind the last chunk."""
        if not lines:
            return
        try:
            self._request.trailers = self._request.parse_headers(lines.removesuffix(b"\r\n"), from_trailer=True)
        except Exception:  # noqa: BLE001 - whichever of its many kinds
            raise Refused(HTTPStatus.BAD_REQUEST) from None
