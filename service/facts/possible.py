"""What a number can be: one beyond it is a slip of the unit, of the scale or of the keyboard, and tells nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from service.logic.dates import Age, Span
from service.logic.truth import Truth
from service.record.record import Problem

if TYPE_CHECKING:
    from decimal import Decimal

    from service.facts.catalogue import Limits, View
    from service.logic.interval import Interval

_LOWEST = {
    "karnofsky": "performance_lowest",
    "lansky": "performance_lowest",
    "lvef_percent": "lvef_lowest",
    "spo2_percent": "spo2_lowest",
    "qtc_ms": "qtc_lowest",
}
_HIGHEST = {
    "karnofsky": "percent_highest",
    "lansky": "percent_highest",
    "ecog": "ecog_highest",
    "qtc_ms": "qtc_highest",
    "weight_kg": "weight_highest",
    "body_surface_m2": "body_surface_highest",
}
_BY_UNIT = {"%": ("percent_lowest", "percent_highest"), "10*9/L": ("cell_count_lowest", None)}


def bounds(limits: Limits, unit: str, name: str = "") -> tuple[Decimal, Decimal | None]:
    """Return the lowest and the highest number of a unit, or of a fact; None: any above. Source: limits/possible.yaml."""
    lowest, highest = _BY_UNIT.get(unit, ("amount_lowest", None))
    lowest, highest = _LOWEST.get(name, lowest), _HIGHEST.get(name, highest)
    return limits.number(lowest), limits.number(highest) if highest is not None else None


def lies_outside(amount: Interval, lowest: Decimal, highest: Decimal | None) -> bool:
    """Return whether an amount lies surely outside of what can be."""
    return amount.below(lowest) is Truth.YES or (highest is not None and amount.above(highest) is Truth.YES)


def set_aside_impossible_birth(view: View) -> None:
    """Take a birth date out of the view that makes the patient older than anybody was: it stands for an unknown one."""
    birth = view.record.birth
    if birth is None:
        return
    beyond = Span(12 * (int(view.limits.number("age_highest")) + 1), 0)
    if Age(birth, view.today).at_least(beyond) is not Truth.YES:
        return
    said = "The birth date makes the patient older than anybody was; set aside"
    view.note(Problem("error", "unreadable", f"{view.record.reference} birthDate", said))
    view.take(replace(view.record, birth=None))
