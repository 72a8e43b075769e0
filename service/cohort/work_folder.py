"""The folder in which a screening goes on after it was stopped: what is done stays, unless something else is asked."""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.cohort.files import UNFINISHED, read_json, write_json
from service.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import IO

_FORMAT = 8  # of the files in the folder
_OURS, _LOCK = "job.json", "lock"
TRIES = 60
"""How often it is tried to have the folder for oneself, before it is somebody else's."""
_PAUSE = 0.05  # seconds between two tries
_BEGUN = {_LOCK, _OURS + UNFINISHED}  # all that is there where the first thing could not be written


@dataclass(frozen=True, slots=True)
class Job:
    """What a work folder is for: marks of the input, the knowledge, the program and the question, and the number of shares."""

    input: str
    knowledge: str
    program: str
    question: str
    buckets: int

    def written(self) -> dict[str, object]:
        """Return the job as it stands in the folder."""
        return {
            "format": _FORMAT,
            "input": self.input,
            "knowledge": self.knowledge,
            "program": self.program,
            "question": self.question,
            "buckets": self.buckets,
        }


@dataclass(frozen=True, slots=True)
class WorkFolder:
    """Where parts, grouped data and finished shares lie."""

    path: Path
    lock: IO[bytes]

    @property
    def parts(self) -> Path:
        """The folder of the parts."""
        return self.path / "parts"

    @property
    def shares(self) -> Path:
        """The folder of the finished shares."""
        return self.path / "shares"

    @property
    def grouped(self) -> Path:
        """The folder of all resources by patient."""
        return self.path / "grouped"

    def remove(self) -> None:
        """Take everything away: the screening is done.

        What tells that the folder is ours, and the lock, go last: nobody else works in it while anything is taken away.
        """
        with suppress(OSError):
            for found in sorted(self.path.iterdir(), key=lambda found: (found.name == _LOCK, found.name == _OURS)):
                shutil.rmtree(found, ignore_errors=True) if found.is_dir() else found.unlink(missing_ok=True)
            self.path.rmdir()
        self.lock.close()


def open_work_folder(path: Path, job: Job, say: Callable[[str], None]) -> WorkFolder:
    """Return the folder, holding what may be used again; `say` is told what is not.

    Raises: RequestError where the folder holds something else, or another screening works in it.
    """
    _refuse_other_files(path)
    folder = WorkFolder(path, _locked(path))
    before = read_json(path / _OURS)  # not until nobody else writes it
    wanted = job.written()
    shutil.rmtree(path / "spilled", ignore_errors=True)
    if before is not None:
        _forget(folder, before, wanted, say)
    write_json(path / _OURS, wanted)  # first, so that the folder is known for ours
    for inner in (folder.parts, folder.grouped, folder.shares):
        inner.mkdir(exist_ok=True, mode=0o700)
    return folder


def _refuse_other_files(path: Path) -> None:
    with suppress(FileNotFoundError):  # there is none, or the screening that had it is done
        if read_json(path / _OURS) is None and any(found.name not in _BEGUN for found in path.iterdir()):
            raise RequestError("the work folder holds other files", where=str(path), hint="name a new or empty folder")


def _locked(path: Path) -> IO[bytes]:
    """Return the lock of the folder, which is made. Raises: RequestError where another screening has it.

    The workers of one that was killed have it a moment longer, until they notice; one that is done takes the folder away.
    """
    for left in reversed(range(TRIES)):
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        with suppress(BlockingIOError, FileNotFoundError), ExitStack() as unless_ours:
            lock = unless_ours.enter_context((path / _LOCK).open("wb"))
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_at(lock, path / _LOCK):
                unless_ours.pop_all()
                return lock
        if left:
            time.sleep(_PAUSE)
    raise RequestError("another screening works in this folder", where=str(path))


def _is_at(lock: IO[bytes], path: Path) -> bool:
    """Return whether the file that is open still stands there: it was taken away with its folder, and another one made."""
    return os.path.samestat(os.fstat(lock.fileno()), path.stat())


def _forget(folder: WorkFolder, before: dict[str, object], wanted: dict[str, object], say: Callable[[str], None]) -> None:
    """Take away what belongs to another input, other knowledge or another question."""
    changed = [name for name in ("format", "input", "knowledge", "program", "buckets") if before.get(name) != wanted[name]]
    if changed:
        say(f"the work folder is for another {' and '.join(changed)}: everything is done anew")
        shutil.rmtree(folder.parts, ignore_errors=True)
        shutil.rmtree(folder.grouped, ignore_errors=True)
    elif before.get("question") != wanted["question"]:
        say("the work folder is for another question: the data are not read again, every patient is judged anew")
    else:
        say("going on in the work folder")
        return
    shutil.rmtree(folder.shares, ignore_errors=True)
