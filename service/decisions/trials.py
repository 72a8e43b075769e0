"""Trials on facts: which the patient fits, which fail and why, what is missing; recruitment beside it, with its day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.decisions.trial_verdicts import ArmVerdict, TrialVerdict
from service.decisions.trials_judged import Judged
from service.decisions.trials_on_file import TrialOnFile, trials_on_file

if TYPE_CHECKING:
    from datetime import date

    from service.decisions.bind import LimitsOn, Rules
    from service.decisions.predicate import Looks
    from service.knowledge.registry import Registry

_FIT_ORDER = {"fits": 0, "needs-data": 1, "does-not-fit": 2}
_OPEN_ORDER = {"yes": 0, "stale": 1, "not-yet": 2, "unknown": 3, "no": 4}


def judge_trials(  # noqa: PLR0913 - the question in full
    looks: Looks, rules: Rules, registry: Registry, as_of: date, known_by: date, stale_days: int
) -> tuple[TrialVerdict, ...]:
    """Return one verdict for each listed trial that was on file: those that fit first, of these the open ones.

    `looks` are on the facts of the record and what the caller told of country and study group.
    """
    limits, looks = rules.limits_on(as_of, known_by), rules.own(looks)
    rows = trials_on_file(rules, registry, as_of, known_by, stale_days)
    return tuple(sorted((judge_trial(row, looks, limits) for row in rows), key=_order))


def _order(verdict: TrialVerdict) -> tuple[int, int, int, str]:
    return _FIT_ORDER[verdict.fit], _OPEN_ORDER[verdict.recruitment.open], len(verdict.needs), verdict.id


def judge_trial(row: TrialOnFile, looks: Looks, limits: LimitsOn) -> TrialVerdict:
    """Return the verdict of one trial: NO if any criterion fails, else unknown if any is open, else it fits.

    Where the trial requires an arm, one that fits must be left.
    """
    bound = row.bound
    return TrialVerdict(
        trial=row.trial,
        bound=bound,
        judged=Judged(bound.criteria, row.joint, looks, limits),
        arms=tuple(
            ArmVerdict(arm, Judged(arm.criteria, joint, looks, limits))
            for arm, joint in zip(bound.arms, row.arm_joints, strict=True)
        ),
        recruitment=row.recruitment,
        changed=row.changed,
    )
