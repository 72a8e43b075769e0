"""What a trial registry said, and on which day it was seen: records as the registry has them, no judgement of ours.

A record is kept with the day on which we saw it; the registry's own dates (last update, last verification) stand inside it.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

STUDY_NUMBER = re.compile(r"NCT\d{8}")
"""The shape of a number of ClinicalTrials.gov."""

# EudraCT 2017-002116-14; EU-CT 2025-520982-39-00, whose last part counts versions of one trial.
_EU_NUMBER = re.compile(r"(?<!\d)(\d{4}-\d{6}-\d{2})(?:-\d{2})?(?![\d-])")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


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
    organisation_id: str = ""  # the sponsor's own number, e.g. "AALL1721"
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
    """A record and the day on which it was seen.

    `source` is the address of the registry asked; `data_timestamp` is the moment that the registry gives its own data, empty
    where it gave none. A copy of the registry may lag behind: what it shows is then no newer than that moment.
    """

    day: date
    record: RegistryRecord
    source: str
    data_timestamp: str = ""

    @property
    def true_on(self) -> date:
        """The last day for which the record speaks: the day of the registry's data, never later than the day it was seen."""
        match = _DAY.match(self.data_timestamp)
        try:
            return min(self.day, date.fromisoformat(match[0])) if match else self.day
        except ValueError:
            return self.day


@dataclass(frozen=True, slots=True)
class Sighting:
    """A status, the day on which it was seen and where; without a day where the source has none.

    `true_on` is the last day for which the status speaks: the day seen, or an earlier one where the source lags behind.
    """

    status: str
    day: date | None
    source: str
    true_on: date | None

    @classmethod
    def of(cls, seen: Seen) -> Sighting:
        """Return the sighting of a record."""
        return cls(seen.record.status, seen.day, seen.source, seen.true_on)

    @classmethod
    def shipped(cls, status: str, day: date | None, source: str) -> Sighting:
        """Return a sighting that stands in a knowledge file."""
        return cls(status, day, source, day)


@dataclass(frozen=True, slots=True)
class Registry:
    """All that was seen, by registry number, oldest first. Empty: nothing was ever fetched.

    `aliases`: the number of a record that was merged into another → the number of that other. `joined`: a number of the EU
    registers, without its version → the studies that name it among their secondary ids. Titles never join anything.
    """

    sightings: Mapping[str, tuple[Seen, ...]] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    joined: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, sightings: Iterable[Seen]) -> Registry:
        """Return a registry of these sightings."""
        found: dict[str, list[Seen]] = {}
        aliases: dict[str, str] = {}
        joined: dict[str, set[str]] = {}
        for seen in sorted(sightings, key=lambda seen: seen.day):
            record = seen.record
            found.setdefault(record.nct_id, []).append(seen)
            aliases.update(dict.fromkeys(record.aliases, record.nct_id))
            for number in (eu_number(text) for _, text in record.secondary_ids):
                if number:
                    joined.setdefault(number, set()).add(record.nct_id)
        return cls(
            {number: tuple(rows) for number, rows in found.items()},
            aliases,
            {number: tuple(sorted(studies)) for number, studies in joined.items()},
        )

    def latest(self, number: str, until: date) -> Seen | None:
        """Return the newest sighting of a study up to a day; None where there is none.

        A number that was merged into another finds what was last seen under either.
        """
        rows = self.seen_as(number, until)
        return rows[-1] if rows else None

    def seen_as(self, number: str, until: date) -> tuple[Seen, ...]:
        """Return the sightings of a study up to a day, oldest first, those under the number it was merged into among them."""
        rows = (*self.sightings.get(self.aliases.get(number, ""), ()), *self.sightings.get(number, ()))
        return tuple(sorted((seen for seen in rows if seen.day <= until), key=lambda seen: seen.day))

    def all_latest(self, until: date) -> Iterator[Seen]:
        """Yield the newest sighting of each study up to a day, by number; a merged number stands under its new one only."""
        for number in sorted(self.sightings):
            seen = self.latest(number, until)
            if seen is not None and seen.record.nct_id == number:
                yield seen

    def studies_of(self, identifier: str) -> tuple[str, ...]:
        """Return the numbers of the studies that an EudraCT or EU-CT number belongs to; none where no study names it."""
        return self.joined.get(eu_number(identifier), ())


def last_sighting(shipped: Iterable[Sighting], seen: Seen | None, as_of: date) -> Sighting | None:
    """Return what is known last of a study on a day: from the knowledge files or from the store; None where nothing is.

    What speaks for the latest day wins, the store over the files on one day; what has no day counts only where nothing else does.
    """
    found = [*([Sighting.of(seen)] if seen is not None else []), *shipped]
    held = [sighting for sighting in found if sighting.day is None or sighting.day <= as_of]
    return max(held, key=lambda sighting: sighting.true_on or date.min, default=None)


def eu_number(text: str) -> str:
    """Return the EudraCT or EU-CT number in a text, without the version that EU-CT adds; empty where there is none."""
    match = _EU_NUMBER.search(text)
    return match[1] if match else ""


NOTHING_SEEN = Registry()
