"""Results that are focused on another disease of the patient: set aside."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from service.facts.disease import of_all
from service.record.record import Problem

if TYPE_CHECKING:
    from service.facts.catalogue import View
    from service.record.record import Reading

_OF_ONE_DISEASE = frozenset(
    {"disease-status", "mrd", "cd19-blasts", "cd22-blasts", "marrow-blasts", "reported-risk", "cns-status"}
)
_PARTS_OF_IT = frozenset({"cns-leukaemia", "testicular-disease", "leukaemia-of-skin"})


def set_aside_other_focus(view: View) -> None:
    """Take the results out of the view whose focus is a Condition that is not the ALL, each with a problem.

    A Condition that is not among the data, or was refuted, is none that is known to be the ALL.
    """
    if not view.layout.focused:
        return
    own = {d.reference for d in (*of_all(view), *(d for d in view.record.diagnoses if not _PARTS_OF_IT.isdisjoint(d.concepts)))}
    others = [reading for reading in view.record.readings if _is_of_another(reading, own)]
    left_out = set(map(id, others))
    for r in others:
        view.note(Problem("warning", "other-disease", f"{r.reference} focus", "The result is about another condition; not used"))
    view.take(replace(view.record, readings=tuple(r for r in view.record.readings if id(r) not in left_out)))


def _is_of_another(reading: Reading, own: set[str]) -> bool:
    return bool(reading.focus) and own.isdisjoint(reading.focus) and not _OF_ONE_DISEASE.isdisjoint(reading.concepts)
