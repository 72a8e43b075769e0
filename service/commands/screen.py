"""The command that screens a whole cohort: exports in, verdicts, attrition and what is missing out."""

from __future__ import annotations

import argparse
import os
import re
import sys
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from service.assembly import build_service
from service.commands.words import ANSWERED, add_question, doubt_site_group, positive, question_asked, seen_of_trials
from service.errors import RequestError
from service.settings import read_day_asked, read_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from service.cohort.screening import Engine
    from service.settings import Settings

_MEMORY = re.compile(r"([1-9][0-9]{0,9})(MB|GB)")
_MEGABYTES = {"MB": 1, "GB": 1_000}
_LEAST, _MOST = 32, 1_000_000_000  # megabytes: with less the engine does not begin, with more it does not count


def add_screen(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the words that the command line understands."""
    screen = commands.add_parser(
        "screen",
        help="answer for a whole cohort",
        description="One row for each patient and verdict, attrition at each criterion, and what is missing most. The same "
        "command given again goes on where it was stopped.",
    )
    screen.add_argument("inputs", nargs="+", type=Path, metavar="INPUT", help="a folder or file: NDJSON, bundles, also gzip")
    screen.add_argument("--output", required=True, type=Path, metavar="FILE", help="the rows: .parquet, .csv or .ndjson")
    screen.add_argument("--for", dest="target", metavar="NAME", help="report on this therapy, indication or trial")
    screen.add_argument("--compare-with", metavar="DATE", help="judge every patient on this day too, and count what differs")
    screen.add_argument("--processes", type=positive, metavar="N", help="processes; all processors if not given")
    screen.add_argument("--engine", choices=("local", "spark"), default="local", help="local if not given; spark: Apache Spark")
    screen.add_argument("--master", metavar="ADDRESS", help="of Spark's cluster; this machine if not given")
    screen.add_argument("--spark-conf", action="append", default=[], metavar="KEY=VALUE", help="a setting of Spark; repeatable")
    screen.add_argument(
        "--memory", type=_memory, default="1GB", metavar="SIZE", help="of the engine: 512MB, 4GB; 1GB if not given"
    )
    screen.add_argument("--work", type=Path, metavar="DIR", help="work folder, kept at the end; FILE.work if not given")
    add_question(screen)
    screen.set_defaults(run=_screen)


def _memory(text: str) -> str:
    found = _MEMORY.fullmatch(text)
    if not found or not _LEAST <= int(found[1]) * _MEGABYTES[found[2]] <= _MOST:
        raise argparse.ArgumentTypeError("a size such as 512MB or 4GB is expected, from 32MB to 1000000GB")
    return text


def _screen(given: argparse.Namespace) -> int:
    # the other commands and the server need neither the engine nor its files
    from service.cohort.inputs import find_inputs  # noqa: PLC0415
    from service.cohort.judging import Judge  # noqa: PLC0415
    from service.cohort.screening import Plan, screen  # noqa: PLC0415
    from service.cohort.told import targets_of, told  # noqa: PLC0415
    from service.cohort.written import refuse_where_not_to_write  # noqa: PLC0415

    settings = read_settings()
    today = date.today()  # noqa: DTZ011 - the day where the command is given
    question = question_asked(given, settings, today)
    compared = given.compare_with
    other = None
    if compared is not None:
        day = read_day_asked(compared, "--compare-with", today)
        other = replace(question, as_of=day, is_past=day < today)
    if other == question:
        raise RequestError("a day is compared with itself", where="--compare-with", hint="name another day than --as-of")
    output = given.output.absolute()
    work = given.work.absolute() if given.work else output.with_name(output.name + ".work")
    inputs = find_inputs(given.inputs)
    refuse_where_not_to_write(given.inputs, inputs, output, work)
    engine = _engine(given, settings)
    rules = build_service(settings).rules
    doubt_site_group(question.site_group, rules.whereabouts.site_groups)
    targets = targets_of(given.target, rules.library) if given.target is not None else ()
    judge = Judge(rules, seen_of_trials(settings), question, other)
    plan = Plan(
        inputs=inputs,
        output=output,
        work=work,
        keep_work=given.work is not None,
        processes=given.processes or os.cpu_count() or 1,
        memory=given.memory,
    )
    report = screen(plan, judge, _bars, _say, engine)
    for line in told(report, judge, targets):
        print(line)
    for path in report.written:
        print(f"written: {given.output.with_name(path.name)}")
    return ANSWERED


def _engine(given: argparse.Namespace, settings: Settings) -> Engine:
    """Return what does the work. Raises: RequestError where it is not installed, or is given what is not its own."""
    from service.cohort.screening import on_this_machine  # noqa: PLC0415 - as above

    if given.engine == "local":
        if given.master is not None or given.spark_conf:
            raise RequestError("only Spark has a master and settings", where="--engine", hint="add --engine spark")
        return on_this_machine
    from service.cohort.spark_engine import SparkEngine  # noqa: PLC0415 - as above
    from service.cohort.spark_session import read_spark_settings  # noqa: PLC0415 - as above

    spark = read_spark_settings(given.master, given.spark_conf, given.processes or os.cpu_count() or 1)
    return SparkEngine.of(spark, settings)


def _say(text: str) -> None:
    print(f"all-cds: {text}", file=sys.stderr)


@contextmanager
def _bars(name: str, total: int, unit: str) -> Iterator[Callable[[int], object]]:
    """Give a bar with rate and time left; none where nobody is looking."""
    from tqdm import tqdm  # noqa: PLC0415 - as above

    tqdm.monitor_interval = 0  # no thread: processes are forked while the bar stands
    with tqdm(total=total, desc=name, unit=unit, unit_scale=unit == "B", file=sys.stderr, disable=None, leave=False) as bar:
        yield bar.update
