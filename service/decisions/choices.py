"""How choices touch each other: a therapy that would close a trial, a trial of a drug that the label already covers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.logic.fact import known
from service.logic.truth import Truth

if TYPE_CHECKING:
    from service.decisions.predicate import Facts
    from service.decisions.trial_verdicts import TrialVerdict
    from service.decisions.verdicts import TherapyVerdict
    from service.knowledge.schema import Therapy


@dataclass(frozen=True, slots=True)
class Closing:
    """Giving the product would make the patient fail these criteria of a trial that is still possible now."""

    product: str
    trial: str
    criteria: tuple[str, ...]


def closings(therapies: tuple[TherapyVerdict, ...], trials: tuple[TrialVerdict, ...], facts: Facts) -> tuple[Closing, ...]:
    """Return which trials each product on label would close; `facts` are those on which the trials were judged."""
    on_label = {verdict.therapy.product: verdict.therapy for verdict in therapies if verdict.verdict == "on-label"}
    return tuple(closing for therapy in on_label.values() for closing in closings_of(therapy, trials, facts))


def closings_of(therapy: Therapy, trials: tuple[TrialVerdict, ...], facts: Facts) -> tuple[Closing, ...]:
    """Return which trials that are still possible one product would close, whether or not it is on label."""
    return tuple(
        Closing(therapy.product, verdict.id, criteria)
        for verdict in trials
        if verdict.fit != "does-not-fit" and (criteria := _closed_by(therapy, verdict, facts))
    )


def _closed_by(therapy: Therapy, verdict: TrialVerdict, facts: Facts) -> tuple[str, ...]:
    """Return the criteria of the trial that fail once the product was given; a trial that asks for it is not closed by it."""
    given = {**facts, **{name: known(value=True) for name in therapy.recorded_as}}
    judged = verdict.judged
    truths = [
        row.truth(given) if not set(therapy.recorded_as).isdisjoint(row.node.fact_names) else truth
        for row, truth in zip(judged.criteria.rows, judged.truths, strict=True)
    ]
    if judged.criteria.truth(truths) is not Truth.NO:
        return ()
    return tuple(judged.criteria.rows[place].criterion.id for place in judged.criteria.failing(truths))


def covered_by_label(verdict: TrialVerdict, therapies: tuple[TherapyVerdict, ...]) -> tuple[str, ...]:
    """Return the products that the trial studies and that are on label for this patient now, by name of the verdict."""
    return tuple(
        therapy.key
        for therapy in therapies
        if therapy.verdict == "on-label" and therapy.therapy.product in verdict.trial.products
    )
