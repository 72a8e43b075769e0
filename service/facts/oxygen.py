"""The oxygen saturation on room air: on given oxygen it is at most what was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.facts.choose import with_concept
from service.facts.measured import in_unit, measured
from service.logic.fact import Fact, known
from service.logic.interval import Interval
from service.logic.truth import Truth

if TYPE_CHECKING:
    from service.facts.catalogue import View
    from service.logic.fact import Evidence
    from service.record.record import Reading

_GIVEN, _NOT_GIVEN = "oxygen-given", "room-air"
_FLOW, _CONCENTRATION = "inhaled-oxygen-flow", "inhaled-oxygen-concentration"


def on_room_air(view: View, name: str, concept: str, unit: str, word: str) -> Fact[object]:
    """The newest oxygen saturation on room air; measured on oxygen an interval up to what was found, flagged `on-oxygen`.

    Unknown: none recorded; no unit, or one that cannot be converted (`unreadable`). Two amounts of one moment: conflicting.
    """
    fact = measured(view, name, concept, unit, word)
    found = fact.value
    if not isinstance(found, Interval):
        return fact
    on_oxygen = tuple(
        oxygen.evidence("measured on oxygen")
        for given in (_FLOW, _CONCENTRATION)
        for oxygen in with_concept(view, given)
        if _is_of(oxygen, fact.evidence) and _may_be_given(view, oxygen)
    )
    measured_in = {one.reference for one in fact.evidence}
    on_oxygen += tuple(
        reading.evidence("measured on oxygen")
        for reading in with_concept(view, concept)
        if reading.reference in measured_in and _is_told(reading)
    )
    if not on_oxygen:
        return fact
    most = Interval(view.limits.number("percent_lowest"), found.high, high_inclusive=found.high_inclusive)
    return known(most, (*fact.evidence, *on_oxygen), rule=fact.rule, unit=unit, flags=(*fact.flags, "on-oxygen"))


def _is_told(reading: Reading) -> bool:
    """Return whether the words of a saturation tell that oxygen is given, and none that it is not."""
    told = reading.named | reading.methods
    return _GIVEN in told and _NOT_GIVEN not in told


def _is_of(oxygen: Reading, measured_in: tuple[Evidence, ...]) -> bool:
    """Return whether oxygen is told with a saturation: in one result, or in another of that moment."""
    return any(one.reference == oxygen.reference or (one.date is not None and one.date == oxygen.when) for one in measured_in)


def _may_be_given(view: View, oxygen: Reading) -> bool:
    """Return whether more than room air may be breathed in; an amount that cannot be read may be any."""
    if oxygen.absent:
        return False
    if oxygen.amount is None:
        return True
    if _FLOW in oxygen.concepts:
        return oxygen.amount.interval.above(view.limits.number("amount_lowest")) is not Truth.NO
    share = in_unit(oxygen, "%")
    return share is None or share.above(view.limits.number("room_air_oxygen_percent")) is not Truth.NO
