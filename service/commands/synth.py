"""The command that makes up a cohort, with the true facts and verdicts beside it."""

from __future__ import annotations

import argparse
import sys
from datetime import MAXYEAR, MINYEAR
from pathlib import Path
from typing import TYPE_CHECKING

from service.commands.words import ANSWERED, positive, whole_number
from service.errors import RequestError
from service.settings import read_day

if TYPE_CHECKING:
    from datetime import date

_LIFE = 200  # years, more than any


def add_synth(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the words that the command line understands."""
    synth = commands.add_parser(
        "synth",
        help="make up a cohort, with its true facts and verdicts beside it",
        description="Made-up patients as a Bulk Data export, for testing. The same seed writes the same bytes on every machine.",
    )
    synth.add_argument("--patients", type=positive, required=True, metavar="N", help="how many, with and without ALL")
    synth.add_argument(
        "--seed", type=whole_number, required=True, metavar="S", help="patient k of a seed is the same whatever N is"
    )
    synth.add_argument("--output", type=Path, required=True, metavar="DIR", help="an empty or new folder")
    synth.add_argument("--files", type=positive, default=1, metavar="F", help="files of each resource type; 1 if not given")
    synth.add_argument("--bundles", action="store_true", help="each patient as a bundle too, in DIR/bundles")
    synth.add_argument("--as-of", metavar="DATE", help="the day on which the truth holds; that of the proportions if not given")
    synth.set_defaults(run=_synth)


def _day(text: str) -> date:
    """Return the day. Raises: RequestError, also where a life before it, or a plan after it, would leave the calendar."""
    day = read_day(text, "--as-of")
    if not MINYEAR + _LIFE <= day.year <= MAXYEAR - _LIFE:
        raise RequestError(
            "no patients can be made up for this day", where="--as-of", hint=f"a year from {MINYEAR + _LIFE} to {MAXYEAR - _LIFE}"
        )
    return day


def _synth(given: argparse.Namespace) -> int:
    from tqdm import tqdm  # noqa: PLC0415 - the server and the other commands need neither a bar nor made-up patients

    from service.knowledge.loader import load_library  # noqa: PLC0415
    from service.synth.export import TRUTH, made_up, write_cohort  # noqa: PLC0415

    as_of = _day(given.as_of) if given.as_of is not None else None
    bar = tqdm(made_up(given.patients, given.seed, as_of), total=given.patients, unit="patient", disable=None)
    library = load_library()
    written = write_cohort(iter(bar), given.output, files=given.files, bundles=given.bundles, library=library)
    print(f"all-cds: {written} patients in {given.output}, their true facts and verdicts in {TRUTH}", file=sys.stderr)
    return ANSWERED
