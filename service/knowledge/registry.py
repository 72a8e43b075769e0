"""What a trial registry said, and on which day it was seen: records as the registry has them, no judgement of ours.

A record is kept with the day on which we saw it; the registry's own dates (last update, last verification) stand inside it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date


@dataclass(frozen=True, slots=True)
class Site:
    """One place of a study.

    `status` is the registry's word and stands only while the study is open; `country` is the ISO 3166 code, empty where the
    registry's name of the country is not known; the coordinates are those of the town, not of the hospital.
    """

    facility: str
    city: str
    country: str
    country_name: str
    status: str = ""
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True)
class StudyDrug:
    """One intervention of a study: its type, name and other names, as the registry writes them."""

    kind: str
    name: str
    other_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RegistryRecord:
    """One study as ClinicalTrials.gov shows it. Empty text: the registry says nothing; empty age: no limit.

    `status` is the registry's word (`RECRUITING`, ...); where it is UNKNOWN, `last_known_status` is the one before and never
    the present one. Dates are text as the registry writes them, with or without a day. Source: ClinicalTrials.gov API v2.
    """

    nct_id: str
    title: str
    status: str
    acronym: str = ""
    aliases: tuple[str, ...] = ()
    secondary_ids: tuple[tuple[str, str], ...] = ()  # type and number, e.g. ("EUDRACT_NUMBER", "2017-002116-14")
    sponsor: str = ""
    last_known_status: str = ""
    why_stopped: str = ""
    verified: str = ""
    updated: str = ""
    phases: tuple[str, ...] = ()
    enrolment: int | None = None
    conditions: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    interventions: tuple[StudyDrug, ...] = ()
    sex: str = ""
    minimum_age: str = ""
    maximum_age: str = ""
    criteria: str = ""
    sites: tuple[Site, ...] = ()

    @property
    def criteria_hash(self) -> str:
        """The SHA-256 of the text of the criteria, white space folded; empty where there is no text."""
        folded = " ".join(self.criteria.split())
        return f"sha256:{hashlib.sha256(folded.encode()).hexdigest()}" if folded else ""


@dataclass(frozen=True, slots=True)
class Seen:
    """A record and the day on which it was seen; `source` is the address of the registry asked."""

    day: date
    record: RegistryRecord
    source: str


@dataclass(frozen=True, slots=True)
class Registry:
    """All that was seen, by registry number, oldest first. Empty: nothing was ever fetched."""

    sightings: Mapping[str, tuple[Seen, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, sightings: Iterable[Seen]) -> Registry:
        """Return a registry of these sightings."""
        found: dict[str, list[Seen]] = {}
        for seen in sorted(sightings, key=lambda seen: seen.day):
            found.setdefault(seen.record.nct_id, []).append(seen)
        return cls({number: tuple(rows) for number, rows in found.items()})

    def latest(self, number: str, until: date) -> Seen | None:
        """Return the newest sighting of a study up to a day; None where there is none."""
        rows = self.sightings.get(number, ())
        return next((seen for seen in reversed(rows) if seen.day <= until), None)

    def all_latest(self, until: date) -> Iterator[Seen]:
        """Yield the newest sighting of each study up to a day, by number."""
        for number in sorted(self.sightings):
            seen = self.latest(number, until)
            if seen is not None:
                yield seen


NOTHING_SEEN = Registry()
