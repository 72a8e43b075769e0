"""The trials on file on a day, with their recruitment: the same for every patient, so that it is put together once a day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.decisions.recruitment import Recruitment, open_word
from service.decisions.trial_numbers import NumberedCriteria

if TYPE_CHECKING:
    from datetime import date

    from service.decisions.bind import Rules
    from service.decisions.trial_rules import BoundVersion
    from service.knowledge.registry import Registry, Seen
    from service.knowledge.trial_rows import Trial, TrialVersion

OPEN_ORDER = {"yes": 0, "stale": 1, "not-yet": 2, "unknown": 3, "no": 4}


@dataclass(frozen=True, slots=True)
class TrialOnFile:
    """A listed trial: the text that holds on the day, what was seen of its recruitment, whether the registry's text changed."""

    trial: Trial
    bound: BoundVersion
    recruitment: Recruitment
    changed: bool
    numbers: NumberedCriteria
    arms: tuple[NumberedCriteria, ...]


def trials_on_file(rules: Rules, registry: Registry, as_of: date, known_by: date, stale_days: int) -> tuple[TrialOnFile, ...]:
    """Return the listed trials that were written down by `known_by`, the open ones first, of these by their ids."""
    key = (as_of, known_by, stale_days)
    return rules.memory.recall("trials", key, lambda: _on_file(rules, registry, *key), of=registry)


def _on_file(rules: Rules, registry: Registry, as_of: date, known_by: date, stale_days: int) -> tuple[TrialOnFile, ...]:
    rows = []
    for trial in rules.library.trials.values():
        version = trial.version_on(as_of, known_by) if trial.listed else None
        if version is not None:
            bound = next(row for row in rules.trials[trial.id] if row.version is version)
            recruitment = recruitment_of(trial, rules, registry, as_of, known_by, stale_days)
            changed = text_changed(version, registry, trial.registry_number, min(as_of, known_by))
            numbers = NumberedCriteria.of(bound.criteria, rules.numbered)
            arms = tuple(NumberedCriteria.of(arm.criteria, rules.numbered) for arm in bound.arms)
            rows.append(TrialOnFile(trial, bound, recruitment, changed, numbers, arms))
    rows.sort(key=lambda row: (OPEN_ORDER[row.recruitment.open], row.trial.id))
    return tuple(rows)


def text_changed(version: TrialVersion, registry: Registry, number: str, until: date) -> bool:
    """Return whether the registry's text of the criteria is another one than that from which ours were written.

    Where that text was not seen whole, the first one that was fetched stands for it.
    """
    hashes = [text for seen in registry.seen_as(number, until) if (text := seen.record.criteria_hash)]
    return bool(hashes) and hashes[-1] != (version.text_hash or hashes[0])


def recruitment_of(  # noqa: PLR0913 - the question in full
    trial: Trial, rules: Rules, registry: Registry, as_of: date, known_by: date, stale_days: int
) -> Recruitment:
    """Return what was seen last by the day: in the registry itself, or in the copies that our file cites."""
    until = min(as_of, known_by)
    shipped = trial.sighting_on(until, known_by)
    fetched = _fetched(trial, registry, until)
    if fetched is not None and (shipped is None or shipped.seen is None or fetched.true_on >= shipped.seen):
        return Recruitment.of(fetched, as_of, stale_days)
    if shipped is None:
        return Recruitment("", None, "unknown", "")
    titles = [rules.library.sources[name].title for name in shipped.sources if name in rules.library.sources]
    by_country = [row for row in trial.sightings if row.country and row.known_on(until, known_by)]
    return Recruitment(
        status=shipped.status,
        seen=shipped.seen,
        open=open_word(shipped.status, shipped.seen, as_of, stale_days),
        source="; ".join(titles),
        countries=tuple((row.country, row.status) for row in by_country),
        note=shipped.note,
    )


def _fetched(trial: Trial, registry: Registry, until: date) -> Seen | None:
    """Return the newest record by the trial's own number, else by a European number that one study names."""
    if trial.registry_number:
        return registry.latest(trial.registry_number, until)
    joined = {study for row in trial.numbers for study in registry.studies_of(row.number)}
    return registry.latest(joined.pop(), until) if len(joined) == 1 else None
