"""Where a resource stood: a file with a line, or with an entry of a bundle; and how lists of what was rejected tell it."""

from __future__ import annotations

from typing import NamedTuple

import orjson


class Place(NamedTuple):
    """A line of a file, 0 of a document, where lines say nothing; an entry of a bundle; an element of a resource."""

    file: str
    line: int
    position: str = ""
    path: str = ""


def rejected_line(place: Place, code: str, raw: bytes) -> bytes:
    """Return a line of the list of what was rejected, with all its bytes."""
    told: dict[str, object] = {"file": place.file, "line": place.line or None, "code": code}
    if place.position:
        told["position"] = place.position
    if place.path:
        told["path"] = place.path
    told["raw"] = raw.decode("utf-8", "backslashreplace")
    return orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE)


def entry_place(file: str, position: str) -> str:
    """Return the place of a resource that stood in a bundle of a file, such as `a.json:entry[3]`."""
    return f"{file}:{position}"


def in_bundle(place: str) -> tuple[str, str]:
    """Return the file and the entry that a place names; '' for what stood in no bundle."""
    file, _, position = place.rpartition(":")
    return (file, position) if place.endswith("]") else (place, "")
