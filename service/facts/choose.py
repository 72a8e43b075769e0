"""Choosing among results: newest first, what contradicts, and statements against derived evidence."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from operator import attrgetter
from typing import TYPE_CHECKING, Protocol, TypeVar

from service.logic.dates import times_of_day
from service.logic.fact import Fact, Gap, conflicting, known, unknown
from service.logic.truth import Truth
from service.record.record import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from service.facts.catalogue import View
    from service.logic.dates import PartialDate, TimeOfDay
    from service.logic.fact import Evidence
    from service.record.record import Reading


class Datable(Protocol):
    """Something with a date that may be missing."""

    @property
    def when(self) -> PartialDate | None:
        """When it was, as precise as it was recorded."""


D = TypeVar("D", bound=Datable)
T = TypeVar("T")


def order(item: Datable) -> tuple[date, date, str]:
    """Return the key that sorts by date, undated first, then by the time of day as written."""
    when = item.when
    return (date.min, date.min, "") if when is None else (when.low, when.high, when.moment)


def in_time(items: Iterable[D]) -> list[D]:
    """Return the items by date, undated first; those of one day by the time of day, by the instant where all have a zone."""
    given = list(items)
    found = sorted(given, key=order)
    for one, other in pairwise(found):
        first, second = one.when, other.when
        if first is None or second is None or not first.moment or first.moment == second.moment:
            continue
        if first.low == second.low and first.high == second.high:
            return _by_instant(given)
    return found


def _by_instant(items: list[D]) -> list[D]:
    dates = [item.when for item in items]
    by_day: dict[tuple[date, date], list[PartialDate]] = {}
    for on in dates:
        if on is not None:
            by_day.setdefault((on.low, on.high), []).append(on)
    times = {
        (on.low, on.high, on.moment): time for same in by_day.values() for on, time in zip(same, times_of_day(same), strict=True)
    }

    def key(item: D) -> tuple[date, date, TimeOfDay]:
        low, high, moment = order(item)
        return low, high, times.get((low, high, moment), (0, ""))

    return sorted(items, key=key)


def newest(items: Iterable[D]) -> list[D]:
    """Return the items of the newest day; undated ones only where nothing is dated."""
    found = list(items)
    if len(found) < 2:  # noqa: PLR2004 - none, or one that is alone
        return found
    days = [item.when.low for item in found if item.when is not None]
    if not days:
        return found
    last = max(days)
    return in_time([item for item in found if item.when is not None and item.when.high >= last])


def with_concept(view: View, concept: str) -> list[Reading]:
    """Return the readings whose code stands for a concept, an MRD of another disease never."""
    return view.layout.readings.of(concept)


def statements(view: View, code: str) -> list[Reading]:
    """Return the explicit statements of the project's own code system, oldest first; preliminary ones are left out."""
    said = view.layout.stated
    return in_time(said[code]) if code in said else []


def stated(
    view: View, name: str, code: str, read: Callable[[Reading], T | None], *, show: Callable[[T], str] = str
) -> Fact[T] | None:
    """Return the fact that the newest statement gives; None where nobody stated it.

    A statement whose value is not one of the fixed words is unreadable; two different ones of one day are a conflict.
    """
    if code not in view.layout.stated:
        return None
    latest = newest(statements(view, code))
    values = [(read(reading), reading) for reading in latest]
    evidence = tuple(
        reading.evidence(f"stated: {name.replace('_', ' ')}" + (f" {show(value)}" if value is not None else " (not readable)"))
        for value, reading in values
    )
    distinct = list(dict.fromkeys(value for value, _ in values if value is not None))
    if not distinct:
        not_readable(view, latest)
        return unknown(Gap.UNREADABLE, name, evidence=evidence, rule="stated")
    if len(distinct) > 1:
        report(view, evidence, f"Two statements of one day contradict each other: {name.replace('_', ' ')}")
        return conflicting(evidence, name, rule="stated")
    flags = ("undated",) if latest[0].when is None else ()
    return known(distinct[0], evidence, rule="stated", flags=flags)


