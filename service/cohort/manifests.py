"""The list of files that a server gives with an export: which server it is, and what was not downloaded."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import orjson

from service.cohort.sorts import plain_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

_LONGEST = 64 * 1024 * 1024  # bytes
_PARTS = ("output", "deleted")
_EXPORT = re.compile(r"https?://(.+?)/(?:Patient/|Group/[^/]+/)?(?:\$|%24)export", re.IGNORECASE)


def not_there(manifest: Path, present: Sequence[str]) -> tuple[str, ...]:
    """Return the names of files that a list names and that are not among those present.

    Nothing is told where none of them is there: they were given other names then.
    """
    named = dict.fromkeys(_names(_read(manifest)))
    there = {plain_name(name) for name in present}
    lacking = tuple(name for name in named if plain_name(name) not in there)
    return lacking if len(lacking) < len(named) else ()


def server_of(manifest: Path) -> str:
    """Return the address of the server that was asked for the export, without its protocol; '' where it is not told."""
    request = _read(manifest).get("request")
    found = _EXPORT.match(request) if isinstance(request, str) else None
    return found[1].casefold() if found else ""


def _read(manifest: Path) -> Mapping[str, object]:
    try:
        found = orjson.loads(manifest.read_bytes()) if manifest.stat().st_size <= _LONGEST else None
    except (OSError, orjson.JSONDecodeError, RecursionError):
        found = None
    return found if isinstance(found, dict) else {}


def _names(told: Mapping[str, object]) -> Iterator[str]:
    for part in _PARTS:
        files = told.get(part)
        for file in files if isinstance(files, list) else ():
            address = file.get("url") if isinstance(file, dict) else None
            if isinstance(address, str) and (name := _name(address)):
                yield name


def _name(address: str) -> str:
    try:
        return unquote(urlsplit(address).path).rsplit("/", 1)[-1]
    except ValueError:
        return ""
