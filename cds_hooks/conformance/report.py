"""The table of a run: what was tried, what came of it, what to do; as text, as JSON, as Markdown."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from itertools import groupby

from cds_hooks.conformance.faults import Level


class Verdict(StrEnum):
    """What came of trying an item."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, slots=True)
class Row:
    """One item tried on one service; `service` is empty for what concerns all of them."""

    service: str
    item: str
    level: Level
    what: str
    verdict: Verdict
    reason: str = ""
    hint: str = ""


def failed(rows: Iterable[Row], *, strict: bool) -> list[Row]:
    """Return the rows that make a run fail: what the specification demands; with `strict` everything."""
    return [row for row in rows if row.verdict is Verdict.FAILED and (strict or row.level is Level.SHALL)]


def as_text(rows: list[Row]) -> str:
    """Return the table for a terminal."""
    lines = []
    for service, group in groupby(rows, key=lambda row: row.service):
        lines += [f"== {service or 'all services'}"]
        for row in group:
            lines.append(f"{row.verdict:<14}  {row.item:<8}  {row.level:<6}  {row.what}")
            if row.reason:
                lines.append(f"{'':<34}{row.reason}")
            if row.verdict is Verdict.FAILED:
                lines.append(f"{'':<34}hint: {row.hint}")
    return "\n".join([*lines, "", _sum(rows), ""])


def as_markdown(rows: list[Row]) -> str:
    """Return the table for a page."""
    lines = ["| service | item | level | what | verdict | reason | hint |", "|---|---|---|---|---|---|---|"]
    for row in rows:
        hint = row.hint if row.verdict is Verdict.FAILED else ""
        cells = (row.service or "all", row.item, row.level, row.what, row.verdict, row.reason, hint)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join([*lines, "", _sum(rows), ""])


def as_json(rows: list[Row]) -> str:
    """Return the rows for a program."""
    return json.dumps({"rows": [asdict(row) for row in rows], "counts": _counts(rows)}, indent=2, ensure_ascii=False) + "\n"


FORMATS = {"text": as_text, "json": as_json, "markdown": as_markdown}


def _counts(rows: list[Row]) -> dict[str, int]:
    counted = Counter(row.verdict for row in rows)
    return {verdict.value: counted[verdict] for verdict in Verdict}


def _sum(rows: list[Row]) -> str:
    return ", ".join(f"{number} {verdict}" for verdict, number in _counts(rows).items())
