"""An input file, or a stretch of one, becomes a part: the resources that matter, by patient, and a list of what was rejected."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec

from service.cohort.files import whole, write_json
from service.cohort.heads import NO_RECORD, Rejected, sort_bundle, sort_line
from service.cohort.line_sieve import LineSieve
from service.cohort.lines import LONGEST_DOCUMENT, LONGEST_LINE, WHOLE, Fault, Stretch, blocks_of, whole_of
from service.cohort.named import is_utf_8
from service.cohort.packs import Heap, Origin
from service.cohort.part_rows import PartFile, heap_name, part_writer
from service.errors import RecordError
from service.facts.received import MEDICATIONS, TELLING
from service.record.bundle import BYTE_ORDER_MARK, open_bundle, open_resource

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from service.cohort.heads import Sorted
    from service.cohort.inputs import Source
    from service.record.vocabulary import Terms

LONGEST_STRETCH = 32 * 1024 * 1024  # bytes of a file that one process reads at once


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
    def heap(self) -> Path:
        """Where lines of a gzip file go that are looked at only if their patient has ALL."""
        return self.folder / heap_name(self.number)

    @property
    def counts(self) -> Path:
        """Where the counts go; written last, so that where they are the part is whole."""
        return self.folder / f"{self.number:06}.json"


def parts_of(sources: Sequence[Source], folder: Path, buckets: int, longest: int | None = None) -> list[PartTask]:
    """Return what is read one by one: files, and stretches of the large ones, so that all processes have work on these too."""
    stretches = [(source, stretch) for source in sources for stretch in _stretches(source, longest or LONGEST_STRETCH)]
    return [PartTask(number, source, folder, buckets, stretch) for number, (source, stretch) in enumerate(stretches)]


def _stretches(source: Source, longest: int) -> list[Stretch]:
    if source.is_zipped or source.is_document or source.size <= longest:
        return [WHOLE]
    number = -(-source.size // longest)
    ends = [source.size * place // number for place in range(number + 1)]
    return [Stretch(start, end) for start, end in pairwise(ends)]


def make_part(task: PartTask, terms: Terms) -> None:
    """Read one file into its part. Raises: OSError where the part cannot be written."""
    source = task.source
    with ExitStack() as stack:
        data = stack.enter_context(whole(task.data))
        rejects = stack.enter_context(whole(task.rejects))
        file = stack.enter_context(rejects.open("wb"))
        beside = stack.enter_context(stack.enter_context(whole(task.heap)).open("wb"))
        heap = Heap(beside, None if source.is_zipped else Origin.of(source))
        writer = stack.enter_context(part_writer(data))
        part = PartFile(task.number, source.name, task.buckets, terms, writer, file, heap)
        if source.is_document:
            _read_document(source, part)
        else:
            _read_lines(task, part)
        if source.has_changed():
            part.add(part.lines, Rejected("file-changed", b""))
        part.flush()
    numbers = part.lines, part.pointing, part.written, part.unowned
    write_json(
        task.counts,
        Told(dict(part.counts), dict(part.rejected), *numbers, sorted(part.types), part.bundled, sorted(part.servers)),
    )


@dataclass(frozen=True, slots=True)
class Told:
    """What was counted in a part: resources by what became of them, rejects by reason, lines, pointers at Medications, bytes.

    `unowned`: rejects of which nobody can tell whose they are. `types`: of resources that came, of those whose absence may mean
    something; `bundled`: whether any stood in a bundle. `servers`: to which references to patients lead.
    """

    counts: dict[str, int]
    rejected: dict[str, int]
    lines: int
    pointing: int
    size: int
    unowned: int
    types: list[str]
    bundled: bool
    servers: list[str]


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


def not_received(tasks: Sequence[PartTask]) -> frozenset[str]:
    """Return the types of which no resource came, of those whose absence may mean something: they were not exported.

    A server may write all medications as one type. Bundles are records of patients, and whole, as where one is asked about.
    """
    told = [told_of(task) for task in tasks]
    if any(one.bundled for one in told):
        return frozenset()
    came = {kind for one in told for kind in one.types}
    lacking = TELLING - came
    return lacking if MEDICATIONS.isdisjoint(came) else lacking - MEDICATIONS


def _read_lines(task: PartTask, part: PartFile) -> None:
    sieve = LineSieve(part)
    for block in blocks_of(task.source.path, zipped=task.source.is_zipped, stretch=task.stretch, longest=LONGEST_LINE):
        if isinstance(block, Fault):
            part.lines += 1
            part.add(part.lines, Rejected(block.code, block.raw))
            continue
        first = part.lines + 1
        sieve.take(block)
        if not is_utf_8(block.data):
            _list_other_bytes(part, ((number, "", line.strip()) for number, line in enumerate(block.lines, first)))
        part.rejected_at.clear()


def _list_other_bytes(part: PartFile, found: Iterable[tuple[int, str, bytes]]) -> None:
    """List what is no text: only its head was looked at, and what its patient loses by it is seen where it is read."""
    for number, position, raw in found:
        if not is_utf_8(raw) and (number, position) not in part.rejected_at:
            part.reject(number, Rejected("not-utf-8", raw, position))


def _read_document(source: Source, part: PartFile) -> None:
    found = whole_of(source.path, zipped=source.is_zipped, longest=LONGEST_DOCUMENT)
    if isinstance(found, Fault):
        part.add(0, Rejected(found.code, found.raw))
        return
    part.add_all(0, _document(found.removeprefix(BYTE_ORDER_MARK), source.name, part))
    if not is_utf_8(found):
        _list_other_bytes(part, _pieces(found))


def _document(raw: bytes, name: str, part: PartFile) -> Iterator[Sorted]:
    found = list(sort_bundle(raw, part.terms))
    if len(found) == 1 and isinstance(found[0], Rejected) and found[0].code == "not-a-bundle":
        found = list(sort_line(raw, name, 0, part.terms))  # a single resource in a file of its own
        head = open_resource(raw).head
        if head is not None:
            part.came(head.resourceType)
        if head is not None and not head.resourceType:
            found = [Rejected(NO_RECORD, raw)]  # such as the list of files that a server gives with an export
    yield from found


def _pieces(raw: bytes) -> Iterator[tuple[int, str, bytes]]:
    """Yield place and bytes of the resources of a bundle, or the whole where it is none."""
    try:
        yield from ((0, slice_.position, bytes(slice_.raw)) for slice_ in open_bundle(raw))
    except RecordError:
        yield 0, "", raw