def not_readable(view: View, readings: Iterable[Reading]) -> None:
    """Note each statement whose value is not such as it may have."""
    for reading in readings:
        where = f"{reading.reference} {reading.path}"
        view.note(Problem("error", "unreadable", where, "The stated value is not one that it may have; set aside"))


def report(view: View, evidence: Sequence[Evidence], text: str) -> None:
    """Note a contradiction in the record as a problem, once."""
    where = ", ".join(dict.fromkeys(f"{item.reference} {item.path}".strip() for item in evidence))
    view.note(Problem("warning", "conflict", where, text))


_DAYS = attrgetter("low", "high")


def newest_date(fact: Fact[object]) -> PartialDate | None:
    """Return the date of the newest evidence of a fact."""
    dated = [item.date for item in fact.evidence if item.date is not None]
    if not dated:
        return None
    return dated[0] if len(dated) == 1 else max(reversed(dated), key=_DAYS)


def settle(view: View, name: str, derived: Fact[T], statement: Fact[T] | None) -> Fact[T]:
    """Return the statement or the derived fact: a statement outranks evidence of its own date or earlier, newer evidence wins.

    Where both are known and differ, the disagreement is reported; where their dates do not tell which is newer, neither counts.
    """
    if statement is None:
        return derived
    if not statement.is_known:
        return derived if derived.is_known and is_newer(derived, statement) else statement
    if not derived.is_known or derived.value == statement.value:
        return _joined(view, statement, derived)
    report(view, (*statement.evidence, *derived.evidence), f"A statement and other evidence disagree: {name.replace('_', ' ')}")
    if _order_is_open(derived, statement):
        both = (*statement.evidence, *derived.evidence)
        return unknown(Gap.AMBIGUOUS, name, evidence=both, rule=statement.rule, flags=("conflict",))
    winner, loser = (derived, statement) if is_newer(derived, statement) else (statement, derived)
    return Fact(
        winner.state, winner.value, winner.gap, winner.needs, winner.evidence, (*winner.flags, "conflict"), winner.rule,
        winner.unit, winner.beside, (*winner.set_aside, *loser.evidence),
    )  # fmt: skip


def is_newer(derived: Fact[T], statement: Fact[T]) -> bool:
    """Return whether the newest evidence of one fact is surely newer than that of a statement; of undated ones, it is not."""
    mine, theirs = newest_date(derived), newest_date(statement)
    if theirs is None:
        return mine is not None
    return mine is not None and mine.low > theirs.high


def _order_is_open(derived: Fact[T], statement: Fact[T]) -> bool:
    """Return whether dates of a month, a year or a period leave open which of both is newer; where one has none, they do not."""
    mine, theirs = newest_date(derived), newest_date(statement)
    return mine is not None and theirs is not None and mine.on_or_before(theirs) is Truth.UNKNOWN


def _joined(view: View, statement: Fact[T], derived: Fact[T]) -> Fact[T]:
    """Return the statement with what the other evidence adds.

    What stands beside the value is that of both where they are of about the same time, and of the newer one alone where not.
    """
    if not derived.is_known:
        return statement
    older, newer = (statement, derived) if is_newer(derived, statement) else (derived, statement)
    beside = {**(dict(older.beside) if _about_the_same_time(view, older, newer) else {}), **dict(newer.beside)}
    flags = tuple(dict.fromkeys((*statement.flags, *(flag for flag in derived.flags if flag != "computed"))))
    return Fact(
        statement.state, statement.value, None, (), (*statement.evidence, *derived.evidence), flags, statement.rule,
        statement.unit or derived.unit, tuple(beside.items()), derived.set_aside,
    )  # fmt: skip


def _about_the_same_time(view: View, older: Fact[T], newer: Fact[T]) -> bool:
    one, other = newest_date(older), newest_date(newer)
    days = int(view.limits.number("status_conflict_within_days"))
    return one is not None and other is not None and (other.low - one.high).days <= days
