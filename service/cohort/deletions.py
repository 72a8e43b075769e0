"""What an export says to be deleted: looked up for each resource of a patient, on disk, however many deletions there are.

A deletion names a resource and not whose it is. The newest deletion of each is kept, with its time where one was told.
"""

from __future__ import annotations

import errno
import sqlite3
from contextlib import closing, contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING

import pyarrow.compute as pc
import pyarrow.parquet as pq

from service.cohort.files import whole
from service.cohort.part_rows import DELETION, DELETIONS, NOBODYS, RESOURCE
from service.cohort.parts import told_of
from service.record.versions import moment_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from service.cohort.parts import PartTask
    from service.cohort.patient_rows import Row

_NAME = "deletions.sqlite"
_TABLE = "CREATE TABLE deletions (type TEXT, id TEXT, moment TEXT, PRIMARY KEY (type, id)) WITHOUT ROWID"
_ADDED = """
    INSERT INTO deletions VALUES (?, ?, ?) ON CONFLICT (type, id) DO UPDATE SET moment = max(moment, excluded.moment)"""
_FOUND = "SELECT moment FROM deletions WHERE type = ? AND id = ?"
_GONE = b"[]"  # in the place of the resource


def write_deletions(parts: Sequence[PartTask], folder: Path) -> None:
    """Write what the parts say to be deleted, if anything is, where `deletions_in` finds it. Raises: OSError."""
    place = folder / _NAME
    saying = [part for part in parts if told_of(part).counts.get(DELETIONS)]
    if not saying or place.exists():
        return
    with whole(place) as unfinished, _as_of_the_disk(), closing(sqlite3.connect(unfinished)) as engine:
        engine.execute("PRAGMA journal_mode = OFF")  # a file that is not whole is not used
        engine.execute(_TABLE)
        for part in saying:
            engine.executemany(_ADDED, _told(part))
        engine.commit()


def _told(part: PartTask) -> Iterator[tuple[str, str, str]]:
    file = pq.ParquetFile(part.data)
    for batch in file.iter_batches(columns=["bucket", "sort", "type", "id", "modified"]):
        own = batch.filter(pc.and_(pc.equal(batch["bucket"], NOBODYS), pc.equal(batch["sort"], DELETION)))
        for kind, name, moment in zip(*(own[column].to_pylist() for column in ("type", "id", "modified")), strict=True):
            yield kind, name, moment_of(moment)


class Deletions:
    """What was deleted, on disk."""

    def __init__(self, place: Path):
        """Open what was written."""
        self._engine = sqlite3.connect(f"{place.absolute().as_uri()}?immutable=1", uri=True)

    def beside(self, patient: str, rows: Iterable[Row]) -> list[Row]:
        """Return the rows of one patient, in their order, and a row for each resource of which a deletion is told."""
        found: list[Row] = []
        latest: tuple[object, object] | None = None
        for row in rows:
            found.append(row)
            named = row[2], row[3]
            if named == latest or not row[3]:
                continue
            latest = named
            with _as_of_the_disk():
                told = self._engine.execute(_FOUND, named).fetchone()
            if told is not None:
                found.append((patient, RESOURCE, *named, "", "", "", 0, True, told[0], True, _GONE))
        return found


def deletions_in(folder: Path) -> Deletions | None:
    """Return what was deleted; None where nothing was."""
    place = folder / _NAME
    try:
        told = place.stat()
    except FileNotFoundError:
        return None
    return _opened(place, told.st_ino, told.st_mtime_ns)


@lru_cache(maxsize=1)
def _opened(place: Path, _node: int, _changed: int) -> Deletions:
    return Deletions(place)


@contextmanager
def _as_of_the_disk() -> Iterator[None]:
    """Let what the engine complains of be told as of any other file. Raises: OSError."""
    try:
        yield
    except sqlite3.Error as error:
        full = error.sqlite_errorcode == sqlite3.SQLITE_FULL
        raise OSError(errno.ENOSPC if full else errno.EIO, "") from error
