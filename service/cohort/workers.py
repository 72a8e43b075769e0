"""Tasks over one process or several; a killed worker costs its tasks, never the run."""

from __future__ import annotations

import gc
import multiprocessing
import os
import threading
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

Task = TypeVar("Task")

_ROUNDS_TOGETHER = 2  # after so many killed workers each task gets a process of its own, so that the guilty one is found

_work: Callable[[Any], None] | None = None


def _remember(work: Callable[[Any], None]) -> None:
    global _work  # noqa: PLW0603 - what a forked process works on: inherited, never sent
    _work = work
    threading.Thread(target=_end_with_the_run, daemon=True).start()


def _end_with_the_run() -> None:
    """End this worker when the main process is gone: it would wait for ever, and hold the lock of the work folder."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _one(task: object) -> None:
    assert _work is not None  # noqa: S101 - set as the process begins
    _work(task)


def run_tasks(
    tasks: Sequence[Task], work: Callable[[Task], None], processes: int, warn: Callable[[str], None]
) -> Iterator[tuple[Task, bool]]:
    """Yield each task as it ends, and whether it was done: not, where its worker was killed again and again.

    `warn` is told of killed workers. Raises: what `work` raises.
    """
    if not tasks:
        return
    if processes == 1:
        with shared_as_it_is():
            for task in tasks:
                work(task)
                yield task, True
        return
    left = list(tasks)
    for _ in range(_ROUNDS_TOGETHER):
        for task in _together(left, work, processes):
            left.remove(task)
            yield task, True
        if not left:
            return
        warn(f"a worker process was killed; {len(left)} shares of the work are done again")
    for task in left:
        done = any(True for _ in _together([task], work, 1))
        yield task, done


@contextmanager
def shared_as_it_is() -> Iterator[None]:
    """Keep the collector of garbage off what is there already: it would look through the rules again and again, and copy them."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _together(tasks: Sequence[Task], work: Callable[[Task], None], processes: int) -> Iterator[Task]:
    """Yield the tasks that end; stop where a worker is killed."""
    context = multiprocessing.get_context("fork")
    with (
        shared_as_it_is(),
        ProcessPoolExecutor(min(processes, len(tasks)), context, initializer=_remember, initargs=(work,)) as pool,
    ):
        futures = {pool.submit(_one, task): task for task in tasks}
        try:
            for future in as_completed(futures):
                future.result()
                yield futures[future]
        except BrokenProcessPool:
            return
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
