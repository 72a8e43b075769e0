"""How fast the service answers, in ratios: `python -m tests.bench`. Nothing here passes or fails; targets stand beside.

All measures come from one run on one machine. They are printed beside those of the run before and written into `.bench/`.
Where a ratio says `orjson.loads`, it is what `orjson.loads` took for the same bodies in the same minutes, in a process of its
own as Python sets it up. Clients send what was encoded before, and read answers without understanding them.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from tests.bench import comparison, run_file
from tests.bench.bodies import PATIENTS, Bodies, patient_views
from tests.bench.crowds import measure_crowds
from tests.bench.fallback import measure_fallback
from tests.bench.fresh import measure_fresh
from tests.bench.measures import Measure, measured_once
from tests.bench.run_file import Run
from tests.bench.sizes import FEW, HUGE, LARGE, SMALL, TYPICAL, measure_sizes
from tests.bench.steadiness import measure_steadiness
from tests.bench.surroundings import commit, machine, versions

FOLDER = Path(__file__).resolve().parents[2] / ".bench"
_SIZES = {SMALL: PATIENTS, FEW: PATIENTS, TYPICAL: PATIENTS, LARGE: PATIENTS, HUGE: 2}
_COHORT = "tests.bench.cohort"
Part = Callable[[dict[int, Bodies]], list[Measure]]


class _Made(dict[int, Bodies]):
    """The bodies of each size, made when a part first asks for them."""

    def __missing__(self, size: int) -> Bodies:
        self[size] = made = patient_views(size, _SIZES[size])
        return made


def _sizes(bodies: dict[int, Bodies]) -> list[Measure]:
    measures, lines = measure_sizes({size: bodies[size] for size in _SIZES})
    _write("\n".join(lines) + "\n")
    return measures


def _cohort(_bodies: dict[int, Bodies]) -> list[Measure]:
    """Return the measures of whole cohorts; loaded only here, because it reads DuckDB, which no answer needs."""
    if find_spec(_COHORT) is None:
        return []
    rows: list[tuple[str, float, str]] = import_module(_COHORT).measure_cohort()
    return [measured_once(*row) for row in rows]


# In the order in which they are measured and printed.
PARTS: dict[str, Part] = {
    "sizes": _sizes,
    "steadiness": lambda bodies: measure_steadiness(bodies[TYPICAL]),
    "fresh": lambda bodies: measure_fresh(bodies[TYPICAL], bodies[LARGE]),
    "crowds": lambda bodies: measure_crowds(bodies[TYPICAL], bodies[SMALL]),
    "fallback": lambda _bodies: measure_fallback(),
    "cohort": _cohort,
}


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure how fast the service answers.")
    parser.add_argument("--only", choices=PARTS, action="append", help="this part alone; may be given several times")
    parser.add_argument("--without-cohort", action="store_true", help="everything but whole cohorts")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the file of the run goes; .bench if not given")
    given = parser.parse_args()
    chosen = [name for name in given.only or PARTS if not (given.without_cohort and name == "cohort")]
    began = datetime.now(tz=UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    bodies = _Made()
    run = Run(began, commit(), machine(), versions(), {})
    before = run_file.runs_before(given.folder)
    gc.disable()  # the client's own collector is not what is measured
    measures: list[Measure] = []
    for name in chosen:
        begun = time.perf_counter()
        measures += PARTS[name](bodies)
        sys.stderr.write(f"{name}: measured in {time.perf_counter() - begun:.0f} s\n")
    run = replace(run, bodies={str(size): _told(one) for size, one in bodies.items()}, measures=tuple(measures))
    path = run_file.write(run, given.folder)
    _write("\n".join(_heading(run, before)))
    _write("\n".join(comparison.table(run, before)))
    _write(f"\nkept as {path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path}")


def _told(bodies: Bodies) -> dict[str, object]:
    return {"patients": len(bodies.each), "bytes": round(bodies.typical_bytes), "digest": bodies.digest}


def _heading(run: Run, before: list[Run]) -> list[str]:
    where = ", ".join(f"{name} {value}" for name, value in run.machine.items())
    lines = [f"{run.began}, commit {run.commit or 'none'}, {where}"]
    if before:
        lines.append(f"before: {before[0].began}, commit {before[0].commit or 'none'}, load {before[0].machine.get('load')}")
        lines += [f"  not the same: {caveat}" for caveat in comparison.caveats(run, before[0])]
    else:
        lines.append("before: no run is kept here")
    return [*lines, "a change is LOWER or HIGHER where no round of one run lies among the rounds of the other", ""]


def _write(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
