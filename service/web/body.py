"""The body of a request as bytes, within the limits, before anything is parsed."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from werkzeug.exceptions import RequestEntityTooLarge

from service.errors import NotJson, TooLarge, UnsupportedMediaType

if TYPE_CHECKING:
    from flask import Request

    from service.settings import Settings

CONTENT_TYPES = frozenset({"application/json", "application/fhir+json", "application/json+fhir"})
CHARSETS = frozenset({"", "utf-8", "utf8", "us-ascii"})
_COUNTED_AT_ONCE = 1 << 16  # bytes, at the least
MOST_MEMBERS = 64
_GZIP = 31  # zlib's number for "a gzip header and no other"


def read_body(request: Request, settings: Settings) -> bytes:
    """Return the body, inflated where it was sent with gzip.

    Raises: UnsupportedMediaType, TooLarge, NotJson for a body that is not the gzip it says it is.
    """
    if request.mimetype not in CONTENT_TYPES:
        raise UnsupportedMediaType(
            "the content type is not one that we read", where="Content-Type", hint="application/json or application/fhir+json"
        )
    if request.mimetype_params.get("charset", "").lower() not in CHARSETS:
        raise UnsupportedMediaType("the charset is not one that we read", where="Content-Type", hint="JSON is UTF-8")
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in {"identity", "gzip"}:
        raise UnsupportedMediaType("the encoding is not one that we read", where="Content-Encoding", hint="gzip or identity")
    body = read_sent(request, settings.body_limit)
    if encoding == "gzip":
        body = inflate(body, settings.inflated_limit)
    return with_few_values(body, settings.value_limit)


def with_few_values(body: bytes, limit: int) -> bytes:
    """Return the body. Raises: TooLarge where it holds more values than the limit."""
    # Three bytes as sent can be a hundred once they are objects: the memory is bounded here, before any are made.
    counted = found = 0
    # Only as many bytes are counted as could still lead over the limit: a value takes one byte at least, its comma another.
    while (more := 2 * (found - limit) + len(body) - counted) > 0:
        if found > limit:
            raise TooLarge("the body holds more values than the limit", hint=f"at most {limit}")
        until = min(counted + max(more, _COUNTED_AT_ONCE), len(body))
        found += body.count(b",", counted, until)
        counted = until
    return body


def read_sent(request: Request, limit: int) -> bytes:
    """Return the body as it was sent, whatever it is. Raises: TooLarge."""
    too_large = TooLarge("the body is larger than the limit", hint=f"at most {limit} bytes")
    length = request.content_length
    if length is not None:
        if length > limit:
            raise too_large
        # In one piece: each piece that a server hands out costs it a copy of the rest.
        return request.input_stream.read(length)
    # One byte more than the limit is let through: a body without a length would else be cut at it without a word.
    request.max_content_length = limit + 1
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        raise too_large from None
    if len(body) > limit:
        raise too_large
    return body


def inflate(body: bytes, limit: int) -> bytes:
    """Return the gzip body inflated, never holding more than the limit.

    Raises: TooLarge, NotJson.
    """
    parts: list[bytes] = []
    members = 0
    room = limit + 1
    rest = body
    try:
        while rest:  # a gzip file may have several members
            members += 1
            if members > MOST_MEMBERS:  # what follows each is copied: ever so many empty ones would hold up everybody
                raise NotJson("the body is gzip of too many members", where="Content-Encoding")
            member = zlib.decompressobj(_GZIP)
            part = member.decompress(rest, room)
            parts.append(part)
            room -= len(part)
            if room <= 0:
                raise TooLarge("the body is larger than the limit once it is inflated", hint=f"at most {limit} bytes")
            if not member.eof:
                raise NotJson("the body is not whole gzip", where="Content-Encoding")
            rest = member.unused_data
    except zlib.error:
        raise NotJson("the body is not gzip", where="Content-Encoding") from None
    return b"".join(parts)
