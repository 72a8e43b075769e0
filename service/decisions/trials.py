"""Trials on facts: which the patient fits, which fail and why, what is missing; recruitment beside it, with its day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from service.decisions.predicate import Looks, unique
from service.decisions.recruitment import open_word
from service.decisions.trial_verdicts import (
    ABSENCE_ASSUMED,
    FIT,
    OLD,
    TEXT_CHANGED,
    UNVERIFIED,
    ArmVerdict,
    Judged,
    Recruitment,
    TrialVerdict,
)
from service.logic.fact import Gap, unknown
from service.logic.truth import Truth, any_of

if TYPE_CHECKING:
    from datetime import date

    from service.decisions.bind import LimitsOn, Rules
    from service.decisions.trial_rules import BoundCriterion, BoundVersion, Criteria
    from service.knowledge.registry import Registry, Seen
    from service.knowledge.trial_rows import Trial, TrialVersion

_SURE = "S"
_FIT_ORDER = {"fits": 0, "needs-data": 1, "does-not-fit": 2}
_OPEN_ORDER = {"yes": 0, "stale": 1, "not-yet": 2, "unknown": 3, "no": 4}


def judge_trials(  # noqa: PLR0913 - the question in full
    looks: Looks, rules: Rules, registry: Registry, as_of: date, known_by: date, stale_days: int
) -> tuple[TrialVerdict, ...]:
    """Return one verdict for each listed trial that was on file: those that fit first, of these the open ones.

    `looks` are on the facts of the record and what the caller told of country and study group.
    """
    verdicts = []
    for trial in rules.library.trials.values():
        version = trial.version_on(as_of, known_by) if trial.listed else None
        if version is not None:
            bound = next(row for row in rules.trials[trial.id] if row.version is version)
            recruitment = recruitment_of(trial, rules, registry, as_of, known_by, stale_days)
            verdict = judge_trial(trial, bound, looks, recruitment, rules.limits_on(as_of, known_by))
            if text_changed(version, registry, trial.registry_number, min(as_of, known_by)):
                verdict = replace(verdict, flags=(*verdict.flags, TEXT_CHANGED))
            verdicts.append(verdict)
    return tuple(sorted(verdicts, key=_order))


def _order(verdict: TrialVerdict) -> tuple[int, int, int, str]:
    return _FIT_ORDER[verdict.fit], _OPEN_ORDER[verdict.recruitment.open], len(verdict.needs), verdict.id


def judge_trial(trial: Trial, bound: BoundVersion, looks: Looks, recruitment: Recruitment, limits: LimitsOn) -> TrialVerdict:
    """Return the verdict of one trial: NO if any criterion fails, else unknown if any is open, else it fits.

    Where the trial requires an arm, one that fits must be left.
    """
    judged = _judge(bound.criteria, looks, limits)
    arms = tuple(ArmVerdict(arm, _judge(arm.criteria, looks, limits)) for arm in bound.arms)
    truth, failing, needs = judged.truth, judged.failing, judged.needs
    if bound.version.arms_required:
        left = any_of(arm.judged.truth for arm in arms)
        truth = truth & left
        if left is Truth.NO:
            failing = (*failing, *(name for arm in arms for name in arm.judged.failing))
        elif left is Truth.UNKNOWN:
            needs = unique((*needs, *(need for arm in arms for need in arm.judged.needs)))
    return TrialVerdict(
        trial=trial,
        bound=bound,
        fit=FIT[truth],
        judged=judged,
        arms=arms,
        failing=failing,
        needs=needs if truth is Truth.UNKNOWN else (),
        recruitment=recruitment,
        flags=_flags(trial, truth, judged, failing),
    )


def text_changed(version: TrialVersion, registry: Registry, number: str, until: date) -> bool:
    """Return whether the registry's text of the criteria is another one than that from which ours were written.

    Where that text was not seen whole, the first one that was fetched stands for it.
    """
    hashes = [text for seen in registry.seen_as(number, until) if (text := seen.record.criteria_hash)]
    return bool(hashes) and hashes[-1] != (version.text_hash or hashes[0])


def _judge(criteria: Criteria, looks: Looks, limits: LimitsOn) -> Judged:
    answers = [_answer(row, looks, limits) for row in criteria.rows]
    return Judged(
        criteria,
        tuple(answer.truth for answer in answers),
        tuple(answer.flags for answer in answers),
        looks,
        tuple(answer.old for answer in answers),
    )


@dataclass(frozen=True, slots=True)
class _Answer:
    """The truth in the patient's favour, why it is not simply that of the test, and the results that are too old for it."""

    truth: Truth
    flags: tuple[str, ...] = ()
    old: tuple[str, ...] = ()


