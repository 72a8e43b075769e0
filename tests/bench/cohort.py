"""How fast a whole cohort is screened, and in how much memory: `python -m tests.bench.cohort [--patients N] [--most N]`.

1 is what `orjson.loads` takes for every line of the same files on one core in the same minutes. Runs take turns and the
quickest of each counts, so that a busy machine does less harm. Every run is a process of its own; the start of Python and the
loading of the rules are not counted, the start of worker processes is.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import orjson

from tests.bench.cohort_export import SHORT, Export, export_of

Row = tuple[str, float, str]
_PATIENTS, _TIMES, _ROUNDS = 1_000, 5, 3
# Patients with short records, between whom the cost of one is compared; the many take 2.2 GB of disk.
_FEW, _MANY = 1_000, 100_000
_LOOKED_EVERY = 0.05  # seconds, where memory is looked at


@dataclass(frozen=True, slots=True)
class Run:
    """One run: wall seconds, processor seconds, MB of the largest process and of all together at their highest."""

    seconds: float
    processor: float
    largest: float
    together: float = 0.0


def measure_cohort(patients: int = _PATIENTS, most: int = _MANY, rounds: int = _ROUNDS) -> list[Row]:
    """Return what was measured, each with its name, value and target; the cohorts are told on standard error.

    `patients` of long records are screened, and five times as many, by whom the speed is told: what every run pays once, whatever
    its size, is then little beside the rest. `most` of short records for the cost of one patient.
    """
    with tempfile.TemporaryDirectory() as place:
        output = Path(place) / "rows.parquet"
        return [
            *_speeds(export_of(patients * _TIMES), output, rounds),
            *_memory(patients, output),
            *_growth(most, output, rounds),
        ]


def _speeds(export: Export, output: Path, rounds: int) -> list[Row]:
    _tell(export.told)
    decoded, shared, one, two = [], [], [], []
    for _ in range(rounds):
        decoded.append(_run("decode", export, 1, output))
        shared.append(_run("decode", export, 2, output))
        one.append(_run("screen", export, 1, output))
        two.append(_run("screen", export, 2, output))
    base, apart, single, double = (min(run.seconds for run in runs) for runs in (decoded, shared, one, two))
    used = [min(run.processor for run in runs) for runs in (decoded, one, two)]
    megabytes = export.size / 1e6
    return [
        ("cohort: orjson.loads of every line, MB/s", megabytes / base, ""),
        ("cohort: 2 processes, MB/s", megabytes / double, ""),
        ("cohort: MB/s, 2 processes / orjson.loads on one core", base / double, ">= 1.5"),
        ("cohort: MB/s, 1 process / orjson.loads on one core", base / single, ""),
        ("cohort: MB/s, 2 processes / 1 process", single / double, ">= 1.7"),
        ("cohort: the same of orjson.loads, which is what the machine gives", base / apart, ""),
        ("cohort: processor time, 1 process / orjson.loads", used[1] / used[0], ""),
        ("cohort: processor time, 2 processes / 1 process", used[2] / used[1], ""),
    ]


def _memory(patients: int, output: Path) -> list[Row]:
    small, large = export_of(patients), export_of(patients * _TIMES)
    _tell(large.told)
    less, more = (_run("screen", export, 2, output, watched=True) for export in (small, large))
    return [
        ("cohort: memory of the largest process, 5 times the data / 1", more.largest / less.largest, "<= 1.2"),
        ("cohort: memory of all processes, 5 times the data / 1", more.together / less.together, "<= 1.2"),
        ("cohort: memory of the largest process, MB", more.largest, ""),
        ("cohort: memory of all processes, MB", more.together, ""),
        ("cohort: cost of a patient, 5 times the data / 1", more.processor / less.processor / _TIMES, "<= 1.1"),
    ]


def _growth(most: int, output: Path, rounds: int) -> list[Row]:
    few, many = export_of(_FEW, SHORT), export_of(most, SHORT)
    _tell(f"short records: {few.told}; {many.told}")
    costs = [min(_run("screen", export, 2, output).processor for _ in range(rounds)) / export.patients for export in (few, many)]
    return [(f"cohort: cost of a patient, {most:,} / {_FEW:,} patients", costs[1] / costs[0], "<= 1.1")]


def _run(what: str, export: Export, processes: int, output: Path, *, watched: bool = False) -> Run:
    command = [sys.executable, "-m", "tests.bench.cohort_run", what, str(export.folder), str(processes), str(output)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        together = 0.0
        while watched and process.poll() is None:
            together = max(together, _megabytes(process.pid))
            time.sleep(_LOOKED_EVERY)
        told = orjson.loads(process.communicate()[0])
    return Run(told["seconds"], told["processor"], told["largest"] / 1024, together)


def _megabytes(number: int) -> float:
    """Return the memory of a process and all below it, what they share counted once."""
    try:
        lines = Path(f"/proc/{number}/smaps_rollup").read_text(encoding="ascii").splitlines()
        below = Path(f"/proc/{number}/task/{number}/children").read_text(encoding="ascii").split()
    except OSError:
        return 0.0  # it has ended
    own = sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
    return own + sum(_megabytes(int(child)) for child in below)


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    asked.add_argument("--patients", type=int, default=_PATIENTS, help="with long records")
    asked.add_argument("--most", type=int, default=_MANY, help="patients with short records")
    asked.add_argument("--rounds", type=int, default=_ROUNDS)
    given = asked.parse_args()
    for name, value, target in measure_cohort(given.patients, given.most, given.rounds):
        sys.stdout.write(f"{name:<62} {value:>8.2f}  {target}".rstrip() + "\n")


if __name__ == "__main__":
    main()
