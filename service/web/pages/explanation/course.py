"""The course: the items of the assessment's timeline as rows of a table and as data for the plot."""

from __future__ import annotations

import calendar
import math
import re
from datetime import date
from typing import TYPE_CHECKING

from service.web.pages.explanation.model import Course, CourseRow, Rest
from service.web.pages.texts import anchor, rows, shown, text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from service.web.pages.explanation.desk import Desk
    from service.web.pages.explanation.model import Json

_LEVELS = frozenset({"mrd", "marrow-blasts"})
_LANES = {
    "diagnosis": "disease", "relapse": "disease", "suspected-relapse": "disease", "remission": "disease", "refractory": "disease",
    "hsct": "cells", "car-t": "cells",
}  # fmt: skip
_LONGEST_LABEL = 60
_MONTHS = 12
_RELAPSE = re.compile(r"relapse(?: (?P<number>\d+))?(?:, (?P<site>\w+))?")


def course(desk: Desk) -> Course:
    """Return the course as a table and as a plot; a record without items has neither."""
    items = rows(desk.document.get("timeline"))
    levels = [found for item in items if (found := _level(desk, item)) is not None]
    spans = [found for item in items if (found := _span(desk, item)) is not None]
    events = [found for item in items if (found := _event(desk, item)) is not None]
    days = [text(row[key]) for row in (*levels, *spans, *events) for key in ("from", "to") if row.get(key)]
    chart: Json = {
        "from": min(days, default=""),
        "to": max([*days, text(desk.document.get("asOf"))]),
        "asOf": text(desk.document.get("asOf")),
        "levels": levels,
        "limits": _limits(desk, items),
        "spans": spans,
        "events": events,
        "words": _words(desk),
    }
    words = desk.words.course
    description = words.description.format(
        first=chart["from"], last=chart["to"], levels=len(levels), events=len(events), spans=len(spans)
    )
    return Course(tuple(_row(desk, item) for item in items), chart, description, drawn=bool(days))


def _row(desk: Desk, item: Mapping[str, object]) -> CourseRow:
    words = desk.words.course
    day, end = text(item.get("date")), text(item.get("end"))
    kind, reference = text(item.get("kind")), text(item.get("reference"))
    measured = []
    if "value" in item:
        measured.append(desk.quantity(item["value"], text(item.get("unit"))))
    if item.get("method"):
        measured.append(words.answers.get(text(item["method"]), text(item["method"])))
    if item.get("specimen") == "blood":
        measured.append(words.blood)
    if item.get("answer"):
        measured.append(words.answers.get(text(item["answer"]), text(item["answer"])))
    if doubt := _doubt(desk, item):
        measured.append(doubt)
    return CourseRow(
        date=(f"{day} – {end}" if end and end != day else day) or words.undated,
        kind=words.kinds.get(kind, kind),
        text=text(item.get("text")),
        value=", ".join(measured),
        reference=Rest(reference, anchor("r", reference)),
    )


def _doubt(desk: Desk, item: Mapping[str, object]) -> str:
    """Return in words why a treatment was perhaps not given; empty where it was."""
    words = desk.words.course
    return words.ordered if item.get("ordered") else words.perhaps if item.get("perhaps") else ""


def _level(desk: Desk, item: Mapping[str, object]) -> Json | None:
    """Return an MRD or blast result for the logarithmic axis: where it lies, and on which side it is open."""
    measure, days = text(item.get("measure")), _days(item.get("date"))
    if measure not in _LEVELS or days is None or "value" not in item:
        return None
    low, high = _limits_of(item["value"])
    words = desk.words.course
    name = words.mrd if measure == "mrd" else words.marrow
    details = [words.answers.get(text(item["method"]), text(item["method"]))] if item.get("method") else []
    if item.get("specimen") == "blood":
        details.append(words.blood)
    said = ", ".join([f"{name} {desk.quantity(item['value'], text(item.get('unit')))}", *details])
    return {
        "from": days[0],
        "to": days[1],
        "measure": measure,
        "blood": item.get("specimen") == "blood",
        "low": low,
        "high": high,
        "open": _open(low, high),
        "label": said,
        "reference": _cut(item.get("reference")),
    }


def _limits_of(value: object) -> tuple[float | None, float | None]:
    match value:
        case int() | float():
            return value, value
        case {"low": low, "high": high}:
            return (low if isinstance(low, int | float) and low > 0 else None), (high if isinstance(high, int | float) else None)
        case _:
            return None, None


def _open(low: float | None, high: float | None) -> str:
    """Return on which side a result is open: `below` its limit, `above` it, `between` two, `both` where nothing is told."""
    if low is None and high is None:
        return "both"
    if low is None:
        return "below"
    if high is None:
        return "above"
    return "exact" if math.isclose(low, high) else "between"


