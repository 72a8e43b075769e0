"""A cohort as files: NDJSON of each resource type as a Bulk Data export has it, bundles if asked for, and the truth."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import orjson

from service.errors import RequestError
from service.synth.bundles import bundle_of
from service.synth.chance import read_proportions
from service.synth.patients import patient

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from service.knowledge.library import Library
    from service.synth.patients import Made

_UNFINISHED = ".part"
TRUTH = "truth.ndjson"


def made_up(count: int, seed: int, as_of: date | None = None) -> Iterator[Made]:
    """Return so many patients, one after another; the day is that of the proportions if none is given."""
    often = read_proportions()
    for number in range(1, count + 1):
        yield patient(seed, number, often, as_of or often["as_of"])


def write_cohort(
    made: Iterator[Made], folder: Path, *, files: int = 1, bundles: bool = False, library: Library | None = None
) -> int:
    """Return how many patients were written; a folder that is not empty is refused. `library`: the true verdicts are written too.

    A patient's resources are spread over the `files` of each type. Every file bears an unfinished name until all are written, so
    that nothing half-written looks complete. Raises: RequestError where the folder cannot be used.
    """
    _prepare(folder, bundles=bundles)
    written = 0
    try:
        with ExitStack() as stack:
            export = _Export(folder, files, stack, library)
            for number, one in enumerate(made):
                export.add(one, number)
                if bundles:
                    path = folder / "bundles" / f"{one.story.name}.json{_UNFINISHED}"
                    path.write_bytes(orjson.dumps(bundle_of(one.story)) + b"\n")
                written += 1
        for path in sorted(folder.rglob(f"*{_UNFINISHED}")):
            path.rename(path.with_suffix(""))
    except OSError as error:
        raise RequestError(f"the cohort cannot be written: {error.strerror}", where="--output") from None
    return written


def _prepare(folder: Path, *, bundles: bool) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise RequestError("the folder is not empty", where="--output", hint="name one that does not exist yet")
        if bundles:
            (folder / "bundles").mkdir()
    except OSError as error:
        raise RequestError(f"the folder cannot be used: {error.strerror}", where="--output") from None


class _Export:
    """The open files of an export: some of each resource type, and one of the truth."""

    def __init__(self, folder: Path, files: int, stack: ExitStack, library: Library | None):
        self._folder, self._files, self._stack, self._library = folder, files, stack, library
        self._open: dict[str, BinaryIO] = {}
        self._file(TRUTH)

    def add(self, made: Made, number: int) -> None:
        """Write one patient."""
        for place, resource in enumerate(made.story.resources):
            name = resource["resourceType"]
            if self._files > 1:
                name += f".{(number + place) % self._files:03}"
            self._file(f"{name}.ndjson").write(orjson.dumps(resource, option=orjson.OPT_APPEND_NEWLINE))
        self._file(TRUTH).write(orjson.dumps(made.truth_line(self._library), option=orjson.OPT_APPEND_NEWLINE))

    def _file(self, name: str) -> BinaryIO:
        found = self._open.get(name)
        if found is None:
            found = self._open[name] = self._stack.enter_context((self._folder / f"{name}{_UNFINISHED}").open("wb"))
        return found
