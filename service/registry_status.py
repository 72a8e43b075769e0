"""What is known of each trial in the registry on a day: open, closed or stale, and whether its text has changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from service.decisions.recruitment import OpenWord, open_word
from service.knowledge.registry import last_sighting

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from service.knowledge.registry import Registry, Sighting
    from service.knowledge.registry_curated import CuratedStudy

Text = Literal["same", "as first fetched", "changed", "not compared"]


@dataclass(frozen=True, slots=True)
class StatusRow:
    """What is known of one study on a day."""

    number: str
    name: str
    sighting: Sighting | None
    last_known: str
    open: OpenWord
    text: Text


def status_rows(registry: Registry, curated: Mapping[str, CuratedStudy], as_of: date, stale_days: int) -> tuple[StatusRow, ...]:
    """Return a row for each study that is encoded or was ever seen, by number."""
    seen = {found.record.nct_id: found for found in registry.all_latest(as_of)}
    # A number that was merged into another is told under the number that the trial was encoded with.
    merged = {found.record.nct_id for number in curated if (found := registry.latest(number, as_of)) is not None}
    return tuple(
        _row(number, curated.get(number), registry, as_of, stale_days) for number in sorted({*curated, *(seen.keys() - merged)})
    )


def _row(number: str, study: CuratedStudy | None, registry: Registry, as_of: date, stale_days: int) -> StatusRow:
    seen = registry.latest(number, as_of)
    sighting = last_sighting(study.sightings if study is not None else (), seen, as_of)
    word: OpenWord = "unknown"
    if sighting is not None:
        word = open_word(sighting.status, sighting.true_on, as_of, stale_days)
    name = study.name if study is not None else ""
    return StatusRow(
        number,
        name or (seen.record.acronym or seen.record.title if seen is not None else ""),
        sighting,
        seen.record.last_known_status if seen is not None else "",
        word,
        _compared(study, registry, as_of) if study is not None else "not compared",
    )


def _compared(study: CuratedStudy, registry: Registry, as_of: date) -> Text:
    """Return how the newest text compares with that which was encoded; where nobody noted that one, with the first fetched."""
    hashes = [text for seen in registry.seen_as(study.number, as_of) if (text := seen.record.criteria_hash)]
    if not hashes:
        return "not compared"
    if hashes[-1] != (study.criteria_hash or hashes[0]):
        return "changed"
    return "same" if study.criteria_hash else "as first fetched"
