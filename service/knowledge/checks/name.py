"""Ids and file names: given once, written alike, the id inside a file is the name of the file."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from pydantic import BaseModel

from service.errors import Fault
from service.knowledge.places import name_of
from service.knowledge.schema import Indication, Study

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.knowledge.library import Library

_KEBAB = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")
# Shelves on which one file holds one thing that is called by the name of the file.
_NAMED_FILES = ("therapies", "trials", "evidence", "value_sets")
# Products, concepts, definitions and limits are words of ours; the other ids are those of their sources.
_OUR_WORDS = ("therapies", "evidence", "definitions", "regimens", "value_sets")


def check(library: Library) -> Iterator[Fault]:
    """Yield names that stand twice, differ from their file's, or are not written in kebab-case."""
    yield from _files(library)
    yield from _rows_inside(library)
    yield from _across_files(library)


def _files(library: Library) -> Iterator[Fault]:
    for (shelf, name), file in library.files.items():
        stem = file.rpartition("/")[2].removesuffix(".yaml")
        if shelf in _NAMED_FILES and stem != name:
            yield Fault(f"{file} {name}", f"the file is called {stem!r} and the id inside is {name!r}", f"name it {name}.yaml")
        if shelf in _OUR_WORDS and not _KEBAB.match(name):
            yield Fault(f"{file} {name}", f"{name!r} is not in kebab-case", "small letters and digits with hyphens between")
    for file in sorted({file for (shelf, _), file in library.files.items() if shelf != "trials"}):
        stem = file.rpartition("/")[2].removesuffix(".yaml")
        if not _KEBAB.match(stem):
            yield Fault(file, "the name of a file is in kebab-case", "small letters and digits with hyphens between")


def _rows_inside(library: Library) -> Iterator[Fault]:
    """Rows of one list are told apart by their ids."""
    for place in library.places:
        for key, rows in place.row.__dict__.items():
            if key == "figures" or not (isinstance(rows, tuple) and rows and isinstance(rows[0], BaseModel)):
                continue
            if "id" not in rows[0].__dict__:
                continue
            for name, times in Counter(name_of(row) for row in rows).items():
                if times > 1:
                    yield Fault(
                        f"{place.where} / {key}", f"the id {name!r} stands {times} times in one list", "an id is given once"
                    )


def _across_files(library: Library) -> Iterator[Fault]:
    """Indications and studies are cited by id alone, so an id must not stand in two files."""
    homes: dict[tuple[type, str], str] = {}
    for place in library.places:
        if isinstance(place.row, Indication | Study):
            other = homes.setdefault((type(place.row), place.row.id), place.file)
            if other != place.file:
                yield Fault(place.where, f"the id {place.row.id!r} stands in {other} too", "an id is given once")
