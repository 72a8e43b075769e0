"""A screening from files to files: read, put together by patient, judge, count, write."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar, cast

from service.cohort.deletions import write_deletions
from service.cohort.files import disk_told, read_json
from service.cohort.grouping import group, groups_of
from service.cohort.judging import ShareTask, judge_share
from service.cohort.outputs import write_outputs
from service.cohort.parts import PartTask, make_part, not_received, parts_of, told_of
from service.cohort.program import program_mark
from service.cohort.reasons import in_words
from service.cohort.report import Report
from service.cohort.work_folder import Job, open_work_folder
from service.cohort.workers import Crew, run_tasks
from service.errors import NoPatient, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from service.cohort.counts import Table
    from service.cohort.inputs import Inputs
    from service.cohort.judging import Judge
    from service.cohort.work_folder import WorkFolder

_SHARE = 32 * 1024 * 1024  # bytes of JSON of input for which there is one share
_FEWEST, _MOST = 8, 65_536
_REASONS_SAID = 3


Task = TypeVar("Task")


class Bars(Protocol):
    """How progress is shown: what is done, how much of it there is in all, in which unit."""

    def __call__(self, name: str, total: int, unit: str) -> AbstractContextManager[Callable[[int], object]]:
        """Return what is told of each step; a bar that stands at an end is closed."""
        ...


@dataclass(frozen=True, slots=True)
class Plan:
    """Where results and work go, and how much of the machine is used. `memory` is the engine's limit, such as 1GB."""

    inputs: Inputs
    output: Path
    work: Path
    keep_work: bool = False
    processes: int = 1
    memory: str = "1GB"


class Engine(Protocol):
    """What reads the input and judges the patients: the processes of this machine, or Spark. All engines give equal answers."""

    def __call__(  # noqa: PLR0913 - everything there is to do it with
        self, plan: Plan, judge: Judge, folder: WorkFolder, buckets: int, bars: Bars, say: Callable[[str], None]
    ) -> tuple[list[PartTask], list[ShareTask]]:
        """Return the parts and the shares of the patients, all of them whole. Raises: StoreError."""
        ...


def on_this_machine(  # noqa: PLR0913 - an Engine
    plan: Plan, judge: Judge, folder: WorkFolder, buckets: int, bars: Bars, say: Callable[[str], None]
) -> tuple[list[PartTask], list[ShareTask]]:
    """Return the parts and the shares, made by one process or several."""
    parts = parts_of(plan.inputs.sources, folder.parts, buckets)
    processes = min(plan.processes, max(len(parts), buckets))  # all of them begin at once
    read = partial(make_part, terms=judge.rules.vocabulary.terms)
    put_together = partial(group, work=folder.path, parts=parts, memory=plan.memory)
    judged = partial(judge_share, judge=judge)
    with Crew(read, put_together, judged) as crew:

        def run(tasks: Sequence[Task], work: Callable[[Task], None], advance: Callable[[Task], object]) -> None:
            _all_done(run_tasks(tasks, work, processes, say, crew), advance)

        left = sorted((task for task in parts if not task.counts.exists()), key=lambda task: -task.source.weight)
        with bars("reading", sum(task.size for task in left), "B") as advance:
            run(left, read, lambda task: advance(task.size))
        write_deletions(parts, folder.parts)
        groups = groups_of(folder.grouped, parts, buckets)
        apart = [one for one in groups if not one.counts.exists()]
        with bars("putting together", len(apart), " steps") as advance:
            run(apart, put_together, lambda _: advance(1))
        unavailable = not_received(parts)
        shares = [
            ShareTask(bucket, patients, together.data, folder.parts, folder.shares, unavailable)
            for together in groups
            for bucket, patients in together.patients().items()
        ]
        unjudged = [task for task in shares if not task.counts.exists()]
        with bars("judging", sum(task.patients for task in unjudged), " patients") as advance:
            run(unjudged, judged, lambda task: advance(task.patients))
    return parts, shares


def screen(plan: Plan, judge: Judge, bars: Bars, say: Callable[[str], None], engine: Engine = on_this_machine) -> Report:
    """Return what was found, with everything written.

    `say` is told what an operator should know, never anything of a patient. Raises: RequestError for a work folder that cannot
    be used, NoPatient where there is none in the input, StoreError where the disk or the workers fail.
    """
    with disk_told():
        buckets = min(_MOST, max(_FEWEST, sum(source.weight for source in plan.inputs.sources) // _SHARE))
        job = Job(plan.inputs.digest, judge.rules.library.digest, program_mark(), _question_mark(judge), buckets)
        folder = open_work_folder(plan.work, job, say)
        try:
            plan.output.parent.mkdir(parents=True, exist_ok=True)
            plan.output.unlink(missing_ok=True)  # of an earlier run: nothing looks complete before this one is
            parts, shares = engine(plan, judge, folder, buckets, bars, say)
            report = _gather(plan, parts, shares)
            report.written = write_outputs(plan.output, folder.path, plan.memory, parts, shares, report, judge)
            if not plan.keep_work:
                folder.remove()
        finally:
            folder.lock.close()
    if not shares:
        raise NoPatient("no patient was found in the input", hint=_listed(report))
    return report


def _listed(report: Report) -> str:
    """Return what was rejected most and that it is listed, or that nothing was."""
    most = report.rejected.most_common(_REASONS_SAID)
    if not most:
        return "nothing was rejected, and nothing that was read is of a patient"
    return f"rejected, and listed beside the output: {', '.join(f'{number} of {in_words(code)}' for code, number in most)}"


def _question_mark(judge: Judge) -> str:
    seen = (judge.registry.sightings, judge.registry.aliases)
    return hashlib.sha256(repr((judge.question, judge.other, seen)).encode()).hexdigest()


def _all_done(results: Iterator[tuple[Task, bool]], advance: Callable[[Task], object]) -> None:
    """Wait for all tasks. Raises: StoreError where a worker was killed with each attempt at one of them."""
    undone = 0
    for task, done in results:
        if done:
            advance(task)
        undone += not done
    if undone:
        raise StoreError(
            f"{undone} shares of the work were not done: their process was killed each time, perhaps for lack of memory",
            hint="what is done is kept; give the same command again with fewer --processes or more --memory",
        )


def _gather(plan: Plan, parts: Sequence[PartTask], shares: Sequence[ShareTask]) -> Report:
    report = Report(len(plan.inputs.sources), plan.inputs.ignored, plan.inputs.unread)
    report.rejected.update(code for _, code in report.unread)
    report.unowned += len(report.unread)
    report.servers = max(plan.inputs.servers, len({server for part in parts for server in told_of(part).servers}))
    report.not_received = tuple(sorted(not_received(parts)))
    for part in parts:
        told = told_of(part)
        report.lines.update(told.counts)
        report.rejected.update(told.rejected)
        report.unowned += told.unowned
    for share in shares:
        report.counts.take(cast("dict[str, Table]", read_json(share.counts)))
    report.rejected.update({code: number for (code,), number in report.counts.rejected.items()})
    return report
