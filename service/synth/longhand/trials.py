"""Whether a patient fits a trial, in longhand."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from service.synth.longhand.tests import every, holds, names_in, opposite, some
from service.synth.truth import UNKNOWN, UNTOLD

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from service.knowledge.library import Library
    from service.knowledge.trial_rows import TrialCriterion
    from service.synth.longhand.tests import Answer, Values
    from service.synth.truth import Truth


def trial_answers(values: Values, library: Library, as_of: date, truth: Truth | None = None) -> dict[str, Answer]:
    """Return for each listed trial whether the patient fits it, as far as its criteria can be computed.

    `truth` tells how the record tells the values; without it they are what is true, which is never missing and never old.
    """
    found: dict[str, Answer] = {}
    for trial in library.trials.values():
        version = trial.version_on(as_of, max(row.recorded for row in trial.versions)) if trial.listed else None
        if version is None:
            continue
        answers = [_together(version.criteria, values, library, as_of, truth)]
        if version.arms_required:
            answers.append(some(_together(arm.criteria, values, library, as_of, truth) for arm in version.arms))
        found[trial.id] = every(answers)
    return found


def _together(criteria: tuple[TrialCriterion, ...], values: Values, library: Library, as_of: date, truth: Truth | None) -> Answer:
    alone: list[Answer] = []
    alternatives: dict[str, list[Answer]] = {}
    for criterion in criteria:
        if criterion.test is None:
            continue
        answer = _criterion(criterion, values, library, as_of, truth)
        if criterion.any_of:
            alternatives.setdefault(criterion.any_of, []).append(answer)
        elif answer is False:
            return False  # whatever the others say
        else:
            alone.append(answer)
    return every((*alone, *(some(answers) for answers in alternatives.values())))


def _criterion(criterion: TrialCriterion, values: Values, library: Library, as_of: date, truth: Truth | None) -> Answer:
    test = criterion.test
    if test is None:
        raise ValueError(criterion.id)
    seen = values
    if truth is not None and criterion.window:
        seen = {**values, **dict.fromkeys(_old(truth.measured, _days(criterion.window, library), as_of), UNKNOWN)}
    answer = holds(test, seen, library)
    if answer is None and truth is not None and criterion.absence_means:
        missing = {name: value for name, value in criterion.absence_means.items() if truth.how.get(name) == UNTOLD}
        answer = holds(test, {**seen, **missing}, library)
    return opposite(answer) if criterion.kind == "exclusion" else answer


def _old(measured: Mapping[str, date], days: int, as_of: date) -> list[str]:
    return [name for name, day in measured.items() if day < as_of - timedelta(days=days)]


def _days(name: str, library: Library) -> int:
    return int(library.limits[name][-1].value)


def reads(library: Library) -> set[str]:
    """Return all facts that the listed trials read."""
    rows = (row for trial in library.trials.values() if trial.listed for version in trial.versions for row in
            (*version.criteria, *(row for arm in version.arms for row in arm.criteria)))  # fmt: skip
    return {name for row in rows if row.test is not None for name in names_in(row.test, library)}
