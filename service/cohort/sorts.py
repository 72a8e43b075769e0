"""What a file is: whether it is packed, and whether it holds lines or one document. Names are often wrong about both."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from service.cohort.gzipped import MAGIC, inflated
from service.record.bundle import BYTE_ORDER_MARK

if TYPE_CHECKING:
    from pathlib import Path

LINES = (".ndjson", ".jsonl")
DOCUMENT = ".json"
ZIPPED = ".gz"
_PACKED = (".zip", ".bz2", ".xz", ".zst", ".7z", ".tar", ".tgz")  # what we do not unpack
_LONGEST_FIRST = 1024 * 1024  # bytes of a line by which lines are known
_LISTS = b'"transactionTime"'  # stands in the list of files of an export, and in no resource
_any_object = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class Sort(NamedTuple):
    """Whether a file is gzip, whether it is one JSON document instead of lines, and whether that lists the files of an export."""

    is_zipped: bool
    is_document: bool
    is_manifest: bool = False


def is_read(name: str) -> bool:
    """Return whether a file of this name is read, in whatever case of letters its ending is written."""
    return plain_name(name).endswith((*LINES, DOCUMENT))


def is_packed_otherwise(name: str) -> bool:
    """Return whether a file would be read if it were unpacked."""
    lower = name.casefold()
    return any(lower.endswith(ending) and is_read(lower.removesuffix(ending)) for ending in _PACKED)


def sort_of(path: Path) -> Sort:
    """Return what a file is by its first bytes; by its name alone where it cannot be looked into.

    Servers and browsers pack and unpack on the way, and leave the name as it was; exports of lines are also called `.json`.
    """
    named = path.name.casefold()
    manifest = False
    zipped, document = named.endswith(ZIPPED), plain_name(named).endswith(DOCUMENT)
    try:
        with path.open("rb") as file:
            begins = file.read(len(MAGIC))
            if begins == MAGIC:
                zipped = True
            elif begins.strip()[:1] == b"{" or begins == BYTE_ORDER_MARK[: len(MAGIC)]:
                zipped = False
            if document:
                file.seek(0)
                found = next(inflated(file, _LONGEST_FIRST), b"") if zipped else file.read(_LONGEST_FIRST)
                document = not _begins_with_lines(found)
                manifest = document and not zipped and _LISTS in found
    except (OSError, EOFError, zlib.error):
        pass
    return Sort(zipped, document, manifest)


def plain_name(name: str) -> str:
    """Return a name in small letters, without the ending of what is packed."""
    return name.casefold().removesuffix(ZIPPED)


def _begins_with_lines(found: bytes) -> bool:
    """Return whether the first line is an object and something follows it."""
    first, _, rest = found.partition(b"\n")
    first = first.removeprefix(BYTE_ORDER_MARK).strip()
    if not rest.strip() or not (first.startswith(b"{") and first.endswith(b"}")):
        return False
    try:
        _any_object(first)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True
