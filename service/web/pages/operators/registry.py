"""What the trial registry said of each trial, when that was seen, and whether its text has changed since it was encoded."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from service.knowledge.registry_curated import curated_studies
from service.registry_status import status_rows
from service.web.pages.explanation.model import Link
from service.web.pages.operators.knowledge import trial_line
from service.web.pages.operators.service_model import RegistryPage, StudyLine
from service.web.pages.operators.shelves import day, trial_address
from service.web.pages.texts import web_address

if TYPE_CHECKING:
    from service.decisions.recruitment import OpenWord
    from service.knowledge.registry import Registry
    from service.knowledge.trial_rows import Trial
    from service.registry_status import StatusRow
    from service.settings import Settings
    from service.web.pages.operators.shelves import Shelves

_OPENNESS: tuple[OpenWord, ...] = ("yes", "not-yet", "stale", "unknown", "no")


def registry_page(shelves: Shelves, registry: Registry, settings: Settings) -> RegistryPage:
    """Return the page; trials whose text has changed stand first, then those that take patients."""
    trials = shelves.library.trials.values()
    by_number = {trial.registry_number: trial for trial in trials if trial.registry_number}
    curated = {study.number: study for study in curated_studies(trials, shelves.as_of)}
    rows = sorted(
        status_rows(registry, curated, shelves.as_of, settings.sighting_stale_days),
        key=lambda row: (row.text != "changed", _OPENNESS.index(row.open), row.number),
    )
    counts = Counter(row.open for row in rows)
    seen = list(registry.all_latest(shelves.as_of))
    return RegistryPage(
        as_of=shelves.as_of.isoformat(),
        stale_days=settings.sighting_stale_days,
        hours=settings.registry_refresh_hours,
        asked=Link(settings.registry_url, web_address(settings.registry_url)),
        last_seen=day(max((found.day for found in seen), default=None)),
        data_of=max((found.data_timestamp for found in seen), default=""),
        counts=tuple((word, counts[word]) for word in _OPENNESS),
        changed=sum(row.text == "changed" for row in rows),
        lines=tuple(_line(shelves, row, by_number.get(row.number)) for row in rows),
        unregistered=tuple(trial_line(shelves, trial) for trial in trials if not trial.registry_number),
    )


def _line(shelves: Shelves, row: StatusRow, trial: Trial | None) -> StudyLine:
    sighting = row.sighting
    source = sighting.source if sighting is not None else ""
    page = shelves.wording.trial.registry_page.format(id=row.number)
    return StudyLine(
        number=Link(row.number, web_address(page)),
        trial=Link(trial.name, trial_address(trial.id)) if trial is not None else None,
        open=row.open,
        status=shelves.status(sighting.status) if sighting is not None else shelves.words.knowledge.never_seen,
        last_known=shelves.status(row.last_known) if row.last_known else "",
        seen=(day(sighting.day) or shelves.words.knowledge.undated) if sighting is not None else "",
        true_on=day(sighting.true_on) if sighting is not None and sighting.true_on != sighting.day else "",
        source=Link(source, web_address(source)),
        text=row.text,
    )
