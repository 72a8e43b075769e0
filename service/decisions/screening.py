"""A first look at studies of the registry that have no file of ours: age, sex, condition and intervention. They never fit."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from service.decisions.predicate import unique
from service.decisions.recruitment import Recruitment
from service.decisions.trial_verdicts import FIT, ScreenedCriterion, ScreenedStudy
from service.knowledge.registry_ages import within_ages
from service.logic.dates import Age
from service.logic.truth import Truth, all_of, truth_of

if TYPE_CHECKING:
    from datetime import date

    from service.decisions.bind import Rules
    from service.decisions.predicate import Facts
    from service.knowledge.registry import Registry, RegistryRecord
    from service.knowledge.screening import Screening

_EVERYBODY = frozenset({"", "ALL"})


def screen_studies(  # noqa: PLR0913 - the question in full
    facts: Facts, rules: Rules, registry: Registry, as_of: date, known_by: date, stale_days: int
) -> tuple[ScreenedStudy, ...]:
    """Return the studies of the registry without a file of ours that give one of our treatments; those that may fit first.

    None of them is ever said to fit: the text of the criteria was compared with nothing.
    """
    screening = rules.library.screening
    listed = studies_on_file(rules, registry, as_of, known_by, stale_days)
    found = (screen_study(record, facts, screening, recruitment) for record, recruitment in listed)
    return tuple(sorted(found, key=lambda study: (study.fit == "does-not-fit", study.id)))


def studies_on_file(
    rules: Rules, registry: Registry, as_of: date, known_by: date, stale_days: int
) -> tuple[tuple[RegistryRecord, Recruitment], ...]:
    """Return the studies that were seen by the day, have no file of ours and give one of our treatments.

    They are the same for every patient, so that they are put together once a day.
    """
    key = (as_of, known_by, stale_days)
    return rules.memory.recall("studies", key, lambda: _on_file(rules, registry, *key), of=registry)


def _on_file(
    rules: Rules, registry: Registry, as_of: date, known_by: date, stale_days: int
) -> tuple[tuple[RegistryRecord, Recruitment], ...]:
    curated = {row.number for trial in rules.library.trials.values() for row in trial.numbers}
    rows = []
    for seen in registry.all_latest(min(as_of, known_by)):
        record = seen.record
        ours = record.nct_id in curated or not curated.isdisjoint(number for _, number in record.secondary_ids)
        if not ours and _gives(record, rules.library.screening):
            rows.append((record, Recruitment.of(seen, as_of, stale_days)))
    return tuple(rows)


def screen_study(record: RegistryRecord, facts: Facts, screening: Screening, recruitment: Recruitment) -> ScreenedStudy:
    """Return how far one study goes with the patient: does not fit, or needs data, because its criteria are not curated."""
    rows = (
        _row("age", "age_years", _age(record, facts), facts, screening),
        _row("sex", "sex", _sex(record, facts), facts, screening),
        _row("condition", "disease", _condition(record, facts, screening), facts, screening),
    )
    truth = all_of(row.truth for row in rows) & Truth.UNKNOWN
    return ScreenedStudy(
        record=record,
        fit=FIT[truth],
        criteria=rows,
        failing=tuple(row.id for row in rows if row.truth is Truth.NO),
        needs=unique(tuple(need for row in rows for need in row.needs)) if truth is Truth.UNKNOWN else (),
        recruitment=recruitment,
    )


def _row(name: str, fact: str, truth: Truth, facts: Facts, screening: Screening) -> ScreenedCriterion:
    evidence = tuple(dict.fromkeys(item.reference for item in facts[fact].evidence))
    needs = (facts[fact].needs or (fact,)) if truth is Truth.UNKNOWN and not facts[fact].is_known else ()
    return ScreenedCriterion(f"registry-{name}", screening.texts.get(name, name), truth, (fact,), evidence, needs)


def _age(record: RegistryRecord, facts: Facts) -> Truth:
    age = facts["age_years"].value
    return within_ages(age, record.minimum_age, record.maximum_age) if isinstance(age, Age) else Truth.UNKNOWN


def _sex(record: RegistryRecord, facts: Facts) -> Truth:
    if record.sex in _EVERYBODY:
        return Truth.YES
    sex = facts["sex"].value
    return truth_of(sex == record.sex.lower()) if isinstance(sex, str) else Truth.UNKNOWN


def _condition(record: RegistryRecord, facts: Facts, screening: Screening) -> Truth:
    """Return YES for a name that surely means the disease, UNKNOWN for one that may, NO where none does."""
    said = " ; ".join((*record.conditions, *record.keywords)).casefold()
    disease = facts["disease"].value
    if not said:
        return Truth.UNKNOWN
    mine = screening.conditions.get(disease, ()) if isinstance(disease, str) else ()
    if _mentions(said, mine):
        return Truth.YES
    if disease not in screening.conditions or _mentions(said, screening.wide):
        return Truth.UNKNOWN
    return Truth.NO


def _gives(record: RegistryRecord, screening: Screening) -> bool:
    named = (name for drug in record.interventions for name in (drug.name, *drug.other_names))
    return _mentions(" ; ".join(named).casefold(), screening.interventions)


def _mentions(text: str, words: tuple[str, ...]) -> bool:
    return bool(words) and _pattern(words).search(text) is not None


@lru_cache(maxsize=64)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?:{'|'.join(re.escape(word) for word in words)})(?!\w)")
