"""What a part holds: rows of resources by patient, written a few thousand at once, the rejects, and the counts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from service.cohort.concerned import may_tell_of_disease
from service.cohort.heads import SHARED, Deleted, Rejected, bucket_of
from service.cohort.packs import Pack, encode
from service.cohort.places import Place, entry_place, rejected_line
from service.facts.received import TELLING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from typing import IO

    from service.cohort.heads import Kept, Sorted
    from service.cohort.lines import Block
    from service.cohort.packs import Heap, Shade
    from service.record.bundle import Slice
    from service.record.vocabulary import Terms

# `tells`: whether the resource is needed to know the disease. `part` and `number`: the line as counted within the part, 0 in a
# document. `place`: the file, with the entry where it stood in a bundle.
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
RESOURCE, REFUSAL = "resource", "refusal"
DELETION = "deletion"  # says that a resource is gone, whoever it was of
DELETIONS = "deletions"  # how these are counted
LACK = "lack"  # says only that something of this patient could not be read
PACK, SHADES = "pack", "shades"  # many results of a patient, and many versions that nobody wants: `raw` says which (packs.py)
_FLUSHED_AT = 16 * 1024 * 1024  # bytes of resources held before they are written
_ROWS_AT = 20_000
_MOST_SERVERS = 10
_PACKED_AT = 60_000  # lines
_GROUPS, _GROUP = 16, 1_000  # in so many groups rows are written, of so many at least
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
    heap: Heap
    lines: int = 0
    pointing: int = 0  # at a Medication that may be nobody's
    unowned: int = 0  # of what was rejected: may be anybody's
    types: set[str] = field(default_factory=set)  # of resources that came, of those whose absence may mean something
    bundled: bool = False  # whether any stood in a bundle
    servers: set[str] = field(default_factory=set)  # to which references lead, the first few
    counts: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)
    rejected_at: set[tuple[int, str]] = field(default_factory=set)  # lines and places, of late
    held: list[Row] = field(default_factory=list)
    size: int = 0
    packs: dict[str, Pack] = field(default_factory=dict)  # by patient
    packed: int = 0  # lines in them, about
    written: int = 0  # bytes of resources

    def came(self, kind: str) -> None:
        """Remember that a resource of this type came, whoever asks for it."""
        if kind in TELLING:
            self.types.add(kind)

    def led_to(self, reference: str) -> None:
        """Remember to which server a reference to a patient leads, where it says so."""
        _, absolute, address = reference.partition("://")
        if absolute and len(self.servers) < _MOST_SERVERS:
            self.servers.add(address.rpartition("/Patient/")[0].casefold())

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
        if isinstance(found, Deleted):
            self.counts[DELETIONS] += 1
            self._hold(self._deletion(number, found))
            return
        if isinstance(found, Rejected):
            self.reject(number, found)
            if found.patient:
                self._hold(self._mark(found.patient, REFUSAL, found.code))
                return
            self.unowned += found.may_be_anybodys
            for patient in found.lacking:
                self._hold(self._mark(patient, LACK, found.code))
            return
        if found.shadow:
            self.counts["shadows"] += 1
            self.pack_of(found.patient).shades.append(_shade(found.slice))
            self.packed += 1
            return
        self.counts["kept"] += 1
        self.pointing += bool(found.pointer)
        self._hold(self._row(number, found))

    def pack_of(self, patient: str) -> Pack:
        """Return where the results of a patient go, until all is written."""
        pack = self.packs.get(patient)
        if pack is None:
            pack = self.packs[patient] = Pack(bucket_of(patient, self.buckets), storable(patient))
        return pack

    def add_packed(self, first: int, block: Block, kept: int, shadows: int) -> None:
        """Take a block, its first line of this number, of which so many lines were put into packs, and so many shadows."""
        if shadows:
            self.counts["read"] += shadows
            self.counts["shadows"] += shadows
        if kept:
            self.counts["read"] += kept
            self.counts["kept"] += kept
            self.heap.add(first, block)
        self.packed += kept + shadows

    @property
    def is_full(self) -> bool:
        """Whether so much is in packs that they should be written."""
        return self.packed > _PACKED_AT or len(self.packs) > _ROWS_AT

    def flush(self) -> None:
        """Write what is held, and all packs: afterwards there are new ones."""
        for pack in self.packs.values():
            if pack.lines:
                self._hold(self._packed(pack, PACK, encode(self.heap.packed(pack))))
            if pack.shades:
                self._hold(self._packed(pack, SHADES, encode(pack.shades)))
        self.packs, self.packed, self.heap.chunks = {}, 0, []
        self._write()

    def _write(self) -> None:
        if self.held:
            self.held.sort(key=_share)  # so that who looks for some shares passes over the rest
            columns = [pa.array(column, field.type) for column, field in zip(zip(*self.held, strict=True), SCHEMA, strict=True)]
            self.writer.write_table(
                pa.Table.from_arrays(columns, schema=SCHEMA), row_group_size=max(_GROUP, -(-len(self.held) // _GROUPS))
            )
        self.written += self.size
        self.held, self.size = [], 0

    def _hold(self, row: Row) -> None:
        self.held.append(row)
        self.size += len(row[-1])
        self._write_if_enough()

    def _write_if_enough(self) -> None:
        if self.size > _FLUSHED_AT or len(self.held) > _ROWS_AT:
            self._write()

    def _row(self, line: int, kept: Kept) -> Row:
        slice_, head = kept.slice, kept.slice.head
        bundled = kept.bundled
        self.bundled = self.bundled or bundled
        place, number = (entry_place(self.name, slice_.position), line) if bundled else (slice_.place, slice_.number)
        return (
            self.number,
            bucket_of(kept.patient, self.buckets) if kept.patient != SHARED else NOBODYS,
            storable(kept.patient),
            RESOURCE,
            bundled or slice_.history or slice_.deleted or head is None or may_tell_of_disease(head, self.terms),
            head.resourceType if head is not None else "",
            (head.id or "") if head is not None else "",
            kept.pointer,
            slice_.full_url,
            place,
            number,
            slice_.history,
            slice_.modified,
            slice_.deleted,
            bytes(slice_.raw),
        )

    def _deletion(self, line: int, gone: Deleted) -> Row:
        place = entry_place(self.name, gone.position)
        named = gone.type, storable(gone.id)
        return self.number, NOBODYS, SHARED, DELETION, True, *named, "", "", place, line, True, gone.moment, True, b""

    def _packed(self, pack: Pack, sort: str, raw: bytes) -> Row:
        heap = heap_name(self.number)
        return self.number, pack.bucket, pack.patient, sort, True, "", "", heap, "", self.name, 0, False, "", False, raw

    def _mark(self, of: str, sort: str, code: str) -> Row:
        bucket, patient = bucket_of(of, self.buckets), storable(of)
        return self.number, bucket, patient, sort, True, "", "", code, "", "", 0, False, "", False, b""

    def reject(self, number: int, found: Rejected) -> None:
        """List and count what was rejected, or will be found unreadable as it is looked at."""
        self.rejected[found.code] += 1
        self.rejected_at.add((number, found.position))
        self.rejects.write(rejected_line(Place(self.name, number, found.position), found.code, found.raw))


def heap_name(number: int) -> str:
    """Return the name of the file that holds the lines which are packed, beside the part of this number."""
    return f"{number:06}.lines"


def _shade(slice_: Slice) -> Shade:
    head = slice_.head
    assert head is not None  # noqa: S101 - it was by its head that nobody wanted it
    told = slice_.full_url, slice_.place, slice_.number, slice_.history, slice_.modified, slice_.deleted
    return head.resourceType, head.id or "", *told, bytes(head.meta)


def storable(text: str) -> str:
    """Return a text that the engine takes: half a surrogate pair is none."""
    return text.encode("utf-8", "replace").decode()
