"""The patients of one share, each with the little that may tell of the disease, and with everything where it is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from service.cohort.deletions import deletions_in
from service.cohort.packs import KIND, decode_ids, decode_packed, decode_shades, lines_of
from service.cohort.part_rows import LACK, PACK, REFUSAL, RESOURCE, SHADES
from service.cohort.patient_rows import COLUMNS
from service.cohort.places import in_bundle
from service.errors import FileChanged
from service.record.bundle import Head, Slice, open_resource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from service.cohort.deletions import Deletions
    from service.cohort.patient_rows import Row

_KEYS = ("patient", "type", "id", "place", "number")
_SHARE = "bucket"
_SHADOW = "shadow"  # the sort of a row that says only that another version was not wanted
_NAMED = itemgetter(2, 3)  # of a row: type and id
_ORDER = itemgetter(2, 3, 6, 7)  # of a row: type, id, place and number


@dataclass(frozen=True, slots=True)
class OnePatient:
    """One patient's resources; `refused` says why the patient cannot be judged although there are data."""

    key: str
    slices: tuple[Slice, ...]
    refused: str = ""
    repeated: int = 0  # resources that stood there twice, byte for byte
    persons: int = 0  # Patient resources
    lacking: bool = False  # something that named this patient could not be read
    deleted: bool = False  # something of it was said to be deleted


@dataclass(frozen=True, slots=True)
class Gathered:
    """What is there of one patient: first what may tell of the disease, in full where it is asked for."""

    telling: OnePatient
    _rows: Callable[[], list[Row]]

    def in_full(self) -> OnePatient:
        """Return all that is there. Raises: OSError where it cannot be read, FileChanged for an input."""
        return _patient(self.telling.key, self._rows())


def patients_of(grouped: Path, bucket: int, parts: Path) -> Iterator[Gathered]:
    """Yield the patients of one share, in the order of their ids; `parts` is the folder of the parts.

    Raises: OSError where something cannot be read.
    """
    told = grouped.stat()
    file, places = _opened(grouped, told.st_ino, told.st_mtime_ns)
    table = pa.concat_tables(_read(file, place) for place in places[bucket])
    table = table.filter(pc.equal(table[_SHARE], bucket)).sort_by([(name, "ascending") for name in _KEYS]).combine_chunks()
    rows = table.select(COLUMNS)
    looked_at = groupby(_in_order(rows.filter(_is_looked_at(table))), key=itemgetter(0))
    names = list(zip(table["sort"].to_pylist(), table["type"].to_pylist(), table["id"].to_pylist(), strict=True))
    following = next(looked_at, None)
    gone = deletions_in(parts)
    for key, first, number in _runs(table["patient"]):
        own: list[Row] = []
        if following is not None and following[0] == key:
            own = list(following[1])
            following = next(looked_at, None)
        share = _Share(key, rows, first, number, [row for row in own if row[1] in _TOGETHER], parts, gone)
        telling = [row for row in own if row[1] not in _TOGETHER] if share.packs else own
        if share.packs and share.has_versions(names[first : first + number]):
            try:
                telling = _looked_at(share.unpacked(), {_ORDER(row) for row in telling})
            except FileChanged as error:
                yield Gathered(OnePatient(key, (), error.code), share.in_full)
                continue
        if gone is not None:
            telling = gone.beside(key, telling)
        yield Gathered(_patient(key, telling), share.in_full)


_TOGETHER = frozenset({PACK, SHADES})


