"""Tasks over one process or several; a killed worker costs its tasks, never the run."""

from __future__ import annotations

import gc
import multiprocessing
import os
import threading
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, Self, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

Task = TypeVar("Task")

_ROUNDS_TOGETHER = 2  # after so many killed workers each task gets a process of its own, so that the guilty one is found

_works: Sequence[Callable[[Any], None]] = ()


def _remember(works: Sequence[Callable[[Any], None]]) -> None:
    global _works  # noqa: PLW0603 - what a forked process works on: inherited, never sent
    _works = works
    threading.Thread(target=_end_with_the_run, daemon=True).start()


def _end_with_the_run() -> None:
    """End this worker when the main process is gone: it would wait for ever, and hold the lock of the work folder."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _one(place: int, task: object) -> None:
    _works[place](task)


class Crew:
    """Processes that do several sorts of work, one after the other: what they learned with one they know with the next."""

    def __init__(self, *works: Callable[[Any], None]):
        """Begin nothing yet."""
        self._works = works
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        """Return the crew; its processes begin with the first tasks."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the processes."""
        self._end()

    def _end(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None
            gc.unfreeze()

    def together(self, tasks: Sequence[Task], work: Callable[[Task], None], processes: int) -> Iterator[Task]:
        """Yield the tasks that end; stop where a worker is killed. Whatever else ends it ends the processes."""
        place = self._works.index(work)
        if self._pool is None:
            gc.freeze()
            context = multiprocessing.get_context("fork")
            self._pool = ProcessPoolExecutor(processes, context, initializer=_remember, initargs=(self._works,))
        done = False
        try:
            futures = {self._pool.submit(_one, place, task): task for task in tasks}
            for future in as_completed(futures):
                future.result()
                yield futures[future]
            done = True
        except BrokenProcessPool:
            return
        finally:
            if not done:
                self._end()


def run_tasks(
    tasks: Sequence[Task],
    work: Callable[[Task], None],
    processes: int,
    warn: Callable[[str], None],
    crew: Crew | None = None,
) -> Iterator[tuple[Task, bool]]:
    """Yield each task as it ends, and whether it was done: not, where its worker was killed again and again.

    `warn` is told of killed workers; `crew` does it that knows this work, or else one for this alone. Raises: what `work` raises.
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
    with nullcontext(crew) if crew is not None else Crew(work) as able:
        for _ in range(_ROUNDS_TOGETHER):
            for task in able.together(tuple(left), work, processes):
                left.remove(task)
                yield task, True
            if not left:
                return
            warn(f"a worker process was killed; {len(left)} shares of the work are done again")
    for task in left:
        with Crew(work) as alone:
            done = any(True for _ in alone.together([task], work, 1))
        yield task, done


@contextmanager
def shared_as_it_is() -> Iterator[None]:
    """Keep the collector of garbage off what is there already: it would look through the rules again and again, and copy them."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
