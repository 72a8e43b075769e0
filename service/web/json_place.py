"""Where a text stops being JSON."""

from __future__ import annotations

import orjson

from service.errors import NotJson


def json_place(body: bytes) -> tuple[int, int] | None:
    """Return line and column, both from 1, where the text stops being JSON; None where it is JSON to this reader."""
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError as fault:
        return fault.lineno, fault.colno
    return None


def not_json(body: bytes) -> NotJson:
    """Return the error for a text that is not JSON, with the place where that can be told."""
    place = json_place(body)
    where = f"line {place[0]}, column {place[1]}" if place is not None else ""
    return NotJson("the body is not JSON", where=where, hint="send JSON in UTF-8")