def _answer(row: BoundCriterion, looks: Looks, limits: LimitsOn) -> _Answer:
    """Return the answer to one criterion; old results decide nothing, and matter only where the fresh ones do not decide."""
    recorded = row.favour(looks.at(row.node).truth)
    truth = row.truth(looks.facts) if recorded is Truth.UNKNOWN and row.absent else recorded
    if truth is Truth.UNKNOWN:
        return _Answer(truth)
    window = row.criterion.window
    old = _old(row, looks, limits.as_of - timedelta(int(limits.number(window)))) if window else ()
    if old and row.truth({**looks.facts, **{name: unknown(Gap.TOO_OLD, name) for name in old}}) is Truth.UNKNOWN:
        return _Answer(Truth.UNKNOWN, (OLD,), old)
    return _Answer(truth, (ABSENCE_ASSUMED,) if recorded is Truth.UNKNOWN else ())


def _old(row: BoundCriterion, looks: Looks, first: date) -> tuple[str, ...]:
    """Return the measured facts that rest only on results from before a day; one without a date counts as old.

    Ages, sex and illnesses are no results: they do not grow old.
    """
    found = []
    for name in row.measured:
        fact = looks.facts[name]
        if fact.is_known and fact.evidence:
            newest = max((item.date.high for item in fact.evidence if item.date is not None), default=None)
            if newest is None or newest < first:
                found.append(name)
    return tuple(found)


def _flags(trial: Trial, truth: Truth, judged: Judged, failing: tuple[str, ...]) -> tuple[str, ...]:
    flags = [] if trial.exclusions == "curated" else [f"exclusions-{trial.exclusions}"]
    marks = {row.criterion.id: row.criterion.provenance for row in judged.criteria.rows}
    if truth is Truth.NO and failing and all(marks.get(name) != _SURE for name in failing):
        flags.append(UNVERIFIED)
    if truth is Truth.YES and any(mark != _SURE for mark in marks.values()):
        flags.append(UNVERIFIED)
    if truth is not Truth.NO and any(ABSENCE_ASSUMED in found for found in judged.flags):
        flags.append(ABSENCE_ASSUMED)
    return tuple(flags)


def recruitment_of(  # noqa: PLR0913 - the question in full
    trial: Trial, rules: Rules, registry: Registry, as_of: date, known_by: date, stale_days: int
) -> Recruitment:
    """Return what was seen last by the day: in the registry itself, or in the copies that our file cites."""
    until = min(as_of, known_by)
    shipped = trial.sighting_on(until, known_by)
    fetched = _fetched(trial, registry, until)
    if fetched is not None and (shipped is None or shipped.seen is None or fetched.true_on >= shipped.seen):
        record = fetched.record
        return Recruitment(
            status=record.status,
            seen=fetched.day,
            open=open_word(record.status, fetched.true_on, as_of, stale_days),
            source=fetched.source,
            sites=record.sites,
            updated=record.updated,
            why_stopped=record.why_stopped,
        )
    if shipped is None:
        return Recruitment("", None, "unknown", "")
    titles = [rules.library.sources[name].title for name in shipped.sources if name in rules.library.sources]
    by_country = [row for row in trial.sightings if row.country and row.recorded <= known_by]
    return Recruitment(
        status=shipped.status,
        seen=shipped.seen,
        open=open_word(shipped.status, shipped.seen, as_of, stale_days),
        source="; ".join(titles),
        countries=tuple((row.country, row.status) for row in by_country if row.seen is None or row.seen <= until),
        note=shipped.note,
    )


def _fetched(trial: Trial, registry: Registry, until: date) -> Seen | None:
    """Return the newest record by the trial's own number, else by a European number that one study names."""
    if trial.registry_number:
        return registry.latest(trial.registry_number, until)
    joined = {study for row in trial.numbers for study in registry.studies_of(row.number)}
    return registry.latest(joined.pop(), until) if len(joined) == 1 else None
