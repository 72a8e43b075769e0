"""What is missing, and which single item would decide most."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.decisions.risk import Trying
from service.decisions.verdicts import Need
from service.decisions.what_if import WhatIf

if TYPE_CHECKING:
    from service.decisions.bind import Rules
    from service.decisions.predicate import Facts, Looks
    from service.decisions.trial_verdicts import TrialVerdict
    from service.decisions.verdicts import RiskVerdict, TherapyVerdict


def rank_needs(
    facts: Facts,
    rules: Rules,
    therapies: tuple[TherapyVerdict, ...],
    risk_groups: tuple[RiskVerdict, ...],
    trials: tuple[TrialVerdict, ...] = (),
) -> tuple[Need, ...]:
    """Return the missing items, the one that could decide most undecided verdicts by itself first.

    A trial that is known to take no patients asks for nothing.
    """
    return rank_missing(rules.looks(facts), rules, therapies, risk_groups, trials)


def rank_missing(
    looks: Looks,
    rules: Rules,
    therapies: tuple[TherapyVerdict, ...],
    risk_groups: tuple[RiskVerdict, ...],
    trials: tuple[TrialVerdict, ...] = (),
) -> tuple[Need, ...]:
    """Return the same for facts that were looked at already."""
    looks = rules.own(looks)
    open_therapies = [verdict for verdict in therapies if verdict.verdict == "undetermined"]
    open_risks = [verdict for verdict in risk_groups if verdict.state == "open"]
    open_trials = [verdict for verdict in trials if verdict.fit == "needs-data" and verdict.recruitment.open != "no"]
    mentioned: dict[str, int] = {}
    verdicts: tuple[TherapyVerdict | RiskVerdict | TrialVerdict, ...] = (*open_therapies, *open_risks, *open_trials)
    for verdict in verdicts:
        for name in verdict.needs:
            mentioned[name] = mentioned.get(name, 0) + 1
    trying = {verdict.system.system: Trying(verdict.system, rules, looks) for verdict in open_risks}
    needs = [
        _need(WhatIf(name, looks, rules, trying), count, open_therapies, open_risks, open_trials)
        for name, count in mentioned.items()
    ]
    # of two that decide as much, the one that decides on a treatment stands first
    return tuple(
        sorted(needs, key=lambda need: (-need.weight, -len(need.therapies), len(need.risk_groups), -need.mentioned, need.fact))
    )


def _need(
    what_if: WhatIf,
    count: int,
    open_therapies: list[TherapyVerdict],
    open_risks: list[RiskVerdict],
    open_trials: list[TrialVerdict],
) -> Need:
    name, facts = what_if.name, what_if.looks.facts
    ask = what_if.rules.library.asks.get(name)
    gap = facts[name].gap if name in facts else None
    return Need(
        fact=name,
        gap=gap.value if gap else "not-recorded",
        ask=ask.ask if ask else name.replace("_", " "),
        order=ask.order if ask else None,
        therapies=tuple(verdict.key for verdict in open_therapies if name in verdict.needs and what_if.decides(verdict)),
        trials=tuple(verdict.id for verdict in open_trials if name in verdict.needs and what_if.decides_trial(verdict)),
        risk_groups=tuple(verdict.system.system for verdict in open_risks if name in verdict.needs and what_if.settles(verdict)),
        mentioned=count,
    )
