"""What a part holds: rows of resources by patient, written a few thousand at once, the rejects, and the counts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from service.cohort.concerned import may_tell_of_disease
from service.cohort.heads import SHARED, Rejected, bucket_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from typing import IO

    from service.cohort.heads import Kept, Sorted
    from service.record.vocabulary import Terms

# `tells`: whether the resource is needed to know the disease. `part` and `number`: the line as counted within the part.
SCHEMA = pa.schema(
    [
        ("part", pa.int32()),
        ("bucket", pa.int32()),
        ("patient", pa.string()),
        ("sort", pa.string()),
        ("tells", pa.bool_()),
        ("type", pa.string()),
        ("id", pa.string()),
        ("pointer", pa.string()),
        ("full_url", pa.string()),
        ("place", pa.string()),
        ("number", pa.int64()),
        ("history", pa.bool_()),
        ("modified", pa.string()),
        ("deleted", pa.bool_()),
        ("raw", pa.binary()),
    ]
)
NOBODYS = -1  # the share of what may be anybody's
RESOURCE, SHADOW, REFUSAL = "resource", "shadow", "refusal"
_FLUSHED_AT = 16 * 1024 * 1024  # bytes of resources held before they are written
_ROWS_AT = 20_000
_GROUPS = 16  # of rows, in which they are written
_share = itemgetter(1)

Row = tuple[int, int, str, str, bool, str, str, str, str, str, int, bool, str, bool, bytes]


def part_writer(path: Path) -> pq.ParquetWriter:
    """Return what writes a part: read once and taken away, so that little is spent on making it small."""
    repeated = ["part", "sort", "type", "pointer", "full_url", "place", "modified"]
    return pq.ParquetWriter(path, SCHEMA, compression="lz4", use_dictionary=repeated, write_statistics=["bucket"])


@dataclass(slots=True)
class PartFile:
    """A part as it is written: what is held until it is enough to be written at once, and what is counted."""

    number: int
    name: str  # of the source, as lists name it
    buckets: int
    terms: Terms
    writer: pq.ParquetWriter
    rejects: IO[bytes]
    lines: int = 0
    pointing: int = 0  # at a Medication that may be nobody's
    counts: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)
    held: list[Row] = field(default_factory=list)
    size: int = 0
    written: int = 0  # bytes of resources

    def passed_over(self, number: int) -> None:
        """Count resources that no fact asks for."""
        if number:
            self.counts["read"] += number
            self.counts["not asked for"] += number

    def add_all(self, number: int, found: Iterable[Sorted]) -> None:
        """Take what stood on one line."""
        for one in found:
            self.add(number, one)

    def add(self, number: int, found: Sorted) -> None:
        """Take one resource, or what stood in its place."""
        if found is None:
            self.passed_over(1)
            return
        self.counts["read"] += 1
        if isinstance(found, Rejected):
            self.rejected[found.code] += 1
            self._reject(number, found)
            if found.patient:
                self._hold(self._refusal(found))
            return
        self.counts["shadows" if found.shadow else "kept"] += 1
        self.pointing += bool(found.pointer)
        self._hold(self._row(found))

    def add_rows(self, rows: list[Row], size: int) -> None:
        """Take rows of resources that are kept, so many bytes of them."""
        if rows:
            self.counts["read"] += len(rows)
            self.counts["kept"] += len(rows)
            self.held += rows
            self.size += size
            self._write_if_enough()

    def flush(self) -> None:
        """Write what is held."""
        if self.held:
            self.held.sort(key=_share)  # so that who looks for some shares passes over the rest
            columns = [pa.array(column, field.type) for column, field in zip(zip(*self.held, strict=True), SCHEMA, strict=True)]
            self.writer.write_table(pa.Table.from_arrays(columns, schema=SCHEMA), row_group_size=-(-len(self.held) // _GROUPS))
        self.written += self.size
        self.held, self.size = [], 0

    def _hold(self, row: Row) -> None:
        self.held.append(row)
        self.size += len(row[-1])
        self._write_if_enough()

    def _write_if_enough(self) -> None:
        if self.size > _FLUSHED_AT or len(self.held) > _ROWS_AT:
            self.flush()

    def _row(self, kept: Kept) -> Row:
        slice_, head = kept.slice, kept.slice.head
        raw = bytes(head.meta) if kept.shadow and head is not None else bytes(slice_.raw)
        return (
            self.number,
            bucket_of(kept.patient, self.buckets) if kept.patient != SHARED else NOBODYS,
            storable(kept.patient),
            SHADOW if kept.shadow else RESOURCE,
            kept.bundled or slice_.history or slice_.deleted or head is None or may_tell_of_disease(head, self.terms),
            head.resourceType if head is not None else "",
            (head.id or "") if head is not None else "",
            kept.pointer,
            slice_.full_url,
            slice_.place,
            slice_.number,
            slice_.history,
            slice_.modified,
            slice_.deleted,
            raw,
        )

    def _refusal(self, found: Rejected) -> Row:
        bucket, patient = bucket_of(found.patient, self.buckets), storable(found.patient)
        return self.number, bucket, patient, REFUSAL, True, "", "", found.code, "", "", 0, False, "", False, b""

    def _reject(self, number: int, found: Rejected) -> None:
        told = {"file": self.name, "line": number, "code": found.code}
        if found.position:
            told["position"] = found.position
        told["raw"] = found.raw.decode("utf-8", "replace")
        self.rejects.write(orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE))


def storable(text: str) -> str:
    """Return a text that the engine takes: half a surrogate pair is none."""
    return text.encode("utf-8", "replace").decode()