@dataclass(frozen=True, slots=True)
class _Share:
    """What there is of one patient: rows, those of them that hold many lines together, and where these lie."""

    key: str
    table: pa.Table  # of all patients, of whom this one has so many rows from the first
    first: int
    number: int
    packs: list[Row]
    parts: Path
    gone: Deletions | None

    def has_versions(self, names: list[tuple[str, str, str]]) -> bool:
        """Return whether what is packed may be another version of something, or has no id. `names`: sort, type, id of rows."""
        ids = [name for row in self.packs if row[1] == PACK for name in decode_ids(_raw(row)).ids]
        packed = set(ids)
        if len(packed) < len(ids) or "" in packed:
            return True
        if not packed.isdisjoint(name for _, kind, name in names if kind == KIND):
            return True
        if not any(row[1] == SHADES for row in self.packs):
            return False
        wanted = {(kind, name) for sort, kind, name in names if sort == RESOURCE and name}
        wanted.update((KIND, name) for name in packed)
        return any(shade[:2] in wanted for row in self.packs if row[1] == SHADES for shade in decode_shades(_raw(row)))

    def in_full(self) -> list[Row]:
        """Return all rows, and what is said to be deleted of them."""
        rows = self.unpacked()
        return self.gone.beside(self.key, rows) if self.gone is not None else rows

    def unpacked(self) -> list[Row]:
        """Return all rows in their order, with those of what is packed; a shadow only beside a version that is wanted."""
        rows = [row for row in _in_order(self.table.slice(self.first, self.number)) if row[1] not in _TOGETHER]
        if not self.packs:
            return rows
        for row in self.packs:
            if row[1] == PACK:
                rows.extend(self._lines(row))
        wanted = {_NAMED(row) for row in rows if row[1] == RESOURCE and row[3]}
        for row in self.packs:
            if row[1] == SHADES:
                rows.extend(self._shadows(row, wanted))
        rows.sort(key=_ORDER)
        return rows

    def _lines(self, pack: Row) -> Iterator[Row]:
        patient, _, _, _, heap, _, place, before, *_ = pack
        assert isinstance(before, int)  # noqa: S101 - the schema of the parts
        for name, number, raw in lines_of(self.parts / str(heap), decode_packed(_raw(pack))):
            yield patient, RESOURCE, KIND, name, "", "", place, number + before, False, "", False, raw

    def _shadows(self, shades: Row, wanted: set[tuple[object, ...]]) -> Iterator[Row]:
        patient, before = shades[0], shades[7]
        assert isinstance(before, int)  # noqa: S101 - as above
        for kind, name, full_url, place, number, *versions, meta in decode_shades(_raw(shades)):
            if (kind, name) in wanted:
                yield patient, _SHADOW, kind, name, "", full_url, place, number + before, *versions, meta


def _raw(row: Row) -> bytes:
    raw = row[-1]
    assert isinstance(raw, bytes)  # noqa: S101 - the schema of the parts
    return raw


def _looked_at(rows: list[Row], telling: set[tuple[object, ...]]) -> list[Row]:
    """Return the rows of one patient that may tell of the disease, have no name, or stand there in several versions."""
    found: list[Row] = []
    for (_, name), alike in groupby(rows, key=_NAMED):
        own = list(alike)
        found += own if len(own) > 1 or not name else [row for row in own if _ORDER(row) in telling]
    return found


def _in_order(rows: pa.Table) -> list[Row]:
    return list(zip(*(rows[name].to_pylist() for name in COLUMNS), strict=True))


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


@lru_cache(maxsize=2)  # one of these groups holds several shares, which follow each other
def _read(file: pq.ParquetFile, place: int) -> pa.Table:
    return file.read_row_group(place, [_SHARE, "tells", *COLUMNS], use_threads=False)


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
    refused, repeated, persons, lacking, said_gone = "", 0, 0, False, False
    seen: set[tuple[object, ...]] = set()
    latest: tuple[object, object] | None = None
    for _, sort, kind, name, pointer, full_url, place, number, history, modified, deleted, raw in rows:
        if sort == REFUSAL:
            refused = str(pointer)
            continue
        if sort == LACK:
            lacking = True
            continue
        assert isinstance(raw, bytes)  # noqa: S101 - the schema of the parts
        persons += kind == "Patient" and not deleted
        said_gone = said_gone or bool(deleted)
        same = (sort, kind, name, full_url, modified, deleted, raw)
        if same in seen:
            repeated += 1
            continue
        seen.add(same)
        head = (
            Head(resourceType=str(kind), id=str(name), meta=msgspec.Raw(raw))
            if sort == _SHADOW
            else _head(raw, bool(deleted), kind, name)
        )
        gone = sort == _SHADOW or bool(deleted)
        slices.append(
            Slice(msgspec.Raw(raw), str(full_url), str(place), int(str(number)), head, bool(history), str(modified), gone)
        )
        named = kind, name
        if named == latest and name and kind != "Patient":
            _note_versions(slices[-2], slices[-1])
        latest = named
    return OnePatient(key, tuple(slices), refused, repeated, persons, lacking, said_gone)


def _note_versions(one: Slice, other: Slice) -> None:
    """Note two resources of one id as versions, of which none counts where none is the newest: in an export an id is unique.

    In bundles they may be two resources, as where one patient is asked about.
    """
    if not (in_bundle(one.place)[1] or in_bundle(other.place)[1]) and _said(one) != _said(other):
        one.history = other.history = True


def _said(slice_: Slice) -> object:
    try:
        return slice_.decoded()
    except (ValueError, RecursionError):
        return bytes(slice_.raw)


def _head(raw: bytes, deleted: bool, kind: object, name: object) -> Head | None:  # noqa: FBT001 - a column
    return Head(resourceType=str(kind), id=str(name)) if deleted else open_resource(raw).head
