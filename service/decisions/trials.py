"""Trials on facts: which the patient fits, which fail and why, what is missing; recruitment beside it, with its day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.decisions.trial_verdicts import TrialVerdict
from service.decisions.trials_on_file import OPEN_ORDER, trials_on_file
from service.logic.truth import Truth

if TYPE_CHECKING:
    from datetime import date

    from service.decisions.bind import Rules
    from service.decisions.predicate import Looks
    from service.knowledge.registry import Registry


def judge_trials(  # noqa: PLR0913 - the question in full
    looks: Looks, rules: Rules, registry: Registry, as_of: date, known_by: date, stale_days: int
) -> tuple[TrialVerdict, ...]:
    """Return one verdict for each listed trial that was on file: those that fit first, of these the open ones.

    A trial is a NO if any criterion fails, else unknown if any is open, else it fits; where it requires an arm, one that fits
    must be left. `looks` are on the facts of the record and what the caller told of country and study group.
    """
    limits, looks = rules.limits_on(as_of, known_by), rules.own(looks)
    rows = trials_on_file(rules, registry, as_of, known_by, stale_days)
    left: list[TrialVerdict] = []
    failing: list[TrialVerdict] = []  # most: these stand as the rows do
    for row in rows:
        verdict = TrialVerdict(row, looks, limits)
        (failing if verdict.truth is Truth.NO else left).append(verdict)
    left.sort(key=_order)
    return (*left, *failing)


def _order(verdict: TrialVerdict) -> tuple[bool, int, int, str]:
    needs = len(verdict.needs) if verdict.truth is Truth.UNKNOWN else 0
    return verdict.truth is not Truth.YES, OPEN_ORDER[verdict.recruitment.open], needs, verdict.id
