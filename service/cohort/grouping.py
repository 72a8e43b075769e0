"""The parts put together by patient, by an engine that writes to disk what does not fit into memory."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

import duckdb
import msgspec

from service.cohort.files import whole, write_json
from service.cohort.parts import REFUSAL, SHADOW
from service.record.bundle import Head, Slice, open_resource

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Of what belongs to nobody, each patient gets what the own resources point at. A shadow matters only beside a version that was
# wanted.
_GROUP = """
COPY (
    WITH parts AS (SELECT * FROM read_parquet($parts)),
    wanted AS (SELECT DISTINCT patient, type, id FROM parts WHERE sort = 'resource' AND id <> '')
    SELECT * FROM parts
    WHERE patient <> '' AND (sort <> 'shadow' OR (patient, type, id) IN (SELECT (patient, type, id) FROM wanted))
    UNION ALL
    SELECT pointing.bucket, pointing.patient, shared.* EXCLUDE (bucket, patient)
    FROM (
        SELECT DISTINCT bucket, patient, pointer FROM parts WHERE patient <> '' AND sort = 'resource' AND pointer <> ''
    ) pointing
    JOIN parts shared ON shared.patient = '' AND shared.type = 'Medication' AND shared.id = pointing.pointer
    ORDER BY bucket, patient, type, id, place, number
) TO '{target}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 20000)
"""
_COLUMNS = "patient, sort, type, id, pointer, full_url, place, number, history, modified, deleted, raw"
_FETCHED = 500  # rows


@dataclass(frozen=True, slots=True)
class OnePatient:
    """One patient's resources; `refused` says why the patient cannot be judged although there are data."""

    key: str
    slices: tuple[Slice, ...]
    refused: str = ""
    repeated: int = 0  # resources that stood there twice, byte for byte
    persons: int = 0  # Patient resources


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


def group(folder: Path, parts: list[Path], target: Path, memory: str, threads: int) -> None:
    """Write all that is known of each patient, patients of one share beside each other; and how many a share has."""
    with connect(folder, memory, threads) as engine:
        with whole(target) as unfinished:
            escaped = str(unfinished).replace("'", "''")
            engine.execute(_GROUP.format(target=escaped), {"parts": [str(path) for path in parts]})
        rows = engine.execute(
            "SELECT bucket, count(DISTINCT patient) FROM read_parquet($1) GROUP BY bucket ORDER BY bucket", [str(target)]
        ).fetchall()
    write_json(target.with_suffix(".json"), {"patients": {str(bucket): number for bucket, number in rows}})


def patients_of(grouped: Path, bucket: int, engine: duckdb.DuckDBPyConnection) -> Iterator[OnePatient]:
    """Yield the patients of one share, in the order of their ids."""
    query = f"SELECT {_COLUMNS} FROM read_parquet($1) WHERE bucket = $2 ORDER BY patient, type, id, place, number"  # noqa: S608 - fixed words
    cursor = engine.execute(query, [str(grouped), bucket])
    for key, rows in groupby(_rows(cursor), key=itemgetter(0)):
        yield _patient(key, rows)


def _rows(cursor: duckdb.DuckDBPyConnection) -> Iterator[tuple[object, ...]]:
    while rows := cursor.fetchmany(_FETCHED):
        yield from rows


def _patient(key: str, rows: Iterator[tuple[object, ...]]) -> OnePatient:
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
