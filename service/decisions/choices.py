"""How choices touch each other: a therapy that would close a trial, a trial of a drug that the label already covers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.logic.fact import Fact, known
from service.logic.truth import Truth

if TYPE_CHECKING:
    from service.decisions.numbered import Bits
    from service.decisions.trial_verdicts import TrialVerdict
    from service.decisions.verdicts import TherapyVerdict
    from service.knowledge.schema import Therapy


_GIVEN: Fact[object] = known(value=True)


@dataclass(frozen=True, slots=True)
class Closing:
    """Giving the product would make the patient fail these criteria of a trial that is still possible now."""

    product: str
    trial: str
    criteria: tuple[str, ...]


def closings(therapies: tuple[TherapyVerdict, ...], trials: tuple[TrialVerdict, ...]) -> tuple[Closing, ...]:
    """Return which trials each product on label would close."""
    on_label = {verdict.therapy.product: verdict.therapy for verdict in therapies if verdict.verdict == "on-label"}
    return tuple(closing for therapy in on_label.values() for closing in closings_of(therapy, trials))


def closings_of(therapy: Therapy, trials: tuple[TrialVerdict, ...]) -> tuple[Closing, ...]:
    """Return which trials that are still possible one product would close, whether or not it is on label."""
    possible = [verdict for verdict in trials if verdict.truth is not Truth.NO]
    names = frozenset(therapy.recorded_as)
    if not possible or not names:
        return ()
    looks = possible[0].looks  # all trials of a record are judged with the same
    given = looks.numbered.changed(looks.bits, dict.fromkeys(therapy.recorded_as, _GIVEN))
    closed = ((verdict, _closed_by(names, verdict, given)) for verdict in possible)
    return tuple(Closing(therapy.product, verdict.id, criteria) for verdict, criteria in closed if criteria)


def _closed_by(names: frozenset[str], verdict: TrialVerdict, given: Bits) -> tuple[str, ...]:
    """Return the criteria of the trial that fail once the product was given; a trial that asks for it is not closed by it."""
    numbers = verdict.on_file.numbers
    if numbers.plain(given) is not Truth.NO and names.isdisjoint(numbers.aging_names):
        return ()
    criteria, truths = numbers.criteria, list(verdict.judged.truths)
    for place, row in enumerate(criteria.rows):
        if not names.isdisjoint(row.node.fact_names):
            truths[place] = numbers.at(place, given)
    if criteria.truth(truths) is not Truth.NO:
        return ()
    return tuple(criteria.rows[place].criterion.id for place in criteria.failing(truths))


def covered_by_label(verdict: TrialVerdict, therapies: tuple[TherapyVerdict, ...]) -> tuple[str, ...]:
    """Return the products that the trial studies and that are on label for this patient now, by name of the verdict."""
    return tuple(
        therapy.key
        for therapy in therapies
        if therapy.verdict == "on-label" and therapy.therapy.product in verdict.trial.products
    )
