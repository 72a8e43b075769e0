"""One measurement, told as JSON, in a process of its own: `tests.bench.cohort_run screen|decode FOLDER PROCESSES OUTPUT`."""

from __future__ import annotations

import multiprocessing
import resource
import sys
import time
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_DAY = date(2026, 11, 22)


def main() -> None:
    """Measure and tell: wall seconds, seconds of all processors, kB of the largest process, and of this one before it began."""
    what, folder, processes, output = sys.argv[1:5]
    work = _decode(Path(folder), int(processes)) if what == "decode" else _screen(Path(folder), int(processes), Path(output))
    before = _processor()
    begun = time.perf_counter()
    patients = work()
    seconds = time.perf_counter() - begun
    sizes = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    told = {"seconds": seconds, "processor": _processor() - before, "largest": max(sizes), "patients": patients}
    sys.stdout.write(orjson.dumps(told).decode())


def _processor() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _decode(folder: Path, processes: int) -> Callable[[], int]:
    """Return the measure of all things: every line decoded into dictionaries, by one process or by several that share nothing."""

    def work() -> int:
        if processes == 1:
            _decode_share(folder, 0, 1)
            return 0
        with multiprocessing.get_context("fork").Pool(processes) as pool:
            pool.starmap(_decode_share, [(folder, number, processes) for number in range(processes)], chunksize=1)
        return 0

    return work


def _decode_share(folder: Path, number: int, of: int) -> None:
    """Decode the lines that begin in one of so many equal stretches of each file."""
    for path in sorted(folder.iterdir()):
        size = path.stat().st_size
        start, end = size * number // of, size * (number + 1) // of
        with path.open("rb") as file:
            if start:
                file.seek(start - 1)
                file.readline()
            place = file.tell()
            for line in file:
                if place >= end:
                    break
                orjson.loads(line)
                place += len(line)


def _screen(folder: Path, processes: int, output: Path) -> Callable[[], int]:
    """Return the screening with all facts and verdicts; the start of Python and the loading of the rules are not counted."""
    from service.assembly import build_service  # noqa: PLC0415 - not in the process that only decodes
    from service.cohort.inputs import find_inputs  # noqa: PLC0415 - as above
    from service.cohort.judging import Judge  # noqa: PLC0415 - as above
    from service.cohort.screening import Plan, screen  # noqa: PLC0415 - as above
    from service.consultation import Question  # noqa: PLC0415 - as above
    from service.knowledge.registry import NOTHING_SEEN  # noqa: PLC0415 - as above
    from service.settings import Settings  # noqa: PLC0415 - as above

    rules = build_service(Settings()).rules
    judge = Judge(rules, NOTHING_SEEN, Question(as_of=_DAY, known_by=_DAY, regulators=("EMA", "FDA")))
    plan = Plan(find_inputs([folder]), output, output.with_suffix(".work"), processes=processes)

    @contextmanager
    def no_bars(name: str, total: int, unit: str) -> Iterator[Callable[[int], object]]:
        yield lambda _step: None

    def work() -> int:
        report = screen(plan, judge, no_bars, _say)
        return sum(report.counts.patients.values())

    return work


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    main()
