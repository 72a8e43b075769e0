"""What the encoded trials say about the registry: numbers, the text they were encoded from, which status was seen when."""

from __future__ import annotations

from dataclasses import dataclass

from service.knowledge.registry import STUDY_NUMBER, Sighting


@dataclass(frozen=True, slots=True)
class CuratedStudy:
    """One encoded trial. `criteria_hash` is that of the registry's text it was encoded from; empty where nobody noted it."""

    number: str
    name: str = ""
    criteria_hash: str = ""
    sightings: tuple[Sighting, ...] = ()


def curated_numbers(library: object) -> tuple[str, ...]:
    """Return the registry numbers of the encoded trials; trials without a number in this registry are left out."""
    return tuple(sorted(number for number in getattr(library, "trials", {}) if STUDY_NUMBER.fullmatch(number)))


def curated_studies(library: object) -> tuple[CuratedStudy, ...]:
    """Return what the encoded trials say about the registry, by number."""
    return tuple(CuratedStudy(number) for number in curated_numbers(library))
