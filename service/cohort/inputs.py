"""Which files of a folder or list are read, and how: lines of resources, or one document a file."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from service.cohort.manifests import not_there, server_of
from service.cohort.sorts import is_packed_otherwise, is_read, sort_of
from service.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_BESIDE = "truth.ndjson"  # what `all-cds synth` tells of the patients that it makes up, in the same folder
_TOLD = re.compile(rb'\{"patient":"[^"]*","asOf":"[0-9-]{10}","kind":"')  # how each line of it begins, and no resource does
_BEGINNING = 1_000  # bytes
_UNZIPPED = 8  # bytes of JSON in one byte of gzip, about


@dataclass(frozen=True, slots=True)
class Source:
    """One file to be read; `name` is how lists and evidence name it."""

    path: Path
    name: str
    size: int
    changed: int  # nanoseconds of the file system's clock
    is_zipped: bool
    is_document: bool  # instead of lines
    is_manifest: bool  # and lists the files of an export

    @property
    def weight(self) -> int:
        """Bytes of JSON in the file, estimated where it is gzip."""
        return self.size * (_UNZIPPED if self.is_zipped else 1)

    def has_changed(self) -> bool:
        """Return whether the file is no longer what was listed; one that is gone is told where it is read."""
        try:
            told = self.path.stat()
        except OSError:
            return False
        return (told.st_size, told.st_mtime_ns) != (self.size, self.changed)


@dataclass(frozen=True, slots=True)
class Inputs:
    """The files to be read, in a fixed order, and what lies beside them.

    `ignored`: names of files of other sorts. `unread`: names of what should be read and cannot be, each with the reason.
    `servers`: how many servers the lists of files name.
    """

    sources: tuple[Source, ...]
    ignored: tuple[str, ...]
    unread: tuple[tuple[str, str], ...] = ()
    servers: int = 0

    @property
    def digest(self) -> str:
        """A mark that changes with any path, name, size or time of change, and with what cannot be read."""
        told = [f"{source.path}\0{source.name}\0{source.size}\0{source.changed}" for source in self.sources]
        told += [f"{name}\0{code}" for name, code in self.unread]
        return hashlib.sha256("\0".join(told).encode("utf-8", "surrogateescape")).hexdigest()


def find_inputs(named: Sequence[Path]) -> Inputs:
    """Return the files of the folders and the files named. Raises: RequestError where one named, or all, cannot be read."""
    files: dict[Path, tuple[str, os.stat_result]] = {}
    ignored: list[str] = []
    unread: list[tuple[str, str]] = []
    for place in named:
        for path, code in _found(place):
            name = _name(path, place, several=len(named) > 1)
            if code in {_FOLDER_UNREADABLE, _LINKED_FOLDER}:
                unread.append((name, code))
                continue
            if is_packed_otherwise(path.name):
                unread.append((name, _PACKED_OTHERWISE))
                continue
            if not _is_of_a_sort(path, place):
                ignored.append(name)
                continue
            told = _told(path)
            if isinstance(told, str):
                if path == place:
                    raise RequestError(_SAID[told], where=shown(place))
                unread.append((name, told))
            else:
                files[path.resolve()] = name, told
    if not files:
        cannot = f"; what lies there cannot be read: {', '.join(sorted({code for _, code in unread}))}" if unread else ""
        raise RequestError(
            f"no file to read was found{cannot}", where="INPUT", hint="names end in .ndjson, .jsonl or .json, also with .gz"
        )
    apart = told_apart({path: name for path, (name, _) in files.items()})
    told_of = {path: told for path, (_, told) in files.items()}
    sources = tuple(
        Source(path, apart[path], told_of[path].st_size, told_of[path].st_mtime_ns, *sort_of(path)) for path in sorted(files)
    )
    unread += ((name, _NOT_THERE) for name in _not_there(sources, ignored))
    servers = {server for source in sources if source.is_manifest and (server := server_of(source.path))}
    return Inputs(sources, tuple(sorted(ignored)), tuple(sorted(unread)), len(servers))


def _not_there(sources: Sequence[Source], ignored: Sequence[str]) -> Iterator[str]:
    """Yield the names of files that a list among the sources names, and that lie nowhere."""
    manifests = [source for source in sources if source.is_manifest]
    present = [*(source.path.name for source in sources), *(Path(name).name for name in ignored)] if manifests else ()
    for source in manifests:
        folder = source.name.rpartition("/")[0]
        yield from (f"{folder}/{name}" if folder else name for name in not_there(source.path, present))


def shown(path: Path | str) -> str:
    """Return a name as text: bytes that are no UTF-8 are written out."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def told_apart(names: Mapping[Path, str]) -> dict[Path, str]:
    """Return the name of each file; where several have the same, as much of their paths as tells them apart."""
    found: dict[Path, str] = {}
    alike: dict[str, list[Path]] = {}
    for path, name in names.items():
        alike.setdefault(name, []).append(path)
    taken = set(alike)
    for name, paths in alike.items():
        if len(paths) == 1:
            found[paths[0]] = name
            continue
        for path in paths:
            length = name.count("/") + 1
            longer = name
            while longer in taken:
                length += 1
                longer = shown("/".join(path.parts[-length:]))
            taken.add(longer)
            found[path] = longer
    return found


