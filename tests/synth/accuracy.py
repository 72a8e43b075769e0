"""How right the service is on a made-up cohort of any size: `python -m tests.synth.accuracy --patients 20000`.

Prints confusion tables per fact and per verdict, every wrong answer, and one example of each miss. Exit code 1 where an answer is
wrong or too little of what is decidable was decided.
"""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path

from tqdm import tqdm

from service.assembly import Service, build_service
from service.settings import Settings
from service.synth.chance import read_proportions
from service.synth.patients import patient
from tests.synth.tally import Tally, count_cohort

LEAST_DECIDED = 0.99
_IN_ONE_GO = 100


def count_part(seed: int, first: int, last: int) -> Tally:
    """Return what is counted of the patients with these numbers of a seed."""
    often = read_proportions()
    return count_cohort(_service(), (patient(seed, number, often, often["as_of"]) for number in range(first, last + 1)))


@cache
def _service() -> Service:
    return build_service(Settings())


def count_all(patients: int, seed: int, workers: int) -> Tally:
    """Return what is counted of a whole cohort, each part by one of the workers."""
    starts = range(1, patients + 1, _IN_ONE_GO)
    tally = Tally()
    with ProcessPoolExecutor(workers) as pool:
        parts = pool.map(
            count_part, *zip(*((seed, first, min(first + _IN_ONE_GO - 1, patients)) for first in starts), strict=True)
        )
        for part in tqdm(parts, total=len(starts), unit=f" x {_IN_ONE_GO} patients", disable=None):
            tally.merge(part)
    return tally


def main(arguments: list[str] | None = None) -> int:
    """Return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.synth.accuracy", description="How right the service is on made-up patients."
    )
    parser.add_argument("--patients", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--output", type=Path, help="a file for the report; standard output if not given")
    given = parser.parse_args(arguments)
    tally = count_all(given.patients, given.seed, given.workers)
    report = tally.report() + "\n"
    if given.output is None:
        sys.stdout.write(report)
    else:
        given.output.write_text(report, encoding="utf-8")
    decided = min(tally.share_of_facts(), tally.share_of_verdicts())
    return int(bool(tally.wrong) or decided < LEAST_DECIDED)


if __name__ == "__main__":
    sys.exit(main())
