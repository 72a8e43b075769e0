"""The files that a screening writes: rows, attrition, needs, summary, and what was rejected."""

from __future__ import annotations

import csv
import fcntl
import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import orjson

from service.cohort.attrition import COUNTED, Step
from service.cohort.counts import NEED_COLUMNS
from service.cohort.files import whole, write_json
from service.cohort.grouping import as_it_is, connect
from service.cohort.parts import first_lines
from service.cohort.places import Place, rejected_line
from service.decisions.trials_on_file import trials_on_file
from service.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from service.cohort.judging import Judge, ShareTask
    from service.cohort.parts import PartTask
    from service.cohort.report import Report
    from service.consultation import Question
    from service.decisions.recruitment import Recruitment

FORMATS = {".parquet": "FORMAT parquet, COMPRESSION zstd", ".csv": "FORMAT csv, HEADER", ".ndjson": "FORMAT json"}

# What begins a formula in a spreadsheet: an address instead of an id may be anything. All else in a row are words of ours.
_AS_TEXT = (
    r"* REPLACE (CASE WHEN regexp_matches(patient, '^[-=+@\t\r]') THEN concat(chr(39), patient) ELSE patient END AS patient)"
)


def format_of(output: Path) -> str:
    """Return how the engine writes the file. Raises: RequestError for a name that tells no format."""
    if output.suffix not in FORMATS:
        raise RequestError("the format of the output is not known", where="--output", hint=f"end it in {', '.join(FORMATS)}")
    return FORMATS[output.suffix]


def write_outputs(  # noqa: PLR0913 - everything there is to write
    output: Path,
    work: Path,
    memory: str,
    parts: Sequence[PartTask],
    shares: Sequence[ShareTask],
    report: Report,
    judge: Judge,
) -> tuple[Path, ...]:
    """Return the files written, the rows last: where they are, all the others are, and of the same run."""
    with _alone_in(output.parent):
        output.unlink(missing_ok=True)
        others = beside(output)
        with whole(others["rejects.ndjson"]) as unfinished, unfinished.open("wb") as file:
            for name, code in report.unread:
                file.write(rejected_line(Place(name, 0), code, b""))
            for part, before in zip(parts, first_lines(parts).values(), strict=True):
                with part.rejects.open("rb") as found:
                    file.writelines(found if not before else (_later(line, before) for line in found))
            for share in shares:
                file.write(share.rejects.read_bytes())
        days = [question.as_of.isoformat() for question in judge.questions]
        _table(others["attrition.csv"], (*Step._fields, *COUNTED), report.counts.attrition.rows())
        needs = ((day, *row) for day in days for row in report.counts.needs_of(day))
        _table(others["needs.csv"], ("as_of", *NEED_COLUMNS), needs)
        write_json(others["summary.json"], summary(report, judge))
        if not shares:
            return tuple(others.values())
        with whole(output) as unfinished, connect(work, memory, 1) as engine:
            escaped = str(unfinished).replace("'", "''")
            form = f"({format_of(output)}, USE_TMP_FILE false)"  # into the file that is there: a new one would be readable by all
            columns = _AS_TEXT if output.suffix == ".csv" else "*"
            engine.execute(
                f"COPY (SELECT {columns} FROM read_parquet($rows, hive_partitioning = false) AS rows "  # noqa: S608
                f"ORDER BY rows.patient, as_of, kind, id) "
                f"TO '{escaped}' {form}",
                {"rows": [as_it_is(share.rows) for share in shares]},
            )
        return (*others.values(), output)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Wait until no other screening writes its results into a folder; where that cannot be told, do not."""
    place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(OSError):  # some network file systems
            fcntl.flock(place, fcntl.LOCK_EX)
        yield
    finally:
        os.close(place)


def _later(line: bytes, before: int) -> bytes:
    """Return a reject with its line counted from the beginning of the file."""
    told = orjson.loads(line)
    told["line"] += before
    return orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE)


def beside(output: Path) -> dict[str, Path]:
    """Return the files that stand beside the rows."""
    return {name: output.with_name(f"{output.stem}.{name}") for name in _BESIDE}


_BESIDE = ("rejects.ndjson", "attrition.csv", "needs.csv", "summary.json")


def _table(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str | int]]) -> None:
    with whole(path) as unfinished, unfinished.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)


def summary(report: Report, judge: Judge) -> dict[str, object]:
    """Return everything that was counted but the attrition and the needs, as JSON-ready values."""
    counts, library = report.counts, judge.rules.library
    return {
        "asOf": judge.question.as_of.isoformat(),
        "comparedWith": judge.other.as_of.isoformat() if judge.other else None,
        "knownBy": judge.question.known_by.isoformat(),
        "knowledge": {"version": library.version, "digest": library.digest},
        "files": report.files,
        "filesNotRead": list(report.ignored),
        "resources": dict(sorted(report.lines.items())),
        "rejected": dict(sorted(report.rejected.items())),
        "rejectedOfUnknownPatients": report.unowned,
        "serversReferredTo": report.servers,
        "typesNotReceived": list(report.not_received),
        "noted": {name: number for (name,), number in sorted(counts.noted.items())},
        "trials": _trials(judge),
        "patients": _listed(("asOf", "became"), counts.patients),
        "verdicts": _listed(("asOf", "kind", "id", "verdict"), counts.verdicts),
        "changes": _listed(("kind", "id", "verdictThen", "verdict"), counts.changes),
    }


def recruitments(judge: Judge, question: Question) -> dict[str, Recruitment]:
    """Return what was seen of each listed trial's recruitment by the day of a question: the same for every patient."""
    listed = trials_on_file(judge.rules, judge.registry, question.as_of, question.known_by, question.sighting_stale_days)
    return {row.trial.id: row.recruitment for row in listed}


def _trials(judge: Judge) -> list[dict[str, str | None]]:
    return [
        {
            "asOf": question.as_of.isoformat(),
            "id": name,
            "name": judge.rules.library.trials[name].name,
            "title": judge.rules.library.trials[name].title,
            "recruitment": seen.open,
            "status": seen.status or None,
            "seen": seen.seen.isoformat() if seen.seen else None,
        }
        for question in judge.questions
        for name, seen in recruitments(judge, question).items()
    ]


def _listed(names: Sequence[str], counter: dict[tuple[str, ...], int]) -> list[dict[str, str | int]]:
    return [dict(zip((*names, "patients"), (*key, number), strict=True)) for key, number in sorted(counter.items())]
