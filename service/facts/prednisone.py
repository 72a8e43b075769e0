"""The response to the prednisone phase."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from service.facts.catalogue import Kind, derive
from service.facts.choose import settle, stated, with_concept
from service.facts.disease import first_treatment
from service.facts.measured import usable_in
from service.facts.stated import word_of
from service.logic.fact import Fact, Gap, known, unknown
from service.logic.truth import Truth

if TYPE_CHECKING:
    from service.facts.catalogue import View
    from service.logic.dates import PartialDate
    from service.record.record import Reading

_RESPONSES = frozenset({"good", "poor"})


@derive("prednisone_response", Kind.WORD, values=("good", "poor"), reads=("prednisone-response", "blood-blasts-count"))
def prednisone_response(view: View) -> Fact[object]:
    """The response to the prednisone phase: stated, else by the blasts in the blood on day 8 of treatment.

    Unknown: not stated, and no count on that day. Source: limits/response.yaml.
    """
    statement = stated(view, "prednisone_response", "prednisone-response", word_of(_RESPONSES))
    derived: Fact[object] = unknown(Gap.NOT_RECORDED, "prednisone_response", rule="day-8-blasts")
    start = first_treatment(view)
    counts = [r for r in with_concept(view, "blood-blasts-count") if start is not None and _on_day_8(view, r, start)]
    amounts = {amount for reading in counts if (amount := usable_in(view, reading, "10*9/L")) is not None}
    if len(amounts) == 1:
        poor = amounts.pop().at_least(view.limits.number("prednisone_poor_from_blasts"))
        if poor is not Truth.UNKNOWN:
            evidence = tuple(reading.evidence("blasts in blood on day 8") for reading in counts)
            derived = known("poor" if poor is Truth.YES else "good", evidence, rule="day-8-blasts", flags=("computed",))
    return settle(view, "prednisone_response", derived, cast("Fact[object] | None", statement))


def _on_day_8(view: View, reading: Reading, start: PartialDate) -> bool:
    when = reading.when
    if when is None or when.precision != "day" or start.precision != "day":
        return False
    return (when.low - start.low).days == view.limits.number("prednisone_phase_days")
