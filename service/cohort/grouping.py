"""The parts put together by patient, by an engine that writes to disk what does not fit into memory."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, pairwise
from operator import itemgetter
from typing import TYPE_CHECKING

import duckdb
import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from service.cohort.files import read_json, whole, write_json
from service.cohort.part_rows import NOBODYS, REFUSAL, SHADOW
from service.cohort.parts import first_lines, told_of
from service.record.bundle import Head, Slice, open_resource

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from service.cohort.parts import PartTask

_COLUMNS = ("patient", "sort", "type", "id", "pointer", "full_url", "place", "number", "history", "modified", "deleted", "raw")
_SHARE = "bucket"
_SELECTED = ", ".join((_SHARE, *_COLUMNS, "tells"))

# Lines are counted within a stretch of a file as it is read; only now is it known where each stretch begins.
_PARTS = """
    parts AS (
        SELECT * REPLACE (number + before AS number)
        FROM read_parquet($parts) JOIN (SELECT unnest($numbers) AS part, unnest($before) AS before) USING (part)
        WHERE bucket BETWEEN {low} AND {high}
    )"""
_OWN = f"SELECT {_SELECTED} FROM parts"  # noqa: S608 - our own words
# A shadow matters only beside a version that was wanted.
_WITHOUT_IDLE_SHADOWS = """
    WHERE (sort <> 'shadow' OR (patient, type, id) IN (
        SELECT (patient, type, id) FROM parts WHERE sort = 'resource' AND id <> ''
    ))"""
# Of what belongs to nobody, each patient gets what the own resources point at.
_SHARED = f"""
    UNION ALL
    SELECT {_SELECTED.replace("bucket, patient", "pointing.bucket, pointing.patient")}
    FROM (
        SELECT DISTINCT bucket, patient, pointer AS pointed FROM parts WHERE sort = 'resource' AND pointer <> ''
    ) pointing
    JOIN (SELECT * EXCLUDE (bucket, patient) FROM read_parquet($parts) WHERE bucket = {NOBODYS} AND type = 'Medication') shared
    ON shared.id = pointing.pointed"""  # noqa: S608 - as above
_KEYS = ("patient", "type", "id", "place", "number")
_TOGETHER = 24 * 1024 * 1024  # bytes of resources that are put together at once
_MOST_GROUPS = 256  # beyond that the engine writes to disk what does not fit
_WRITTEN = "(FORMAT parquet, COMPRESSION lz4, ROW_GROUP_SIZE 4096, WRITE_BLOOM_FILTER false)"


@dataclass(frozen=True, slots=True)
class OnePatient:
    """One patient's resources; `refused` says why the patient cannot be judged although there are data."""

    key: str
    slices: tuple[Slice, ...]
    refused: str = ""
    repeated: int = 0  # resources that stood there twice, byte for byte
    persons: int = 0  # Patient resources


@dataclass(frozen=True, slots=True)
class Gathered:
    """What is there of one patient: first what may tell of the disease, in full where it is asked for."""

    telling: OnePatient
    _rows: pa.Table

    def in_full(self) -> OnePatient:
        """Return all that is there."""
        return _patient(self.telling.key, _in_order(self._rows))


def connect(folder: Path, memory: str, threads: int) -> duckdb.DuckDBPyConnection:
    """Return the engine with a limit of memory and a folder for what does not fit."""
    spilled = folder / "spilled"
    spilled.mkdir(exist_ok=True)
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory,
        "temp_directory": str(spilled),
        "threads": threads,
        "preserve_insertion_order": False,
    }
    return duckdb.connect(":memory:", config=settings)


@dataclass(frozen=True, slots=True)
class GroupTask:
    """Some shares to be put together, from the first to the last, and where they go."""

    number: int
    low: int
    high: int
    folder: Path

    @property
    def data(self) -> Path:
        """Where the resources go."""
        return self.folder / f"{self.number:06}.parquet"

    @property
    def counts(self) -> Path:
        """How many patients each share has; written last, so that where it is the shares are whole."""
        return self.folder / f"{self.number:06}.json"

    def patients(self) -> dict[int, int]:
        """Return the number of patients of each share that has any."""
        found: dict[str, int] = read_json(self.counts) or {}  # type: ignore[assignment]  # as `group` writes it
        return {int(bucket): number for bucket, number in found.items()}