def _name(path: Path, place: Path, *, several: bool) -> str:
    if path == place:
        return shown(path.name)
    name = path.relative_to(place).as_posix()
    return shown(f"{place.resolve().name}/{name}" if several else name)


def _is_of_a_sort(path: Path, place: Path) -> bool:
    if path != place and path.name == _BESIDE and _tells_of_made_up(path):
        return False
    return is_read(path.name)


def _tells_of_made_up(path: Path) -> bool:
    """Return whether a file begins as our own does; what cannot be looked into is told where files are read."""
    try:
        if not path.is_file():  # a pipe would be waited for
            return False
        with path.open("rb") as file:
            return _TOLD.match(file.read(_BEGINNING)) is not None
    except OSError:
        return False


def _told(path: Path) -> os.stat_result | str:
    """Return what is told of a file, or why it cannot be read."""
    try:
        told = path.stat()
    except OSError:
        return _NOWHERE if path.is_symlink() else _FILE_UNREADABLE
    if not stat.S_ISREG(told.st_mode):
        return _NO_FILE
    return told if os.access(path, os.R_OK) else _FILE_UNREADABLE


def _found(place: Path) -> Iterator[tuple[Path, str]]:
    """Yield the files of a folder or the one file, and what is no file with the reason why it is passed over."""
    if not os.path.lexists(place):
        raise RequestError("there is no such file or folder", where=shown(place))
    if not place.is_dir():
        yield place, ""
        return
    refused: list[Path] = []
    for root, folders, names in os.walk(place, onerror=lambda error: refused.append(Path(error.filename))):
        folders.sort()
        yield from ((Path(root) / name, "") for name in sorted(names))
        yield from ((Path(root) / name, _LINKED_FOLDER) for name in folders if (Path(root) / name).is_symlink())
    if place in refused:
        raise RequestError("the folder cannot be read", where=shown(place))
    yield from ((path, _FOLDER_UNREADABLE) for path in refused)


_NOWHERE, _NO_FILE, _FILE_UNREADABLE = "link-leads-nowhere", "no-plain-file", "file-unreadable"
_NOT_THERE = "listed-but-not-there"
_FOLDER_UNREADABLE, _LINKED_FOLDER, _PACKED_OTHERWISE = "folder-unreadable", "linked-folder", "packed-otherwise"
UNREAD = (_NOWHERE, _NO_FILE, _FILE_UNREADABLE, _NOT_THERE, _FOLDER_UNREADABLE, _LINKED_FOLDER, _PACKED_OTHERWISE)
"""Why what should be read may not be."""
_SAID = {
    _NOWHERE: "the link leads nowhere",
    _NO_FILE: "this is no plain file: a pipe or a device cannot be read twice",
    _FILE_UNREADABLE: "the file cannot be read",
}


def refuse_inside(named: Sequence[Path], written: Sequence[Path]) -> None:
    """Refuse to write into a folder that is read: the next run would take its own results for input. Raises: RequestError."""
    for place in named:
        for path in written:
            if place.is_dir() and path.resolve().is_relative_to(place.resolve()):
                raise RequestError("the output would lie in a folder that is read", where=str(path), hint="name another folder")
