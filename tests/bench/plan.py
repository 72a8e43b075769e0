"""How long cohorts of hospitals and countries would take, worked out from what was measured here: arithmetic, nothing was run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tests.bench.run_file import Run

SPEED = "cohort: 2 processes, MB/s"
PATIENT = "20 resources: bytes to verdicts in process"
_SIZES = (0.2, 1.0, 10.0)  # TB: 1 million patients of 0.2, 1 and 10 MB
_CORES = (2, 16, 64, 256)
_PATIENTS = 10_000


class Rates(NamedTuple):
    """What one core of several does: bytes of an export in a second, and the seconds of one more patient with ALL."""

    bytes_a_second: float
    seconds_a_patient: float


def rates(run: Run) -> Rates | None:
    """Return the rates, from two processes on two cores: what they lose to each other is in them. None where not measured."""
    speed, patient = run.measure(SPEED), run.measure(PATIENT)
    if speed is None or patient is None or not speed.rounds or not patient.rounds:
        return None
    return Rates(speed.value * 1e6 / 2, patient.value / 1000)


def hours(terabytes: float, cores: int, found: Rates, more_patients: int = 0) -> float:
    """Return the hours of a cohort on so many cores.

    `more_patients`: with ALL, beyond the share that the measured cohort had.
    """
    seconds = terabytes * 1e12 / found.bytes_a_second + more_patients * found.seconds_a_patient
    return seconds / cores / 3600


def plan(run: Run) -> Iterator[str]:
    """Yield the rows of a table in Markdown; none where the rates were not measured."""
    found = rates(run)
    if found is None:
        return
    yield "| 1 million patients | " + " | ".join(f"{cores} cores" for cores in _CORES) + " |"
    yield "|---" * (len(_CORES) + 1) + "|"
    for size in _SIZES:
        cells = (f"{hours(size, cores, found):.1f} h" for cores in _CORES)
        yield f"| {size:g} TB | " + " | ".join(cells) + " |"
    cells = (f"{hours(0, cores, found, _PATIENTS) * 60:.1f} min" for cores in _CORES)
    yield f"| {_PATIENTS:,} more with ALL | " + " | ".join(cells) + " |"
