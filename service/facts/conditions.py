"""Booleans that rest on a recorded condition: present, said not to be there, or not recorded; silence is never a no."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from service.facts.choose import newest, report, with_concept
from service.facts.stated import truth
from service.logic.fact import Evidence, Fact, Gap, conflicting, known, unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from service.facts.catalogue import View
    from service.logic.dates import PartialDate
    from service.record.record import Diagnosis

OVER = frozenset({"inactive", "remission", "resolved"})


@dataclass(frozen=True, slots=True)
class Whole:
    """The concept of a whole kind of illness, and the limit that says for how many days its absence counts; none: always.

    Only what is said of the whole kind denies it: that one infection was refuted leaves room for another.
    Beside it the limit that says for how many days one is taken to be there of which no status is told; none: always.
    """

    concept: str
    counts_for: str = ""
    present_for: str = ""


@dataclass(frozen=True, slots=True)
class MaybeSuch:
    """Conditions that may be of the kind asked for without telling so, and the words for one of them."""

    concepts: frozenset[str]
    says: str


@dataclass(frozen=True, slots=True)
class Passing:
    """Conditions that tell of the kind asked for only so many days after they began, by a limit."""

    concepts: frozenset[str]
    counts_for: str


class _Said(msgspec.Struct, frozen=True, gc=False):
    """What was said of a whole kind of illness: that it is there, that it is not, and that it was not long ago."""

    there: tuple[Evidence, ...] = ()
    absent: tuple[Evidence, ...] = ()
    absent_once: tuple[Evidence, ...] = ()


_NOTHING_SAID = _Said()


def evidence_of(diagnosis: Diagnosis, text: str, path: str = "code") -> Evidence:
    """Return a diagnosis as evidence."""
    return Evidence(diagnosis.reference, path, diagnosis.onset or diagnosis.recorded, text)


def is_over(view: View, diagnosis: Diagnosis) -> bool:
    """Return whether a condition is over on the day; one that ended after it was still there, whatever its status is by now."""
    if diagnosis.abated is not None:
        return diagnosis.abated.low <= view.today.high
    return diagnosis.clinical in OVER


def condition_fact(  # noqa: PLR0913 - which conditions, and how they are to be taken
    view: View,
    name: str,
    concepts: frozenset[str],
    *,
    active: bool = False,
    whole: Whole | None = None,
    untold: MaybeSuch | None = None,
    passing: Passing | None = None,
) -> Fact[object]:
    """Return whether such a condition is recorded; where none is, and one that may be such a one is, that is `ambiguous`."""
    fact = _recorded(view, name, concepts, active=active, whole=whole, passing=passing)
    if untold is None or fact.gap is not Gap.NOT_RECORDED:
        return fact
    found = view.layout.diagnoses.of_any(untold.concepts)
    seen = tuple(evidence_of(d, untold.says) for d in found if not (active and is_over(view, d)))
    return unknown(Gap.AMBIGUOUS, name, evidence=seen, rule=fact.rule) if seen else fact


def _recorded(  # noqa: PLR0913 - as `condition_fact` was asked
    view: View, name: str, concepts: frozenset[str], *, active: bool, whole: Whole | None, passing: Passing | None
) -> Fact[object]:
    """Return True where such a condition is recorded (and, if asked, not over), False where the whole kind is said not to be.

    Unknown: none recorded; only unconfirmed ones, or old ones without a status (`ambiguous`); said not to be too long ago
    (`too-old`); or, if asked for an active one, only ones that are over: another may have come. Conflicting: recorded, and later
    or at the same time said not to be.
    """
    layout = view.layout
    found = layout.diagnoses.of_any(concepts)
    if passing is not None:
        passed = layout.diagnoses.of_any(passing.concepts)
        found += [d for d in passed if is_fresh(view, d.onset or d.recorded, passing.counts_for)]
    said = _NOTHING_SAID if whole is None else _said_of(view, whole)
    if not found and said is _NOTHING_SAID:
        return unknown(Gap.NOT_RECORDED, name, rule="condition")
    certain = [d for d in found if d.certain]
    present = [d for d in certain if not (active and is_over(view, d))]
    lately = whole.present_for if whole is not None else ""
    perhaps = [d for d in present if _perhaps_over(view, d, lately)]
    present = [d for d in present if not _perhaps_over(view, d, lately)] if perhaps else present
    there = (*(evidence_of(d, "recorded condition") for d in present), *said.there)
    if there:
        if said.absent and not _newer(there, said.absent):
            report(view, (*there, *said.absent), f"Recorded and said not to be there: {name.replace('_', ' ')}")
            return conflicting((*there, *said.absent), name, rule="condition")
        return known(value=True, evidence=there, rule="condition", set_aside=said.absent)
    if said.absent:
        return known(value=False, evidence=said.absent, rule="condition-refuted")
    if perhaps:
        evidence = tuple(evidence_of(d, "recorded, whether still active is not told", "clinicalStatus") for d in perhaps)
        return unknown(Gap.AMBIGUOUS, name, evidence=evidence, rule="condition")
    if certain:
        over = tuple(evidence_of(d, "recorded, no longer active", "clinicalStatus") for d in certain)
        return unknown(Gap.NOT_RECORDED, name, evidence=over, rule="condition")
    if found:
        return unknown(
            Gap.AMBIGUOUS,
            name,
            evidence=tuple(evidence_of(d, "unconfirmed", "verificationStatus") for d in found),
            rule="condition",
        )
    if said.absent_once:
        return unknown(Gap.TOO_OLD, name, evidence=said.absent_once, rule="condition-refuted")
    return unknown(Gap.NOT_RECORDED, name, rule="condition")


def _said_of(view: View, whole: Whole) -> _Said:
    """Return what the newest results coded as the whole kind say, and the refuted conditions of that kind."""
    results = with_concept(view, whole.concept)
    if not results and not view.record.refuted:
        return _NOTHING_SAID
    told = [r for r in results if not (r.by_name or r.preliminary) and truth(r) is not None]
    latest = newest(told)
    there = tuple(reading.evidence("said to be there") for reading in latest if truth(reading) is True)
    denied = [reading.evidence("said not to be there") for reading in latest if truth(reading) is False]
    denied += [evidence_of(d, "refuted", "verificationStatus") for d in view.record.refuted if whole.concept in d.concepts]
    fresh = tuple(item for item in denied if not whole.counts_for or is_fresh(view, item.date, whole.counts_for))
    return _Said(there, fresh, tuple(denied))


def is_fresh(view: View, when: PartialDate | None, limit: str) -> bool:
    """Return whether a day surely lies at most so many days back as a limit allows."""
    return when is not None and (view.today.high - when.low).days <= view.limits.number(limit)


def _perhaps_over(view: View, diagnosis: Diagnosis, limit: str) -> bool:
    """Return whether nothing tells that a condition is still there: it has no status and was not recorded lately."""
    if not limit or diagnosis.clinical or diagnosis.abated is not None:
        return False
    return not any(is_fresh(view, day, limit) for day in (diagnosis.onset, diagnosis.recorded))


def _newer(there: Iterable[Evidence], absent: Iterable[Evidence]) -> bool:
    """Return whether what is there was recorded surely after everything that denies it."""
    days, denied = [item.date for item in there if item.date is not None], [item.date for item in absent]
    if not days or None in denied:
        return False
    last = max((day.high for day in denied if day is not None), default=None)
    return last is None or last < max(day.low for day in days)
