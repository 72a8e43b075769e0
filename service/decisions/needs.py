"""What is missing, and which single item would decide most."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.decisions.indications import judge_indication
from service.decisions.risk import possible_groups
from service.decisions.verdicts import Need
from service.facts.catalogue import CATALOGUE
from service.logic.dated import Force
from service.logic.fact import known
from service.logic.truth import Truth

if TYPE_CHECKING:
    from service.decisions.bind import Rules
    from service.decisions.predicate import Facts
    from service.decisions.verdicts import IndicationVerdict, RiskVerdict, TherapyVerdict


def rank_needs(
    facts: Facts, rules: Rules, therapies: tuple[TherapyVerdict, ...], risk_groups: tuple[RiskVerdict, ...]
) -> tuple[Need, ...]:
    """Return the missing items, the one that could decide most undecided verdicts by itself first."""
    open_therapies = [verdict for verdict in therapies if verdict.verdict == "undetermined"]
    open_risks = [verdict for verdict in risk_groups if verdict.state == "open"]
    mentioned: dict[str, int] = {}
    for missing in (*(verdict.needs for verdict in open_therapies), *(verdict.needs for verdict in open_risks)):
        for name in missing:
            mentioned[name] = mentioned.get(name, 0) + 1
    needs = [_need(name, count, facts, rules, open_therapies, open_risks) for name, count in mentioned.items()]
    return tuple(sorted(needs, key=lambda need: (-need.weight, -need.mentioned, need.fact)))


def _need(  # noqa: PLR0913 - one item against everything that is open
    name: str,
    count: int,
    facts: Facts,
    rules: Rules,
    open_therapies: list[TherapyVerdict],
    open_risks: list[RiskVerdict],
) -> Need:
    ask = rules.library.asks.get(name)
    gap = facts[name].gap if name in facts else None
    return Need(
        fact=name,
        gap=gap.value if gap else "not-recorded",
        ask=ask.ask if ask else name.replace("_", " "),
        order=ask.order if ask else None,
        therapies=tuple(v.key for v in open_therapies if name in v.needs and _could_decide(name, v, facts, rules)),
        trials=(),
        risk_groups=tuple(v.system.system for v in open_risks if name in v.needs and _could_decide_risk(name, v, facts, rules)),
        mentioned=count,
    )


def _supposed(name: str, facts: Facts) -> list[Facts]:
    """Return the facts as they would be if the missing one had each of its possible values."""
    if name not in CATALOGUE:
        return []
    return [{**facts, name: known(value, facts[name].evidence)} for value in CATALOGUE[name].candidates()]


def _could_decide(name: str, verdict: TherapyVerdict, facts: Facts, rules: Rules) -> bool:
    open_rows = [row for row in verdict.indications if row.truth is Truth.UNKNOWN]
    return any(_decided(open_rows, supposed, rules) for supposed in _supposed(name, facts))


def _decided(rows: list[IndicationVerdict], facts: Facts, rules: Rules) -> bool:
    truths = {
        judge_indication(
            row.indication,
            row.indication.versions.index(row.version),
            row.version,
            Force.UNCERTAIN if "date" in row.flags else Force.IN_FORCE,
            facts,
            rules,
        ).truth
        for row in rows
    }
    return Truth.YES in truths or Truth.UNKNOWN not in truths


def _could_decide_risk(name: str, verdict: RiskVerdict, facts: Facts, rules: Rules) -> bool:
    return any(len(possible_groups(verdict.system, supposed, rules).groups) == 1 for supposed in _supposed(name, facts))
