"""Which files of a folder or list are read, and how: lines of resources, or one document a file."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from service.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LINES = (".ndjson", ".jsonl")
DOCUMENT = ".json"
ZIPPED = ".gz"
_BESIDE = frozenset({"truth.ndjson"})  # what `all-cds synth` tells of the patients that it makes up, in the same folder
_UNZIPPED = 8  # bytes of JSON in one byte of gzip, about


@dataclass(frozen=True, slots=True)
class Source:
    """One file to be read; `name` is how lists and evidence name it."""

    path: Path
    name: str
    size: int
    changed: int  # nanoseconds of the file system's clock

    @property
    def is_zipped(self) -> bool:
        """Whether the file is gzip, by its name."""
        return self.path.name.endswith(ZIPPED)

    @property
    def is_document(self) -> bool:
        """Whether the file is one JSON document instead of lines."""
        return self.path.name.removesuffix(ZIPPED).endswith(DOCUMENT)

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
    """The files to be read, in a fixed order, and the names of files that lie beside them and are not read."""

    sources: tuple[Source, ...]
    ignored: tuple[str, ...]

    @property
    def digest(self) -> str:
        """A mark that changes with any path, size or time of change."""
        told = "\0".join(f"{source.path}\0{source.size}\0{source.changed}" for source in self.sources)
        return hashlib.sha256(told.encode("utf-8", "surrogateescape")).hexdigest()


def find_inputs(named: Sequence[Path]) -> Inputs:
    """Return the files of the folders and the files named. Raises: RequestError where nothing can be read."""
    sources: dict[Path, Source] = {}
    ignored: list[str] = []
    for place in named:
        if not place.exists():
            raise RequestError("there is no such file or folder", where=str(place))
        files = _files_below(place) if place.is_dir() else iter((place,))
        for path in files:
            name = path.relative_to(place).as_posix() if place.is_dir() else path.name
            if place.is_dir() and len(named) > 1:
                name = f"{place.resolve().name}/{name}"
            if path.name.removesuffix(ZIPPED).endswith((*LINES, DOCUMENT)) and not (place.is_dir() and path.name in _BESIDE):
                told = path.stat()
                sources[path.resolve()] = Source(path.resolve(), name, told.st_size, told.st_mtime_ns)
            else:
                ignored.append(name)
    if not sources:
        raise RequestError(
            "no file to read was found", where="INPUT", hint="names end in .ndjson, .jsonl or .json, also with .gz"
        )
    return Inputs(tuple(sources[path] for path in sorted(sources)), tuple(sorted(ignored)))


def refuse_inside(named: Sequence[Path], written: Sequence[Path]) -> None:
    """Refuse to write into a folder that is read: the next run would take its own results for input. Raises: RequestError."""
    for place in named:
        for path in written:
            if place.is_dir() and path.resolve().is_relative_to(place.resolve()):
                raise RequestError("the output would lie in a folder that is read", where=str(path), hint="name another folder")


def _files_below(folder: Path) -> Iterator[Path]:
    for root, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            yield Path(root) / name
