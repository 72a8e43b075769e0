"""Files that are there whole or not at all."""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import orjson

from service.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

UNFINISHED = ".unfinished"


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give the name to write under; the file has its own name only when all is written, and nothing is left of a failure.

    The files hold data of patients: only their owner may read them, from the first byte on.
    """
    unfinished = path.with_name(path.name + UNFINISHED)
    try:
        unfinished.unlink(missing_ok=True)  # one that was left behind may be readable by others
        unfinished.touch(mode=0o600, exist_ok=False)
        yield unfinished
        unfinished.chmod(0o600)  # whatever an engine that made it anew gave it
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def write_json(path: Path, value: object) -> None:
    """Write a value as JSON."""
    with whole(path) as unfinished:
        unfinished.write_bytes(orjson.dumps(value, option=orjson.OPT_INDENT_2))


def read_json(path: Path) -> dict[str, object] | None:
    """Return what was written; None where there is nothing that can be read."""
    try:
        value = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return None
    return value if isinstance(value, dict) else None


@contextmanager
def disk_told() -> Iterator[None]:
    """Turn what a disk or an engine complains of into an error that says what to do. Raises: StoreError."""
    import duckdb  # noqa: PLC0415 - only those who screen need the engine

    try:
        yield
    except OSError as error:
        hint = _ROOM if error.errno in _FULL else _WRITE
        raise StoreError(_reason(error), where=_place(error), hint=hint) from error
    except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
        said = _said(error)
        hint = _MORE if isinstance(error, duckdb.OutOfMemoryException) else _ROOM if said == _NO_SPACE else _WRITE
        raise StoreError(f"the engine that puts the data together stopped: {said}", hint=hint) from error


_MORE = "give the same command again with more --memory: it goes on where it stopped"
_ROOM = "make room and give the same command again: it goes on where it stopped"
_WRITE = "see that the folders can be written and give the same command again: it goes on where it stopped"
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_NO_SPACE = os.strerror(errno.ENOSPC)


def _said(error: Exception) -> str:
    """Return what the engine says in a line; of a full disk it says much, and the reason last."""
    return _NO_SPACE if _NO_SPACE in str(error) else str(error).splitlines()[0][:200]


def _place(error: OSError) -> str:
    name = error.filename
    return os.fsencode(name).decode("utf-8", "backslashreplace") if isinstance(name, str | bytes) else ""


def _reason(error: OSError) -> str:
    said = os.strerror(error.errno) if error.errno else str(error).splitlines()[0][:200]
    return f"a file cannot be written or read: {said}"