def groups_of(folder: Path, parts: Sequence[PartTask], buckets: int) -> list[GroupTask]:
    """Return what is put together at once: so many shares as a fixed memory can hold, however large the whole is."""
    size = sum(told_of(part).size for part in parts)
    number = min(buckets, _MOST_GROUPS, -(-size // _TOGETHER) or 1)
    ends = [buckets * place // number for place in range(number + 1)]
    return [GroupTask(place, low, high - 1, folder) for place, (low, high) in enumerate(pairwise(ends))]


def group(task: GroupTask, work: Path, parts: Sequence[PartTask], memory: str) -> None:
    """Write all that is known of the patients of some shares, and how many patients each has."""
    before = first_lines(parts)
    given = {"parts": [str(part.data) for part in parts], "numbers": list(before), "before": list(before.values())}
    told = [told_of(part) for part in parts]
    query = _OWN
    if any(one.counts.get("shadows") for one in told):
        query += _WITHOUT_IDLE_SHADOWS
    if any(one.pointing for one in told):
        query += _SHARED
    chosen = _PARTS.format(low=task.low, high=task.high)
    with connect(work, memory, 1) as engine:
        with whole(task.data) as unfinished:
            escaped = str(unfinished).replace("'", "''")
            engine.execute(f"COPY (WITH {chosen} {query} ORDER BY {_SHARE}) TO '{escaped}' {_WRITTEN}", given)
        rows = engine.execute(
            "SELECT bucket, count(DISTINCT patient) FROM read_parquet($1) GROUP BY bucket ORDER BY bucket", [str(task.data)]
        ).fetchall()
    write_json(task.counts, {str(bucket): number for bucket, number in rows})


def patients_of(grouped: Path, bucket: int) -> Iterator[Gathered]:
    """Yield the patients of one share, in the order of their ids."""
    told = grouped.stat()
    file, places = _opened(grouped, told.st_ino, told.st_mtime_ns)
    table = file.read_row_groups(places[bucket], [_SHARE, "tells", *_COLUMNS], use_threads=False)
    table = table.filter(pc.equal(table[_SHARE], bucket)).sort_by([(name, "ascending") for name in _KEYS]).combine_chunks()
    rows = table.select(_COLUMNS)
    telling = groupby(_in_order(rows.filter(_is_looked_at(table))), key=itemgetter(0))
    following = next(telling, None)
    for key, first, number in _runs(table["patient"]):
        own: Iterable[tuple[object, ...]] = ()
        if following is not None and following[0] == key:
            own = list(following[1])
            following = next(telling, None)
        yield Gathered(_patient(key, own), rows.slice(first, number))


def _in_order(rows: pa.Table) -> list[tuple[object, ...]]:
    return list(zip(*(rows[name].to_pylist() for name in _COLUMNS), strict=True))


def _is_looked_at(table: pa.Table) -> pa.Array:
    """Return for each row whether it may tell of the disease, has no name, or stands there in several versions."""
    alike = None
    for name in ("patient", "type", "id"):
        column = table[name].combine_chunks()
        same = pc.equal(column[1:], column[:-1])
        alike = same if alike is None else pc.and_(alike, same)
    one = pa.array([False])
    twins = pc.or_(pa.concat_arrays([one, alike]), pa.concat_arrays([alike, one]))
    return pc.or_(pc.or_(table["tells"].combine_chunks(), twins), pc.equal(table["id"].combine_chunks(), ""))


def _runs(patients: pa.ChunkedArray) -> Iterator[tuple[str, int, int]]:
    """Yield each patient with the first row and the number of rows, of rows that are in the order of patients."""
    runs = pc.run_end_encode(patients.combine_chunks())
    first = 0
    for key, end in zip(runs.values.to_pylist(), runs.run_ends.to_pylist(), strict=True):
        yield key, first, end - first
        first = end


@lru_cache(maxsize=1)
def _opened(grouped: Path, _node: int, _changed: int) -> tuple[pq.ParquetFile, dict[int, list[int]]]:
    """Return the file, opened once in a process, and in which of its groups of rows each share stands."""
    file = pq.ParquetFile(grouped)
    places: dict[int, list[int]] = {}
    for place in range(file.metadata.num_row_groups):
        found = file.metadata.row_group(place).column(0).statistics
        for bucket in range(found.min, found.max + 1):
            places.setdefault(bucket, []).append(place)
    return file, places


def _patient(key: str, rows: Iterable[tuple[object, ...]]) -> OnePatient:
    slices: list[Slice] = []
    refused, repeated, persons = "", 0, 0
    seen: set[tuple[object, ...]] = set()
    for _, sort, kind, name, pointer, full_url, place, number, history, modified, deleted, raw in rows:
        if sort == REFUSAL:
            refused = str(pointer)
            continue
        assert isinstance(raw, bytes)  # noqa: S101 - the schema of the parts
        persons += kind == "Patient"
        same = (sort, kind, name, full_url, raw)
        if same in seen:
            repeated += 1
            continue
        seen.add(same)
        head = (
            Head(resourceType=str(kind), id=str(name), meta=msgspec.Raw(raw))
            if sort == SHADOW
            else _head(raw, bool(deleted), kind, name)
        )
        gone = sort == SHADOW or bool(deleted)
        slices.append(
            Slice(msgspec.Raw(raw), str(full_url), str(place), int(str(number)), head, bool(history), str(modified), gone)
        )
    return OnePatient(key, tuple(slices), refused, repeated, persons)


def _head(raw: bytes, deleted: bool, kind: object, name: object) -> Head | None:  # noqa: FBT001 - a column
    return Head(resourceType=str(kind), id=str(name)) if deleted else open_resource(raw).head
