"""What the series of marrows says: remission, relapse, its suspicion, or mere regeneration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.facts.response import marrows, residuals
from service.facts.signal import MARROW, Signal
from service.logic.dates import PartialDate
from service.logic.truth import Truth

if TYPE_CHECKING:
    from service.facts.catalogue import View
    from service.facts.response import Marrow

_SITE = frozenset({"marrow"})


def marrow_signals(view: View, remissions: list[PartialDate | None]) -> list[Signal]:
    """Return the signals of the marrows, given the days of remissions told elsewhere.

    Below the limit after diagnosis: remission. After a remission, by the consensus table: a relapse at once from the certain
    limit, with one further test of the same day from the one-test limit, with two from the two-tests limit; else suspected.
    Source: limits/marrow.yaml, limits/relapse.yaml.
    """
    found: list[Signal] = []
    days = [day for day in remissions if day is not None]
    for marrow in marrows(view):
        if marrow.percent is None or marrow.when is None or looks_like_regeneration(view, marrow):
            continue
        after_remission = any(day.before(marrow.when) is Truth.YES for day in days)
        signal = _after_remission(view, marrow) if after_remission else None
        if signal is None and _below_remission_limit(view, marrow) and _after_diagnosis(view, marrow.when):
            signal = Signal("remission", marrow.when, MARROW, marrow.evidence)
            days.append(marrow.when)
        if signal is not None:
            found.append(signal)
    return found


def _below_remission_limit(view: View, marrow: Marrow) -> bool:
    return marrow.percent is not None and marrow.percent.below(view.limits.number("remission_blasts_below_percent")) is Truth.YES


def _after_diagnosis(view: View, when: PartialDate) -> bool:
    diagnosed = view.fact("diagnosis_date").value
    return isinstance(diagnosed, PartialDate) and diagnosed.before(when) is Truth.YES


def _after_remission(view: View, marrow: Marrow) -> Signal | None:
    """Return a relapse or its suspicion by the consensus table; None where the marrow is no finding at all."""
    percent, limits = marrow.percent, view.limits
    if percent is None or percent.at_least(limits.number("relapse_marrow_two_tests_from_percent")) is not Truth.YES:
        return None
    others = further_tests(view, marrow)
    if percent.at_least(limits.number("relapse_marrow_certain_from_percent")) is Truth.YES:
        return Signal("relapse", marrow.when, MARROW, marrow.evidence, _SITE)
    if percent.at_least(limits.number("relapse_marrow_one_test_from_percent")) is Truth.YES:
        return Signal("relapse" if others >= 1 else "suspected", marrow.when, MARROW, marrow.evidence, _SITE)
    if others == 0:
        return None
    return Signal("relapse" if others > 1 else "suspected", marrow.when, MARROW, marrow.evidence, _SITE)


def further_tests(view: View, marrow: Marrow) -> int:
    """Return how many other methods found disease from the two-tests limit on in the marrow of the same day."""
    least = view.limits.number("relapse_marrow_two_tests_from_percent")
    methods = {
        residual.method or residual.evidence.reference
        for residual in residuals(view)
        if _same_day(residual.when, marrow.when) and not residual.blood
        if residual.percent is not None and residual.percent.at_least(least) is Truth.YES
    }
    return len(methods)


def looks_like_regeneration(view: View, marrow: Marrow) -> bool:
    """Return whether blasts between the M2 and the regeneration limit stand beside an MRD below the positive limit."""
    percent, limits = marrow.percent, view.limits
    if percent is None or percent.at_least(limits.number("marrow_m2_from_percent")) is not Truth.YES:
        return False
    if percent.at_most(limits.number("marrow_regeneration_to_percent")) is not Truth.YES:
        return False
    clear = limits.number("mrd_positive_from_percent")
    told = [r.percent for r in residuals(view) if _same_day(r.when, marrow.when) and not r.blood and r.percent is not None]
    return bool(told) and all(percent.below(clear) is Truth.YES for percent in told)


def _same_day(one: PartialDate | None, other: PartialDate | None) -> bool:
    return one is not None and other is not None and one.low == other.low and one.high == other.high
