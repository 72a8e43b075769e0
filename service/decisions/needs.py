"""What is missing, and which single item would decide most."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from service.decisions.risk import Trying
from service.decisions.verdicts import Need
from service.decisions.what_if import WhatIf
from service.logic.fact import Gap
from service.logic.truth import Truth

if TYPE_CHECKING:
    from service.decisions.bind import Rules
    from service.decisions.predicate import Facts, Looks
    from service.decisions.trial_verdicts import TrialVerdict
    from service.decisions.verdicts import RiskVerdict, TherapyVerdict


def rank_missing(
    looks: Looks,
    rules: Rules,
    therapies: tuple[TherapyVerdict, ...],
    risk_groups: tuple[RiskVerdict, ...],
    trials: tuple[TrialVerdict, ...] = (),
) -> tuple[Need, ...]:
    """Return the missing items, the one that could decide most undecided verdicts by itself first.

    A trial that is known to take no patients asks for nothing.
    """
    looks = rules.own(looks)
    open_risks = [verdict for verdict in risk_groups if verdict.state == "open"]
    lacking: dict[str, _Lacking] = {}
    for therapy in therapies:
        if therapy.verdict == "undetermined":
            for name in therapy.needs:
                _lacking(lacking, name).therapies.append(therapy)
    for group in open_risks:
        for name in group.needs:
            _lacking(lacking, name).risks.append(group)
    for trial in trials:
        if trial.truth is Truth.UNKNOWN and trial.recruitment.open != "no":
            for name in trial.needs:
                _lacking(lacking, name).trials.append(trial)
    trying = {verdict.system.system: Trying(verdict.system, rules, looks) for verdict in open_risks}
    needs = [_need(WhatIf(name, looks, rules, trying), lacked_by) for name, lacked_by in lacking.items()]
    # of two that decide as much, the one that decides on a treatment stands first
    return tuple(
        sorted(needs, key=lambda need: (-need.weight, -len(need.therapies), len(need.risk_groups), -need.mentioned, need.fact))
    )


class _Lacking(NamedTuple):
    """The open verdicts that lack one item."""

    therapies: list[TherapyVerdict]
    risks: list[RiskVerdict]
    trials: list[TrialVerdict]


def _lacking(found: dict[str, _Lacking], name: str) -> _Lacking:
    verdicts = found.get(name)
    if verdicts is None:
        verdicts = found[name] = _Lacking([], [], [])
    return verdicts


def _need(what_if: WhatIf, lacking: _Lacking) -> Need:
    name, looks = what_if.name, what_if.looks
    ask = what_if.rules.library.asks.get(name)
    gap = _gap(looks.facts, name) or _gap(looks.at_diagnosis.facts, name) or _gap_of_known(looks.facts, name, lacking.trials)
    return Need(
        fact=name,
        gap=gap.value,
        ask=ask.ask if ask else name.replace("_", " "),
        order=ask.order if ask else None,
        therapies=tuple([verdict.key for verdict in lacking.therapies if what_if.decides(verdict)]),
        trials=tuple([verdict.id for verdict in lacking.trials if what_if.decides_trial(verdict)]),
        risk_groups=tuple([verdict.system.system for verdict in lacking.risks if what_if.settles(verdict)]),
        mentioned=len(lacking.therapies) + len(lacking.risks) + len(lacking.trials),
    )


def _gap(facts: Facts, name: str) -> Gap | None:
    return facts[name].gap if name in facts else None


def _gap_of_known(facts: Facts, name: str, trials: list[TrialVerdict]) -> Gap:
    """Return why an item that is there is asked for: too old for a trial, or not clear enough for what is open."""
    if name not in facts:
        return Gap.NOT_RECORDED
    judged = (one for trial in trials for one in (trial.judged, *(arm.judged for arm in trial.arms)))
    old = any(name in names for one in judged for names in one.too_old.values())
    return Gap.TOO_OLD if old else Gap.AMBIGUOUS
