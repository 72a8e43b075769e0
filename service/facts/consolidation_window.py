"""Whether a sample may be of the end of consolidation, by the stated phases and the recorded blocks of treatment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.facts.choose import statements
from service.facts.per_view import per_view
from service.facts.stated import word_of
from service.logic.dates import PartialDate
from service.logic.truth import Truth

if TYPE_CHECKING:
    from datetime import date

    from service.facts.catalogue import View
    from service.facts.choose import Datable


def in_consolidation(view: View, residual: Datable) -> bool:
    """Return whether stated phases and recorded blocks let a sample be of the end of consolidation; else its label stands."""
    last, following = view.fact("last_consolidation_dose").value, view.fact("block_after_consolidation").value
    if residual.when is not None and _same_episode(view, residual.when, last if isinstance(last, PartialDate) else None):
        if isinstance(last, PartialDate) and residual.when.before(last) is Truth.YES:
            return False
        if isinstance(following, PartialDate) and following.before(residual.when) is Truth.YES:
            return False
    if residual.when is None:
        return True
    relapse = view.fact("relapse_date").value
    told = _phases_around(view, relapse if isinstance(relapse, PartialDate) else None)
    last_before, first_after = told.get(_side(residual.when, relapse), (None, None))
    return not (
        (last_before is not None and residual.when.high <= last_before)
        or (first_after is not None and first_after < residual.when.low)
    )


_phase = word_of(frozenset({"pre-treatment", "induction", "maintenance", "off-therapy"}))
Phases = dict[Truth, tuple["date | None", "date | None"]]


def _side(when: PartialDate, relapse: object) -> Truth:
    return when.before(relapse) if isinstance(relapse, PartialDate) else Truth.UNKNOWN


def _phases_around(view: View, relapse: PartialDate | None) -> Phases:
    """Return for each side of a relapse the last day before the consolidation that was stated, and the first after it."""
    known_sides = _remembered_phases(view)
    if relapse not in known_sides:
        found: Phases = {}
        for reading in statements(view, "treatment-phase"):
            phase, when = _phase(reading), reading.when
            if phase is None or when is None:
                continue
            last, first = found.get(_side(when, relapse), (None, None))
            if phase in {"pre-treatment", "induction"}:
                last = when.low if last is None else max(last, when.low)
            else:
                first = when.high if first is None else min(first, when.high)
            found[_side(when, relapse)] = last, first
        known_sides[relapse] = found
    return known_sides[relapse]


@per_view
def _remembered_phases(_view: View) -> dict[PartialDate | None, Phases]:
    return {}


def _same_episode(view: View, one: PartialDate | None, other: PartialDate | None) -> bool:
    """Return whether no relapse lies between two days."""
    relapse = view.fact("relapse_date").value
    if not isinstance(relapse, PartialDate) or one is None or other is None:
        return True
    return one.before(relapse) is other.before(relapse)
