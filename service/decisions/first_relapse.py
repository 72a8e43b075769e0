"""High-risk first relapse where nobody stated it: computed only where two classifications agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.decisions.predicate import unique
from service.logic.fact import known
from service.logic.interval import Interval
from service.logic.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Mapping

    from service.decisions.predicate import Facts
    from service.decisions.verdicts import RiskVerdict
    from service.logic.fact import Fact

FACT = "high_risk_first_relapse"
EUROPEAN, AMERICAN = "INTREALL", "COG1331"


def with_high_risk(facts: Facts, verdicts: tuple[RiskVerdict, ...]) -> Mapping[str, Fact[object]]:
    """Return the facts with the computed high-risk first relapse.

    Only of a relapse that is surely the first: one that may be the second is of no class of first relapses.
    True where IntReALL leaves high risk only and COG high only; False where IntReALL leaves standard risk only and COG excludes
    high. Otherwise the fact stays unknown, flagged `definition-dependent`: labels name no definition.
    """
    if facts[FACT].is_known or facts[FACT].rule != "stated" or facts[FACT].evidence:
        return facts
    number = facts["relapse_count"].value
    if not isinstance(number, Interval) or number.exact != 1:
        return facts
    found = {verdict.system.system: verdict for verdict in verdicts}
    european, american = found.get(EUROPEAN), found.get(AMERICAN)
    if european is None or american is None or "not-applicable" in {european.state, american.state}:
        return facts
    answer = _agreed(european.possible, american.possible)
    if answer is Truth.UNKNOWN:
        return facts
    inputs = ("diagnosis_date", "relapse_date", "relapse_site", "time_to_relapse")
    evidence = tuple(dict.fromkeys(item for name in inputs for item in facts[name].evidence))
    flags = unique(("computed", *(flag for verdict in (european, american) for flag in verdict.flags if flag != "not-in-force")))
    return {**facts, FACT: known(answer is Truth.YES, evidence, rule="relapse-classes-agree", flags=flags)}


def _agreed(european: tuple[str, ...], american: tuple[str, ...]) -> Truth:
    if european == ("HR",) and american == ("High",):
        return Truth.YES
    return Truth.NO if european == ("SR",) and "High" not in american else Truth.UNKNOWN
