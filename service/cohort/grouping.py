"""The parts put together by patient, by an engine that writes to disk what does not fit into memory."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import duckdb

from service.cohort.files import read_json, whole, write_json
from service.cohort.part_rows import NOBODYS, SCHEMA, SHADES
from service.cohort.parts import first_lines, told_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from service.cohort.parts import PartTask

_SHARE = "bucket"
_SELECTED = ", ".join(name for name in SCHEMA.names if name != "part")

_READ_PARTS = "read_parquet($parts, hive_partitioning = false)"  # a folder `patient=7` above them is no column
# Lines are counted within a stretch of a file as it is read; only now is it known where each stretch begins.
_PARTS = """
    parts AS (
        SELECT * REPLACE (number + before AS number)
        FROM {parts} JOIN (SELECT unnest($numbers) AS part, unnest($before) AS before) USING (part)
        WHERE bucket BETWEEN {low} AND {high}
    )"""
_OWN = f"SELECT {_SELECTED} FROM parts"  # noqa: S608 - our own words
# Versions that nobody wants matter only beside others.
_WITHOUT_IDLE_SHADES = f"""
    WHERE (sort <> '{SHADES}' OR patient IN (SELECT patient FROM parts WHERE sort <> '{SHADES}'))"""  # noqa: S608 - as above
# Of what belongs to nobody, each patient gets what the own resources point at.
_SHARED = f"""
    UNION ALL
    SELECT {_SELECTED.replace("bucket, patient", "pointing.bucket, pointing.patient")}
    FROM (
        SELECT DISTINCT bucket, patient, pointer AS pointed FROM parts WHERE sort = 'resource' AND pointer <> ''
    ) pointing
    JOIN (
        SELECT * EXCLUDE (bucket, patient) FROM {_READ_PARTS}
        WHERE bucket = {NOBODYS} AND sort = 'resource' AND type = 'Medication'
    ) shared
    ON shared.id = pointing.pointed"""  # noqa: S608 - as above
_TOGETHER = 8 * 1024 * 1024  # bytes of resources that are put together at once
_ALONE = 1024 * 1024  # bytes of resources beyond which two processes have work
_MOST_GROUPS = 256  # beyond that the engine writes to disk what does not fit
_MOST_OPENED = 200_000  # parts, of which each group opens all: a folder of bundles has one for each
# Into the file that is there: a new one would be readable by all.
_WRITTEN = "(FORMAT parquet, COMPRESSION lz4, ROW_GROUP_SIZE 4096, WRITE_BLOOM_FILTER false, USE_TMP_FILE false)"


def connect(folder: Path, memory: str, threads: int) -> duckdb.DuckDBPyConnection:
    """Return the engine with a limit of memory and a folder for what does not fit."""
    spilled = folder / "spilled"
    spilled.mkdir(exist_ok=True, mode=0o700)
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory,
        "temp_directory": str(spilled),
        "threads": threads,
        "preserve_insertion_order": False,
    }
    return duckdb.connect(":memory:", config=settings)


def as_it_is(path: Path) -> str:
    """Return how the engine is told which file to read: a sign that would be a pattern to it stands for itself."""
    return "".join(f"[{sign}]" if sign in "[*?" else sign for sign in str(path))


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
    fewest = 1 + (size > _ALONE)
    opening = max(_MOST_OPENED // max(len(parts), 1), fewest)
    number = min(buckets, _MOST_GROUPS, opening, max(-(-size // _TOGETHER), fewest))
    ends = [buckets * place // number for place in range(number + 1)]
    return [GroupTask(place, low, high - 1, folder) for place, (low, high) in enumerate(pairwise(ends))]


def group(task: GroupTask, work: Path, parts: Sequence[PartTask], memory: str) -> None:
    """Write all that is known of the patients of some shares, and how many patients each has."""
    before = first_lines(parts)
    given = {"parts": [as_it_is(part.data) for part in parts], "numbers": list(before), "before": list(before.values())}
    told = [told_of(part) for part in parts]
    query = _OWN
    if any(one.counts.get("shadows") for one in told):
        query += _WITHOUT_IDLE_SHADES
    if any(one.pointing for one in told):
        query += _SHARED
    chosen = _PARTS.format(parts=_READ_PARTS, low=task.low, high=task.high)
    with connect(work, memory, 1) as engine:
        with whole(task.data) as unfinished:
            escaped = str(unfinished).replace("'", "''")
            engine.execute(f"COPY (WITH {chosen} {query} ORDER BY {_SHARE}) TO '{escaped}' {_WRITTEN}", given)
        rows = engine.execute(
            f"SELECT bucket, count(DISTINCT patient) FROM {_READ_PARTS} GROUP BY bucket ORDER BY bucket",  # noqa: S608 - as above
            {"parts": [as_it_is(task.data)]},
        ).fetchall()
    write_json(task.counts, {str(bucket): number for bucket, number in rows})
