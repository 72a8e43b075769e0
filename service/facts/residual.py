"""Minimal residual disease as laboratories report it: each result in percent of cells."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from service.facts.choose import in_time, with_concept
from service.facts.measured import impossible, set_aside_impossible, shown, usable_in
from service.facts.mrd_words import contradicts_negative, limit_in, share_in
from service.facts.per_view import per_view
from service.facts.shares_told import shares
from service.facts.stated import ANSWERS
from service.facts.unread import may_be_since, not_before
from service.logic.interval import Interval

if TYPE_CHECKING:
    from service.facts.catalogue import View
    from service.logic.dates import PartialDate
    from service.logic.fact import Evidence
    from service.record.record import Reading

_ZERO = Decimal(0)
_SCALE = re.compile(r"\{IS\}|%\s?\(?IS\b")  # the international scale of transcripts

UNREADABLE = "mrd-unreadable"
"""The flag of a fact that is open because of a result that cannot be read."""


class Residual(msgspec.Struct, frozen=True, gc=False):
    """One MRD result in percent of cells; `percent` None where it was seen and not understood."""

    when: PartialDate | None
    percent: Interval | None
    method: str
    points: frozenset[str]
    blood: bool  # not of the marrow
    evidence: Evidence
    flags: tuple[str, ...]
    denominator: str = ""  # nucleated or mononuclear, where recorded
    laboratory: str = ""  # central or local, where recorded
    elsewhere: bool = False  # of neither marrow nor blood, as far as is told
    sensitivity: Decimal | None = None  # of the assay in percent, where recorded


@per_view
def residuals(view: View) -> list[Residual]:
    """Return all MRD results of ALL, oldest first; results of another disease and transcript ratios are never among them."""
    readings = [
        reading
        for reading in with_concept(view, "mrd")
        if "mrd-of-other-disease" not in reading.concepts and not _is_transcript(reading)
    ]
    headings = set(map(id, filter(_is_heading, readings)))
    days = {reading.when for reading in readings if id(reading) not in headings}
    found = [_residual(view, reading) for reading in readings if not (id(reading) in headings and reading.when in days)]
    return in_time(r for r in found if r is not None)


def _is_heading(reading: Reading) -> bool:
    """Return whether a result is a panel that says nothing itself: what it leads to does."""
    silent = reading.amount is None and not (reading.words or reading.coded or reading.answers or reading.absent)
    return silent and (reading.leads or any("mrd" in part.concepts for part in reading.components))


def unread_residuals(view: View, day: PartialDate | None) -> tuple[Evidence, ...]:
    """Return the broken results that may be of the marrow and not surely of before a day, where one is given."""
    broken = view.layout.broken.of("mrd")
    return not_before(view, [one for one in broken if not any(map(_is_none_of_cells, one.concepts))], day) if broken else ()


def unclear_residuals(view: View, day: PartialDate | None) -> tuple[Evidence, ...]:
    """Return the results of the marrow that are broken or not understood, and not surely of before a day."""
    mute = (r for r in residuals(view) if r.percent is None and not r.blood)
    found = tuple(r.evidence for r in mute if may_be_since(r.when, day))
    return (*found, *unread_residuals(view, day))


def _is_none_of_cells(concept: str) -> bool:
    return concept == "mrd-of-other-disease" or _is_of_transcripts(concept)


def _is_transcript(reading: Reading) -> bool:
    told = reading.amount.unit if reading.amount is not None else reading.words
    return _SCALE.search(told) is not None or any(map(_is_of_transcripts, (*reading.concepts, *reading.methods)))


def _is_of_transcripts(concept: str) -> bool:
    return concept == "marker-ph" or concept.startswith("bcr-abl1")


def _residual(view: View, reading: Reading) -> Residual | None:
    if reading.absent and (not reading.words or "absent-not-performed" in reading.absent_for):
        return None
    percent = _percent(view, reading)
    if percent is not None and impossible(view, percent, "%"):
        set_aside_impossible(view, reading, "%")
        percent = None
    component_answers = frozenset(
        answer for component in reading.components for answer in (*component.answers, *component.concepts)
    )
    points = frozenset(
        point
        for point in (*reading.concepts, *reading.parent, *reading.answers, *reading.methods, *component_answers)
        if point.startswith("mrd-at-")
    )
    text = f"MRD {shown(percent, '%')}" if percent is not None else "MRD not readable"
    flags = ("preliminary",) if reading.preliminary else ()
    return Residual(
        reading.when,
        percent,
        _method(reading, component_answers),
        points,
        reading.specimen not in {None, "marrow"} or "mrd-at-day-8-blood" in points,
        reading.evidence(text),
        flags,
        _word_of(reading, component_answers, "denominator-"),
        _word_of(reading, component_answers, "laboratory-"),
        reading.specimen in {"csf", "other", "unclear"},
        reading.sensitivity,
    )


def _word_of(reading: Reading, component_answers: frozenset[str], prefix: str) -> str:
    """Return the one word of a kind that a result or its components name; empty for none or several."""
    named = reading.methods | reading.named | component_answers
    found = [name.removeprefix(prefix) for name in named if name.startswith(prefix)]
    return found[0] if len(found) == 1 else ""


def _method(reading: Reading, component_answers: frozenset[str]) -> str:
    for concept in ("method-flow", "method-pcr", "method-ngs"):
        if concept in reading.methods or concept in reading.concepts or concept in component_answers:
            return concept.removeprefix("method-")
    return ""


def _percent(view: View, reading: Reading) -> Interval | None:
    """Return the share of cells in percent: number with unit, ratio, power of ten, words with their sensitivity."""
    negative = reading.says == "negative" or "answer-negative" in reading.answers
    if (negative and reading.says == "positive") or len(reading.answers & ANSWERS) > 1:
        return None
    if reading.amount is not None:
        return _measured(view, reading, negative=negative)
    if reading.not_quantifiable:
        limit = limit_in(shares(view), reading.words)
        return Interval(_ZERO, limit, low_inclusive=False, high_inclusive=limit is None)
    if negative:
        without_one = view.limits.number(_NEGATIVE_BELOW)
        if contradicts_negative(shares(view), reading.words, without_one):
            return None  # negative, and a number that is not a limit
        limit = limit_in(shares(view), reading.words) or reading.sensitivity
        below = limit if limit is not None else without_one
        return Interval(_ZERO, below, high_inclusive=False)
    if reading.says == "indeterminate":
        return None  # words stand beside the number that may turn its sense
    number = share_in(shares(view), reading.words)
    if number is not None:
        return not_below_zero(number)
    if reading.says == "positive" or "answer-positive" in reading.answers:
        return Interval(_ZERO, None, low_inclusive=False)
    return None


_NEGATIVE_BELOW = "mrd_negative_without_sensitivity_below_percent"


def _measured(view: View, reading: Reading, *, negative: bool) -> Interval | None:
    """Return the number of a result in percent; None where it is surely too large for the negative result that it is called."""
    measured = usable_in(view, reading, "%")
    if measured is None:
        return None
    if negative and measured.low is not None and measured.low >= view.limits.number(_NEGATIVE_BELOW):
        return None
    return not_below_zero(measured)


def not_below_zero(interval: Interval) -> Interval:
    """Return a share of cells from zero on where it has no lower limit."""
    return Interval(_ZERO, interval.high, high_inclusive=interval.high_inclusive) if interval.low is None else interval
