"""Risk groups, labels and missing data of facts alone: what the service looks at once for all is looked at here each time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.decisions.indications import judge_labels
from service.decisions.needs import rank_missing
from service.decisions.risk import judge_system, judge_systems

if TYPE_CHECKING:
    from datetime import date

    from service.decisions.bind import Rules
    from service.decisions.predicate import Facts
    from service.decisions.trial_verdicts import TrialVerdict
    from service.decisions.verdicts import Need, RiskVerdict, TherapyVerdict
    from service.knowledge.schema import RiskSystem


def judge_therapies(
    facts: Facts, rules: Rules, as_of: date, known_by: date, regulators: tuple[str, ...]
) -> tuple[TherapyVerdict, ...]:
    """Return one verdict for each product and regulator whose tables have a row for it at any date."""
    return judge_labels(rules.looks(facts), rules, as_of, known_by, regulators)


def judge_risk_groups(facts: Facts, rules: Rules, known_by: date) -> tuple[RiskVerdict, ...]:
    """Return one verdict for each risk system on file."""
    return judge_systems(rules.looks(facts), rules, known_by)


def judge_risk_group(system: RiskSystem, facts: Facts, rules: Rules) -> RiskVerdict:
    """Return the verdict of one system, whatever day its rows were written down."""
    return judge_system(system, rules.looks(facts), rules)


def rank_needs(
    facts: Facts,
    rules: Rules,
    therapies: tuple[TherapyVerdict, ...],
    risk_groups: tuple[RiskVerdict, ...],
    trials: tuple[TrialVerdict, ...] = (),
) -> tuple[Need, ...]:
    """Return what is missing, the item that could decide most first."""
    return rank_missing(rules.looks(facts), rules, therapies, risk_groups, trials)
