"""What is missing, and which single item would decide most."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.decisions.bind import criterion_key
from service.decisions.indications import DATE, favour
from service.decisions.risk import possible_groups
from service.decisions.verdicts import Need
from service.facts.catalogue import CATALOGUE
from service.logic.fact import known
from service.logic.truth import Truth, all_of

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
    return any(_decided(open_rows, name, supposed, rules) for supposed in _supposed(name, facts))


def _decided(rows: list[IndicationVerdict], name: str, facts: Facts, rules: Rules) -> bool:
    truths = {_truth_if(row, name, facts, rules) for row in rows}
    return Truth.YES in truths or Truth.UNKNOWN not in truths


def _truth_if(row: IndicationVerdict, name: str, facts: Facts, rules: Rules) -> Truth:
    """Return the truth of a row with the supposed fact: criteria that do not read it stay as they were judged."""
    number = next(number for number, version in enumerate(row.indication.versions) if version is row.version)
    truth = all_of(
        favour(rules.tests[criterion_key(row.indication.id, number, criterion.id)].truth(facts), criterion)
        if name in result.facts
        else result.truth
        for criterion, result in zip(row.version.criteria, row.criteria, strict=True)
    )
    return truth & Truth.UNKNOWN if DATE in row.flags else truth


def _could_decide_risk(name: str, verdict: RiskVerdict, facts: Facts, rules: Rules) -> bool:
    return any(len(possible_groups(verdict.system, supposed, rules).groups) == 1 for supposed in _supposed(name, facts))