def _limits(desk: Desk, items: object) -> list[Json]:
    """Return the limits with which the results are compared, each once."""
    words = desk.words.course
    found: dict[tuple[str, float], Json] = {}
    for item in rows(items):
        limit, measure = item.get("limit"), text(item.get("measure"))
        if isinstance(limit, int | float) and measure in _LEVELS:
            said = words.mrd_limit if measure == "mrd" else words.marrow_limit
            found[measure, limit] = {"measure": measure, "value": limit, "label": said.format(name=desk.quantity(limit, "%"))}
    return list(found.values())


def _span(desk: Desk, item: Mapping[str, object]) -> Json | None:
    kind, days = text(item.get("kind")), _days(item.get("date"))
    if kind not in {"phase", "drug"} or days is None:
        return None
    end = _days(item.get("end"))
    label = text(item.get("text"))
    row: Json = {
        "from": days[0],
        "to": max(end[1] if end else days[1], days[0]),
        "kind": kind,
        "doubt": _doubt(desk, item),
    }
    if kind == "phase":
        phase, _, regimen = label.partition(": ")
        named = desk.words.course.phase_names.get(phase, phase)
        return {**row, "lane": "", "label": _cut(named), "more": _cut(regimen, 160), "reference": _cut(item.get("reference"))}
    return {
        **row,
        "lane": _cut(label.removesuffix(", ordered").removesuffix(", perhaps given")),
        "label": _cut(label),
        "more": "",
        "reference": _cut(item.get("reference")),
    }


def _event(desk: Desk, item: Mapping[str, object]) -> Json | None:
    """Return a mark: what happened to the disease, cells that were given, the result of an antigen."""
    kind, days = text(item.get("kind")), _days(item.get("date"))
    antigen = text(item.get("measure"))
    lane = antigen if kind == "antigen" else _LANES.get(kind, "")
    if not lane or days is None:
        return None
    words = desk.words.course
    said = text(item.get("text"))
    label = words.kinds.get(kind, kind)
    if kind == "antigen":
        share = desk.quantity(item["value"], text(item.get("unit"))) if "value" in item else ""
        sign = words.answers.get(text(item.get("answer")), "") or "?"
        label = share or sign
    elif kind == "car-t":
        label = said
    elif kind == "relapse":
        label = _relapse(desk, said)
    return {
        "from": days[0],
        "to": days[1],
        "kind": kind,
        "lane": lane,
        "answer": text(item.get("answer")),
        "doubt": _doubt(desk, item),
        "label": _cut(label),
        "brief": _brief(kind, label),
        "more": _cut(said, 160),
        "reference": _cut(item.get("reference")),
    }


def _brief(kind: str, label: str) -> str:
    """Return a shorter label for where there is little room: a relapse without its site, the first word of a product."""
    return label.partition(",")[0] if kind == "relapse" else label.partition("-")[0] if kind == "car-t" else ""


def _relapse(desk: Desk, said: str) -> str:
    """Return a relapse in the words of the page: which one, and where, as far as the item tells."""
    found = _RELAPSE.fullmatch(said)
    site = desk.words.values.get(found["site"], found["site"]) if found and found["site"] else ""
    numbered = " ".join(word for word in (desk.words.course.kinds["relapse"], found["number"] if found else "") if word)
    return f"{numbered}, {site}" if site else numbered


def _cut(value: object, longest: int = _LONGEST_LABEL) -> str:
    return shown(text(value), longest)[0]


def _days(value: object) -> tuple[str, str] | None:
    """Return the first and the last day that a date may mean: of a month, or of a period; None where it is no date."""
    start, period, end = text(value).partition("/")
    first, last = _days_of_one(start), _days_of_one(end if period else start)
    return (first[0], last[1]) if first is not None and last is not None else None


def _days_of_one(written: str) -> tuple[str, str] | None:
    """Return the first and the last day that a date without an end may mean: `2031-04` is a month; None where it is no date."""
    parts = written.split("-")
    try:
        numbers = [int(number) for number in parts]
        match numbers:
            case [year]:
                return date(year, 1, 1).isoformat(), date(year, _MONTHS, 31).isoformat()
            case [year, month]:
                return date(year, month, 1).isoformat(), date(year, month, calendar.monthrange(year, month)[1]).isoformat()
            case [year, month, day]:
                return (whole := date(year, month, day).isoformat()), whole
    except ValueError:
        return None
    return None


def _words(desk: Desk) -> Json:
    words = desk.words.course
    return {
        "language": desk.words.language,
        "levelsAxis": words.levels_axis,
        "mrd": words.mrd,
        "marrow": words.marrow,
        "below": words.below_limit,
        "above": words.above_limit,
        "within": words.within,
        "blood": words.blood,
        "phases": words.phases,
        "drugs": words.drugs,
        "disease": words.disease,
        "cells": words.cells,
        "today": words.today,
        "kinds": dict(words.kinds),
        "answers": dict(words.answers),
    }
