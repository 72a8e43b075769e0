"""An input file, or a stretch of one, becomes a part: the resources that matter, by patient, and a list of what was rejected."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from service.cohort.files import whole, write_json
from service.cohort.heads import (
    NO_HEAD,
    Kept,
    Rejected,
    bucket_of,
    decode_head,
    is_passed_over,
    sort_bundle,
    sort_headed,
    sort_line,
)
from service.cohort.lines import WHOLE, Fault, Stretch, blocks_of, whole_of
from service.record.bundle import BYTE_ORDER_MARK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path
    from typing import IO

    from service.cohort.heads import Sorted
    from service.cohort.inputs import Source
    from service.record.vocabulary import Terms

SCHEMA = pa.schema(
    [
        ("part", pa.int32()),
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
LONGEST_STRETCH = 32 * 1024 * 1024  # bytes of a file that one process reads at once
_FLUSHED_AT = 4 * 1024 * 1024  # bytes of resources held before they are written
_ROWS_AT = 10_000

Row = tuple[int, int, str, str, str, str, str, str, str, int, bool, str, bool, bytes]


@dataclass(frozen=True, slots=True)
class PartTask:
    """One file, or a stretch of one, to be read into one part."""

    number: int
    source: Source
    folder: Path
    buckets: int
    stretch: Stretch = WHOLE

    @property
    def size(self) -> int:
        """How many bytes of the file are read."""
        end = self.source.size if self.stretch.end is None else self.stretch.end
        return end - self.stretch.start

    @property
    def data(self) -> Path:
        """Where the resources go."""
        return self.folder / f"{self.number:06}.parquet"

    @property
    def rejects(self) -> Path:
        """Where what was rejected goes; its lines are counted from the beginning of the stretch."""
        return self.folder / f"{self.number:06}.rejects.ndjson"

    @property
    def counts(self) -> Path:
        """Where the counts go; written last, so that where they are the part is whole."""
        return self.folder / f"{self.number:06}.json"


def parts_of(sources: Sequence[Source], folder: Path, buckets: int, longest: int = LONGEST_STRETCH) -> list[PartTask]:
    """Return what is read one by one: files, and stretches of the large ones, so that all processes have work on these too."""
    stretches = [(source, stretch) for source in sources for stretch in _stretches(source, longest)]
    return [PartTask(number, source, folder, buckets, stretch) for number, (source, stretch) in enumerate(stretches)]


def _stretches(source: Source, longest: int) -> list[Stretch]:
    if source.is_zipped or source.is_document or source.size <= longest:
        return [WHOLE]
    number = -(-source.size // longest)
    ends = [source.size * place // number for place in range(number + 1)]
    return [Stretch(start, end) for start, end in pairwise(ends)]


def make_part(task: PartTask, terms: Terms) -> None:
    """Read one file into its part. Raises: OSError where the part cannot be written."""
    with ExitStack() as stack:
        data = stack.enter_context(whole(task.data))
        rejects = stack.enter_context(whole(task.rejects))
        file = stack.enter_context(rejects.open("wb"))
        part = _Part(task, stack.enter_context(part_writer(data)), file)
        if task.source.is_document:
            _read_document(task.source, part, terms)
        else:
            _read_lines(task, part, terms)
        if task.source.has_changed():
            part.add(part.lines, Rejected("file-changed", b""))
        part.flush()
    write_json(task.counts, Told(dict(part.counts), dict(part.rejected), part.lines, part.pointing))


@dataclass(frozen=True, slots=True)
class Told:
    """What was counted in a part: resources by what became of them, rejects by reason, lines, and pointers at Medications."""

    counts: dict[str, int]
    rejected: dict[str, int]
    lines: int
    pointing: int


def told_of(task: PartTask) -> Told:
    """Return what was counted in a part that is whole."""
    return msgspec.json.decode(task.counts.read_bytes(), type=Told)


def first_lines(tasks: Sequence[PartTask]) -> dict[int, int]:
    """Return for each part how many lines of its file stand before it; the parts are given in their order."""
    before: Counter[str] = Counter()
    found: dict[int, int] = {}
    for task in tasks:
        name = str(task.source.path)
        found[task.number] = before[name]
        before[name] += told_of(task).lines
    return found


def _read_lines(task: PartTask, part: _Part, terms: Terms) -> None:
    name = task.source.name
    for block in blocks_of(task.source.path, zipped=task.source.is_zipped, stretch=task.stretch):
        if isinstance(block, Fault):
            part.lines = block.number
            part.add(block.number, Rejected(block.code, block.raw))
            continue
        passed = 0
        for number, line in enumerate(block.lines, block.first):
            try:
                head = decode_head(line)
            except NO_HEAD:
                if raw := line.strip():
                    part.add_all(number, sort_line(raw.removeprefix(BYTE_ORDER_MARK), name, number, terms))
                continue
            if is_passed_over(head, line, terms):
                passed += 1
            else:
                part.add_all(number, sort_headed(line.strip(), head, name, number, terms))
        part.passed_over(passed)
        part.lines += len(block.lines)


def _read_document(source: Source, part: _Part, terms: Terms) -> None:
    found = whole_of(source.path, zipped=source.is_zipped)
    if isinstance(found, Fault):
        part.add(found.number, Rejected(found.code, b""))
    else:
        part.add_all(0, _document(found, source.name, terms))


@dataclass(slots=True)
class _Part:
    """A part as it is written: what is held until it is enough to be written at once, and what is counted."""

    task: PartTask
    writer: pq.ParquetWriter
    rejects: IO[bytes]
    lines: int = 0
    pointing: int = 0  # at a Medication that may be nobody's
    counts: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)
    held: list[Row] = field(default_factory=list)
    size: int = 0

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
            _reject(self.rejects, self.task.source.name, number, found)
            if found.patient:
                self.held.append(_refusal(found, self.task))
            return
        self.counts["shadows" if found.shadow else "kept"] += 1
        self.pointing += bool(found.pointer)
        row = _row(found, self.task)
        self.held.append(row)
        self.size += len(row[-1])
        if self.size > _FLUSHED_AT or len(self.held) > _ROWS_AT:
            self.flush()

    def flush(self) -> None:
        """Write what is held."""
        _flush(self.writer, self.held)
        self.held, self.size = [], 0


def _document(raw: bytes, name: str, terms: Terms) -> Iterator[Sorted]:
    found = list(sort_bundle(raw, terms))
    if len(found) == 1 and isinstance(found[0], Rejected) and found[0].code == "not-a-bundle":
        yield from sort_line(raw, name, 1, terms)  # a single resource in a file of its own
    else:
        yield from found


def part_writer(path: Path) -> pq.ParquetWriter:
    """Return what writes a part: read once and taken away, so that little is spent on making it small."""
    return pq.ParquetWriter(
        path, SCHEMA, compression="lz4", use_dictionary=["part", "sort", "type", "place"], write_statistics=["bucket"]
    )


def _flush(writer: pq.ParquetWriter, rows: list[Row]) -> None:
    if rows:
        columns = [pa.array(column, field.type) for column, field in zip(zip(*rows, strict=True), SCHEMA, strict=True)]
        writer.write_table(pa.Table.from_arrays(columns, schema=SCHEMA))


def _row(kept: Kept, task: PartTask) -> Row:
    slice_, head = kept.slice, kept.slice.head
    raw = bytes(slice_.raw)
    if kept.shadow and head is not None:
        raw = bytes(head.meta)
    return (
        task.number,
        bucket_of(kept.patient, task.buckets),
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


def _refusal(found: Rejected, task: PartTask) -> Row:
    share = bucket_of(found.patient, task.buckets)
    return task.number, share, _storable(found.patient), REFUSAL, "", "", found.code, "", "", 0, False, "", False, b""


def _reject(file: IO[bytes], name: str, number: int, found: Rejected) -> None:
    told = {"file": name, "line": number, "code": found.code}
    if found.position:
        told["position"] = found.position
    told["raw"] = found.raw.decode("utf-8", "replace")
    file.write(orjson.dumps(told) + b"\n")
