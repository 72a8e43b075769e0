"""What the encoded trials say about the registry: numbers, the text they were encoded from, which status was seen when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.knowledge.registry import Sighting

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from service.knowledge.trial_rows import Trial


@dataclass(frozen=True, slots=True)
class CuratedStudy:
    """One encoded trial. `criteria_hash` is that of the registry's text it was encoded from; empty where nobody noted it."""

    number: str
    name: str = ""
    criteria_hash: str = ""
    sightings: tuple[Sighting, ...] = ()


def curated_numbers(trials: Iterable[Trial]) -> tuple[str, ...]:
    """Return the registry numbers of the encoded trials; trials without a number in this registry are left out."""
    return tuple(sorted({trial.registry_number for trial in trials if trial.registry_number}))


def curated_studies(trials: Iterable[Trial], as_of: date) -> tuple[CuratedStudy, ...]:
    """Return what the encoded trials say about the registry on a day; what holds for one country only is left out."""
    return tuple(_study(trial, as_of) for trial in trials if trial.registry_number)


def _study(trial: Trial, as_of: date) -> CuratedStudy:
    version = trial.version_on(as_of, as_of)
    return CuratedStudy(
        trial.registry_number,
        trial.name,
        version.text_hash if version is not None else "",
        tuple(
            Sighting.shipped(row.status, row.seen, ", ".join(row.sources))
            for row in trial.sightings
            if not row.country and row.known_on(as_of, as_of)
        ),
    )
