"""What a Python worker of Spark does: the same reading and the same judging as on one machine.

A task works in a folder of its own, and what it has written gets its place when it is whole: a task that is tried again, or one
that Spark took for lost and is not, leaves nothing half-written.
"""

from __future__ import annotations

import shutil
import traceback
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from service.assembly import build_service
from service.cohort.files import disk_told
from service.cohort.judging import Judge, judge_share
from service.cohort.parts import make_part
from service.cohort.program import program_mark
from service.cohort.spark_session import SAID_BY_US
from service.errors import ServiceError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.cohort.judging import ShareTask
    from service.cohort.parts import PartTask
    from service.consultation import Question
    from service.decisions.bind import Rules
    from service.knowledge.registry import Registry
    from service.settings import Settings


class TaskFailedError(Exception):
    """A task was not done; it says why without a word of any patient's data, because Spark writes it into logs."""


@dataclass(frozen=True, slots=True)
class Carried:
    """What every worker process is given once: what is asked, marks of knowledge and program, and where attempts are made.

    The rules are not sent, but read by each worker process from its own files: they hold what is true in one process alone.
    """

    settings: Settings
    question: Question
    other: Question | None
    registry: Registry
    knowledge: str
    program: str
    attempts: Path

    @property
    def judge(self) -> Judge:
        """Whom to ask, in this process."""
        return Judge(_rules(self.settings), self.registry, self.question, self.other)


@cache
def _rules(settings: Settings) -> Rules:
    return build_service(settings).rules


def read_one(task: PartTask, carried: Carried, attempt: int) -> None:
    """Read one file into its part. Raises: TaskFailedError."""
    with _attempt(carried, f"read-{attempt}-{task.number}") as place:
        if not task.source.path.exists():
            raise StoreError(f"an input file is not there for the executors: {task.source.name}")
        make_part(replace(task, folder=place), carried.judge.rules.vocabulary.terms)
        _publish(place, task.folder, last=task.counts.name)


def judge_one(task: ShareTask, carried: Carried, attempt: int) -> None:
    """Judge one share of the patients. Raises: TaskFailedError."""
    with _attempt(carried, f"judge-{attempt}-{task.bucket}") as place:
        judge_share(replace(task, folder=place), carried.judge)
        _publish(place, task.folder, last=task.counts.name)


@contextmanager
def _attempt(carried: Carried, name: str) -> Iterator[Path]:
    """Give the folder of one attempt, and take it away."""
    place = carried.attempts / name
    try:
        with disk_told():
            _require_the_same(carried)
            place.mkdir()  # not its parents: they are gone where the screening that this task belongs to was given up
            yield place
    except ServiceError as error:
        raise TaskFailedError(SAID_BY_US + error.message.splitlines()[0]) from None
    except Exception as error:  # noqa: BLE001 - what it says may hold data of a patient
        where = traceback.extract_tb(error.__traceback__)[-1]
        raise TaskFailedError(f"{SAID_BY_US}{type(error).__name__} in {Path(where.filename).name}:{where.lineno}") from None
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _require_the_same(carried: Carried) -> None:
    if program_mark() != carried.program or _rules(carried.settings).library.digest != carried.knowledge:
        raise StoreError("the executors have another version of all-cds or of its knowledge than this machine")
    if not carried.attempts.is_dir():
        raise StoreError("the work folder is not there for the executors: it must lie where all machines see it (--work)")


def _publish(place: Path, folder: Path, last: str) -> None:
    """Give what was written its place; the file that says that all is there comes last."""
    for path in sorted((path for path in place.iterdir() if path.is_file()), key=lambda path: path.name == last):
        path.replace(folder / path.name)
