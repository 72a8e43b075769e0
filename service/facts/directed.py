"""Treatments directed at an antigen: what was given, and whether a result is surely of after the latest course of each."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from msgspec.structs import replace

from service.facts.disease import disease_of, is_relapse
from service.logic.dates import PartialDate
from service.record.record import Drug

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from service.facts.catalogue import View
    from service.record.record import Treatment


def last_directed(view: View, antigen: str) -> tuple[list[Drug | Treatment], list[Drug | Treatment]]:
    """Return the antigen-directed treatments that were given, and the finished orders of which that is not certain."""
    return given_or_finished(view, view.limits.treatments().directed[antigen])


def given_or_finished(view: View, concepts: frozenset[str]) -> tuple[list[Drug | Treatment], list[Drug | Treatment]]:
    """Return what was given of these treatments, and the finished orders of which that is not certain."""
    drugs = view.layout.drugs.of_any(concepts)
    given: list[Drug | Treatment] = [d for d in drugs if d.given and not d.is_mention]
    given += view.layout.treatments.of_any(concepts)
    finished = [d for d in drugs if not d.given and d.finished and not d.is_mention]
    told = _mentioned(view, concepts, frozenset().union(*(one.concepts for one in given)))
    return [*given, *(d for d in told if d.given)], [*finished, *(d for d in told if not d.given)]


def flag_of_perhaps(perhaps: Iterable[Drug | Treatment]) -> str:
    """Return the flag that says of treatments which were perhaps given why that is not sure: orders alone, or anything else."""
    orders = all(isinstance(one, Drug) and one.is_order for one in perhaps)
    return "treatment-ordered-not-confirmed" if orders else "treatment-perhaps-given"


def _mentioned(view: View, concepts: frozenset[str], recorded: frozenset[str]) -> list[Drug]:
    """Return what only diagnoses tell of these, each with the last day on which it may have been given."""
    known = view.limits.treatments()
    told = recorded if recorded.isdisjoint(known.cells) else recorded | known.product_untold
    told = told if told.isdisjoint(known.product_untold) else told | known.cells
    found = [(one, (one.concepts & concepts) - told) for one in view.layout.drugs.of_any(concepts) if one.is_mention]
    return [replace(one, concepts=more, start=_last_day_told(view, one), end=None) for one, more in found if more]


def _last_day_told(view: View, mention: Drug) -> PartialDate | None:
    """Return the last day before what a diagnosis tells of; None where its only day may be that of the leukaemia.

    A leukaemia may have begun long before somebody wrote down what became of it. Source: limits/relapse.yaml.
    """
    onset, recorded = mention.start, mention.end
    told_in = [d for d in view.record.diagnoses if d.reference == mention.reference]
    if not any(disease_of(d.concepts | d.named) for d in told_in):
        return onset or recorded
    relapse = any(map(is_relapse, told_in))
    days = view.limits.number("relapse_merge_days")
    if recorded is not None and (onset is None or (recorded.low - onset.high).days > days):
        onset = recorded
    elif recorded is None and not relapse:
        return None
    return PartialDate.of_day(onset.high - timedelta(days=1)) if relapse and onset is not None else onset


def is_after(view: View, day: PartialDate, treatments: Iterable[Drug | Treatment]) -> bool:
    """Return whether a day is surely after the first dose of the latest course of each of the treatments.

    Doses that follow each other closely are one course: a result of the middle of it was found after the treatment. One of the
    day of the first dose was not. A treatment without a day may have come later. Source: limits/treatment.yaml.
    """
    by_name: dict[str, list[tuple[PartialDate, date]]] = {}
    for treatment in treatments:
        begun = treatment.start
        if begun is None:
            return False
        dose = begun, _last_day(view, treatment, begun)
        for name in treatment.concepts:
            by_name.setdefault(name, []).append(dose)
    return all(_latest_course(view, doses) < day.low for doses in by_name.values())


def _last_day(view: View, treatment: Drug | Treatment, start: PartialDate) -> date:
    """Return the last day on which a treatment may have been given, as far as the record tells."""
    if isinstance(treatment, Drug) and treatment.ongoing:
        return view.today.high
    return start.high if treatment.end is None else max(start.high, treatment.end.high)


def _latest_course(view: View, doses: list[tuple[PartialDate, date]]) -> date:
    """Return the last day that the first dose of the latest course may have been."""
    gap = int(view.limits.number("doses_of_one_course_within_days"))
    in_order = sorted(doses, key=lambda dose: (dose[0].low, dose[0].high))
    begun, last = in_order[0][0].high, in_order[0][1]
    for start, end in in_order[1:]:
        if (start.low - last).days > gap:
            begun = start.high
        last = max(last, end)
    return begun
