"""Where results and work may go: never over what is read, over each other, or where the engine cannot follow."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from service.cohort.inputs import refuse_inside
from service.cohort.named import is_utf_8
from service.cohort.outputs import FORMATS, beside, format_of
from service.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from service.cohort.inputs import Inputs


def refuse_where_not_to_write(named: Sequence[Path], inputs: Inputs, output: Path, work: Path) -> None:
    """Refuse before anything is written. Raises: RequestError.

    `named`: the folders and files to be read, as they were given; `inputs`: the files found there.
    """
    format_of(output)
    _refuse_names(output, work)
    files = (output, *beside(output).values())
    for file in files:
        if file.is_dir():
            raise RequestError("a folder has the name of the output", where=str(file), hint="name another file")
    place = work.resolve()
    if any(path.resolve().is_relative_to(place) for path in files):
        raise RequestError("the output would lie in the work folder", where=str(output), hint="name another folder with --work")
    refuse_inside(named, (output, work))
    over = {path.resolve(): path for path in files if path.exists()}
    marks = {_mark(path): path for path in over.values()}
    for source in inputs.sources:
        path = over.get(source.path) or marks.get(_mark(source.path))
        if path is not None:
            raise RequestError("a file that is read would be written over", where=str(path), hint="name another output")
        if source.path.is_relative_to(place):
            raise RequestError("a file that is read lies in the work folder", where=source.name, hint="name another with --work")
    _refuse_shared(output, inputs)


def _refuse_shared(output: Path, inputs: Inputs) -> None:
    """Refuse to write counts that would stand beside rows of another run: of a name that differs by its ending alone."""
    if not any(path.exists() for path in beside(output).values()):
        return
    read = {source.path for source in inputs.sources}
    for ending in FORMATS:
        other = output.with_suffix(ending)
        if other != output and other.exists() and other.resolve() not in read:
            hint = "name another output, or take the other away"
            raise RequestError("the rows of another run share what would stand beside these", where=str(other), hint=hint)


def _refuse_names(output: Path, work: Path) -> None:
    for option, path in (("--output", output), ("--work", work)):
        if not is_utf_8(os.fsencode(path)):
            raise RequestError("the engine cannot write under a name that is no UTF-8", where=option, hint="name another")
        if "\\" in str(path):
            raise RequestError(r"the engine cannot work under a name with \ in it", where=option, hint="name another")


def _mark(path: Path) -> tuple[int, int]:
    """Return what tells a file from all others, whatever its names."""
    told = path.stat()
    return told.st_dev, told.st_ino
