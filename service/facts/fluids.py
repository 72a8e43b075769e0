"""Cerebrospinal fluids with their cells, the statuses that these allow, and the status that a result names."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, cast

import msgspec

from service.facts.choose import in_time, with_concept
from service.facts.layout import OWN_SYSTEM
from service.facts.measured import counts_blood, in_unit, shown
from service.facts.per_view import per_view
from service.facts.variants import answer_of
from service.logic.interval import Interval
from service.logic.truth import Truth, truth_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from service.facts.catalogue import View
    from service.logic.dates import PartialDate
    from service.record.record import Reading

STATUSES = ("CNS1", "CNS2", "CNS3")
BLASTS = frozenset({"csf-blasts-percent", "csf-blasts-count"})
_PER_VOLUME = "/uL"
_ZERO = Decimal(0)


class Counts(msgspec.Struct, frozen=True, gc=False):
    """White and red cells of one day, per microlitre; None where not counted."""

    white: Interval | None
    red: Interval | None


class Fluid(msgspec.Struct, frozen=True, gc=False):
    """The cerebrospinal fluid of one day; `blasts` None where not told."""

    when: PartialDate | None
    cells: Counts
    blasts: bool | None
    readings: tuple[Reading, ...]


def status_of(reading: Reading) -> str | None:
    """Return the status that a result names; None for none or several."""
    found = {code for system, code in reading.coded if system == OWN_SYSTEM and code in STATUSES}
    if not found and answer_of(reading) is not False:
        found = {name.upper() for name in reading.answers | reading.named if name.upper() in STATUSES}
    return found.pop() if len(found) == 1 else None


def said_of(reading: Reading) -> str:
    """Return in words what a result of a fluid counts."""
    amount = in_unit(reading, _PER_VOLUME)
    name = "blasts" if not BLASTS.isdisjoint(reading.concepts) else "white cells" if _is(reading, "white") else "red cells"
    return f"cerebrospinal fluid: {name} {shown(amount, _PER_VOLUME) if amount is not None else reading.words}".strip()


_CELLS = {"white": ("csf-leukocytes", "wbc"), "red": ("csf-erythrocytes", "erythrocytes")}
OF_FLUID = BLASTS | {own for own, _ in _CELLS.values()}
_COUNTED = OF_FLUID | {of_blood for _, of_blood in _CELLS.values()}


def _is(reading: Reading, kind: str) -> bool:
    """Return whether a result counts these cells in the fluid: by its code, or by that of blood and the specimen."""
    own, of_blood = _CELLS[kind]
    return own in reading.concepts or (of_blood in reading.concepts and reading.specimen == "csf")


@per_view
def fluids(view: View) -> list[Fluid]:
    """Return the dated fluids with their cells, oldest first, one for each day; undated ones alone are one of no day."""
    found = [
        reading
        for reading in view.layout.readings.of_any(_COUNTED)
        if (reading.specimen == "csf" or not OF_FLUID.isdisjoint(reading.concepts)) and not reading.absent
    ]
    by_day: dict[tuple[date, date], list[Reading]] = {}
    for reading in in_time(reading for reading in found if reading.when is not None):
        when = cast("PartialDate", reading.when)
        by_day.setdefault((when.low, when.high), []).append(reading)
    return [_fluid(tuple(of_day)) for of_day in by_day.values() or ([found] if found else [])]


def _fluid(readings: tuple[Reading, ...]) -> Fluid:
    counts = Counts(_hull(r for r in readings if _is(r, "white")), _hull(r for r in readings if _is(r, "red")))
    told = {answer for reading in readings if (answer := _blasts(reading)) is not None}
    return Fluid(readings[0].when, counts, told.pop() if len(told) == 1 else None, readings)


def _same_day(one: PartialDate | None, other: PartialDate | None) -> bool:
    if one is None or other is None:
        return one is other
    return (one.low, one.high) == (other.low, other.high)


def _hull(readings: Iterable[Reading]) -> Interval | None:
    amounts = [amount for reading in readings if (amount := in_unit(reading, _PER_VOLUME)) is not None]
    if not amounts:
        return None
    if len(amounts) == 1:
        return amounts[0]
    highs = [amount.high for amount in amounts]
    low = min(amount.low or _ZERO for amount in amounts)
    return Interval(low, None if None in highs else max(high for high in highs if high is not None))


def _blasts(reading: Reading) -> bool | None:
    """Return whether blasts were seen; None where the result is not about them or does not tell."""
    if BLASTS.isdisjoint(reading.concepts):
        return None
    told = answer_of(reading)
    if told is None and reading.amount is not None:
        return {Truth.YES: True, Truth.NO: False}.get(reading.amount.interval.above(_ZERO))
    return told


def contradicts(readings: tuple[Reading, ...]) -> bool:
    """Return whether blasts are told to be there and not to be there."""
    return {True, False} <= {_blasts(reading) for reading in readings}


def blood_of(view: View, when: PartialDate) -> Counts:
    """Return the counts of the blood of the same day."""

    def of_day(concept: str) -> Interval | None:
        readings = (r for r in with_concept(view, concept) if counts_blood(r) and not r.absent)
        return _hull(r for r in readings if _same_day(r.when, when))

    return Counts(of_day("wbc"), of_day("erythrocytes"))


def statuses(view: View, fluid: Fluid, blood: Counts) -> tuple[set[str], bool]:
    """Return the statuses that the counts allow, and whether the comparison with the blood decided between them."""
    limits = view.limits
    blasts = truth_of(fluid.blasts)
    found: set[str] = {"CNS1"} if blasts is not Truth.YES else set()
    if blasts is Truth.NO:
        return found, False
    few = Truth.UNKNOWN if fluid.cells.white is None else fluid.cells.white.below(limits.number("csf_leukocytes_few_below"))
    traumatic = Truth.UNKNOWN
    if fluid.cells.red is not None:
        traumatic = fluid.cells.red.at_least(limits.number("csf_erythrocytes_traumatic_from"))
    if few is not Truth.NO:
        found |= {sub for sub, excluded in (("CNS2a", Truth.YES), ("CNS2b", Truth.NO)) if traumatic is not excluded}
    if few is not Truth.YES:
        more = _quotient_above(fluid.cells, blood, limits.number("csf_quotient_above_times_blood"))
        found |= {"CNS3a"} if traumatic is not Truth.YES else set()
        if traumatic is not Truth.NO:
            found |= {sub for sub, excluded in (("CNS2c", Truth.YES), ("CNS3b", Truth.NO)) if more is not excluded}
    return found, not found.isdisjoint({"CNS2c", "CNS3b"})


def _quotient_above(fluid: Counts, blood: Counts, times: Decimal) -> Truth:
    """Return whether the quotient of white and red cells is above so many times that of the blood; exactly so many is unknown."""
    if None in {fluid.white, fluid.red, blood.white, blood.red}:
        return Truth.UNKNOWN
    least, most = _product(cast("Interval", fluid.white), cast("Interval", blood.red), Decimal(1))
    other_least, other_most = _product(cast("Interval", blood.white), cast("Interval", fluid.red), times)
    if least is not None and other_most is not None and least > other_most:
        return Truth.YES
    return Truth.NO if most is not None and other_least is not None and most < other_least else Truth.UNKNOWN


def _product(one: Interval, other: Interval, times: Decimal) -> tuple[Decimal | None, Decimal | None]:
    low = None if one.low is None or other.low is None else one.low * other.low * times
    return low, None if one.high is None or other.high is None else one.high * other.high * times
