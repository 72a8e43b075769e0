"""One input file becomes a part: the resources that matter, by patient, and a list of what was rejected."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from service.cohort.files import whole, write_json
from service.cohort.heads import Kept, Rejected, bucket_of, sort_bundle, sort_line
from service.cohort.lines import lines_of, whole_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import IO

    from service.cohort.heads import Sorted
    from service.cohort.inputs import Source
    from service.record.vocabulary import Terms

SCHEMA = pa.schema(
    [
        ("bucket", pa.int32()),
        ("patient", pa.string()),
        ("sort", pa.string()),
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
RESOURCE, SHADOW, REFUSAL = "resource", "shadow", "refusal"
_FLUSHED_AT = 16 * 1024 * 1024  # bytes of resources held before they are written
_ROWS_AT = 50_000

Row = tuple[int, str, str, str, str, str, str, str, int, bool, str, bool, bytes]


@dataclass(frozen=True, slots=True)
class PartTask:
    """One file to be read into one part."""

    number: int
    source: Source
    folder: Path
    buckets: int

    @property
    def data(self) -> Path:
        """Where the resources go."""
        return self.folder / f"{self.number:06}.parquet"

    @property
    def rejects(self) -> Path:
        """Where what was rejected goes."""
        return self.folder / f"{self.number:06}.rejects.ndjson"

    @property
    def counts(self) -> Path:
        """Where the counts go; written last, so that where they are the part is whole."""
        return self.folder / f"{self.number:06}.json"


def make_part(task: PartTask, terms: Terms) -> None:
    """Read one file into its part. Raises: OSError where the part cannot be written."""
    counts: Counter[str] = Counter()
    rejected: Counter[str] = Counter()
    with ExitStack() as stack:
        data = stack.enter_context(whole(task.data))
        rejects = stack.enter_context(whole(task.rejects))
        file = stack.enter_context(rejects.open("wb"))
        writer = stack.enter_context(pq.ParquetWriter(data, SCHEMA, compression="zstd"))
        held: list[Row] = []
        size = 0
        for number, found in _sorted_of(task.source, terms):
            counts["read"] += 1
            if found is None:
                counts["not asked for"] += 1
                continue
            if isinstance(found, Rejected):
                rejected[found.code] += 1
                _reject(file, task.source.name, number, found)
                if found.patient:
                    held.append(_refusal(found, task.buckets))
                continue
            counts["shadows" if found.shadow else "kept"] += 1
            row = _row(found, task.buckets)
            held.append(row)
            size += len(row[-1])
            if size > _FLUSHED_AT or len(held) > _ROWS_AT:
                _flush(writer, held)
                held, size = [], 0
        _flush(writer, held)
    write_json(task.counts, {"counts": counts, "rejected": rejected})


def _sorted_of(source: Source, terms: Terms) -> Iterator[tuple[int, Sorted]]:
    """Yield what the file holds, with the number of its line; what ended the reading stands last."""
    if source.is_document:
        line = whole_of(source.path, zipped=source.is_zipped)
        if line.fault:
            yield line.number, Rejected(line.fault, b"")
        else:
            for found in _document(line.raw, source.name, terms):
                yield 0, found
        return
    for line in lines_of(source.path, zipped=source.is_zipped):
        if line.fault:
            yield line.number, Rejected(line.fault, line.raw)
            continue
        for found in sort_line(line.raw.removeprefix(b"\xef\xbb\xbf"), source.name, line.number, terms):
            yield line.number, found


def _document(raw: bytes, name: str, terms: Terms) -> Iterator[Sorted]:
    found = list(sort_bundle(raw, terms))
    if len(found) == 1 and isinstance(found[0], Rejected) and found[0].code == "not-a-bundle":
        yield from sort_line(raw, name, 1, terms)  # a single resource in a file of its own
    else:
        yield from found


def _flush(writer: pq.ParquetWriter, rows: list[Row]) -> None:
    if rows:
        columns = [pa.array(column, field.type) for column, field in zip(zip(*rows, strict=True), SCHEMA, strict=True)]
        writer.write_table(pa.Table.from_arrays(columns, schema=SCHEMA))


def _row(kept: Kept, buckets: int) -> Row:
    slice_, head = kept.slice, kept.slice.head
    raw = bytes(slice_.raw)
    if kept.shadow and head is not None:
        raw = bytes(head.meta)
    return (
        bucket_of(kept.patient, buckets),
        _storable(kept.patient),
        SHADOW if kept.shadow else RESOURCE,
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


def _storable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()  # half a surrogate pair is no text to the engine


def _refusal(found: Rejected, buckets: int) -> Row:
    share = bucket_of(found.patient, buckets)
    return share, _storable(found.patient), REFUSAL, "", "", found.code, "", "", 0, False, "", False, b""


def _reject(file: IO[bytes], name: str, number: int, found: Rejected) -> None:
    told = {"file": name, "line": number, "code": found.code}
    if found.position:
        told["position"] = found.position
    told["raw"] = found.raw.decode("utf-8", "replace")
    file.write(orjson.dumps(told) + b"\n")
