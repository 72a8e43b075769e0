"""The newest result of one test, in one unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.facts.choose import newest, report, with_concept
from service.facts.possible import bounds, lies_outside
from service.facts.unread import unless_unread
from service.logic.dates import times_of_day
from service.logic.fact import Fact, Gap, conflicting, known, unknown
from service.logic.interval import Interval
from service.logic.units import to_unit
from service.record.record import Problem

if TYPE_CHECKING:
    from service.facts.catalogue import View
    from service.record.record import Amount, Reading


def in_unit(reading: Reading, unit: str) -> Interval | None:
    """Return the amount of a reading in a unit; None where there is none or its unit cannot be converted (or is missing)."""
    amount = reading.amount
    if amount is None or not amount.unit:
        return None
    interval = amount.interval
    if amount.unit == unit:
        return interval
    low = None if interval.low is None else to_unit(interval.low, amount.unit, unit)
    high = None if interval.high is None else to_unit(interval.high, amount.unit, unit)
    if (interval.low is not None and low is None) or (interval.high is not None and high is None):
        return None
    return Interval(low, high, interval.low_inclusive, interval.high_inclusive)


def may_be_of_blood(reading: Reading) -> bool:
    """Return whether a result is told to be of nothing else than blood, its serum or its plasma."""
    return reading.specimen not in {"marrow", "csf", "other"}


def counts_blood(reading: Reading) -> bool:
    """Return whether a count of cells is one of blood: a code tells so, a name does where no other site is told."""
    return may_be_of_blood(reading) and not (reading.by_name and reading.specimen == "unclear")


_SHOWN_UNITS = {"10*9/L": "× 10⁹/L", "10*3/uL": "× 10³/µL", "/uL": "/µL"}  # signs of UCUM that are read as others elsewhere


def shown(interval: Interval, unit: str) -> str:
    """Return an amount in words: `5 %`, `< 0.01 %`, `3 to 6 %`, `27 × 10⁹/L`."""
    return f"{interval} {_SHOWN_UNITS.get(unit, unit)}".strip()


def impossible(view: View, interval: Interval, unit: str, name: str = "") -> bool:
    """Return whether an amount lies surely outside of what can be in its unit, or of what the fact of a name can be."""
    lowest, highest = bounds(view.limits, unit, name)
    begins_below = unit != "%" and interval.low is not None and interval.low < lowest
    return begins_below or lies_outside(interval, lowest, highest)


def usable_in(view: View, reading: Reading, unit: str, name: str = "") -> Interval | None:
    """Return the amount of a reading in a unit; None, with a problem, where its unit cannot be converted or it cannot be."""
    amount = in_unit(reading, unit)
    if amount is None:
        if reading.amount is not None:
            _note(view, reading, "unreadable-unit", f"No unit, or one that cannot be converted to {unit}; set aside")
        return None
    if impossible(view, amount, unit, name):
        set_aside_impossible(view, reading, unit)
        return None
    return amount


def _note(view: View, reading: Reading, code: str, text: str) -> None:
    view.note(Problem("error", code, f"{reading.reference} {reading.path}", text))


def set_aside_impossible(view: View, reading: Reading, unit: str) -> None:
    """Note a value that cannot be."""
    _note(view, reading, "impossible-value", f"Not possible in {unit}; set aside")


def measured(view: View, name: str, concept: str, unit: str, word: str) -> Fact[object]:
    """Return the newest amount of a test in a unit.

    Unknown: none recorded; no unit, or one that cannot be converted, or a result that cannot be read and is not surely an older
    one (`unreadable`). Two amounts of one moment: conflicting.
    """
    fact = newest_in(view, name, [r for r in with_concept(view, concept) if not r.absent], unit, word)
    return unless_unread(view, name, fact, concept)


def newest_in(view: View, name: str, readings: list[Reading], unit: str, word: str) -> Fact[object]:
    """Return the newest amount of these results in a unit; see `measured`."""
    return one_amount(view, name, [(usable_in(view, reading, unit, name), reading) for reading in newest(readings)], unit, word)


def one_amount(view: View, name: str, amounts: list[tuple[Interval | None, Reading]], unit: str, word: str) -> Fact[object]:
    """Return the amount of the newest results, each with what is usable of it; see `measured`."""
    if not amounts:
        return unknown(Gap.NOT_RECORDED, name, rule="newest")
    usable = [(amount, reading, f"{word} {shown(amount, unit)}") for amount, reading in amounts if amount is not None]
    if not usable:
        seen = tuple(reading.evidence(f"{word}: no usable number or unit") for _, reading in amounts)
        return unknown(Gap.UNREADABLE, name, evidence=seen, rule="newest")
    return last_of(view, name, usable, word, rule="newest", unit=unit)


def _is_negative(view: View, reading: Reading, amount: Amount) -> bool:
    """Return whether an amount is below what can be, in whatever unit; it is then noted."""
    negative = impossible(view, amount.interval, "1")
    if negative:
        set_aside_impossible(view, reading, "any unit")
    return negative


def last_of(  # noqa: PLR0913 - the results and how the fact is called
    view: View, name: str, usable: list[tuple[Interval, Reading, str]], word: str, *, rule: str, unit: str = ""
) -> Fact[object]:
    """Return the amount of the last moment among results of one day, each with its words; conflicting where two differ."""
    if len(usable) == 1:  # the most frequent by far
        amount, reading, text = usable[0]
        flags = ("preliminary",) if reading.preliminary else ()
        return known(amount, (reading.evidence(text),), rule=rule, unit=unit, flags=flags)
    times = times_of_day([reading.when for _, reading, _ in usable])
    last = max(times)
    at_last = [one for one, time in zip(usable, times, strict=True) if time == last]
    evidence = tuple(reading.evidence(text) for _, reading, text in at_last)
    if len({amount for amount, _, _ in at_last}) > 1:
        report(view, evidence, f"Two different results of one moment: {word}")
        return conflicting(evidence, name, rule=rule)
    flags = ("preliminary",) if any(reading.preliminary for _, reading, _ in at_last) else ()
    return known(at_last[0][0], evidence, rule=rule, unit=unit, flags=flags)


def in_upper_limits(view: View, name: str, concept: str, word: str) -> Fact[object]:
    """Return the newest result of the blood as a multiple of the upper limit printed with it; never of an assumed limit.

    Unknown: none recorded; without a number or a limit (`not-assessable`); one that cannot be read and is not surely an older one
    (`unreadable`). Two multiples of one moment: conflicting.
    """
    readings = [r for r in with_concept(view, concept) if not r.absent and may_be_of_blood(r)]
    if not readings:
        return unknown(Gap.NOT_RECORDED, name, rule="times-upper-limit")
    latest = newest(readings)
    usable = [
        (
            reading.amount.interval.divided(reading.upper_limit),
            reading,
            f"{word} {shown(reading.amount.interval, reading.amount.unit)}, upper limit {reading.upper_limit.normalize():f}",
        )
        for reading in latest
        if reading.amount is not None and reading.upper_limit is not None and not _is_negative(view, reading, reading.amount)
    ]
    if not usable:
        seen = tuple(reading.evidence(f"{word} without a number or without the laboratory's upper limit") for reading in latest)
        return unknown(Gap.NOT_ASSESSABLE, name, evidence=seen, rule="times-upper-limit")
    return unless_unread(view, name, last_of(view, name, usable, word, rule="times-upper-limit", unit="1"), concept)
