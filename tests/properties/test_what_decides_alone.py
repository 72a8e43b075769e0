"""What is said to decide by itself is what trying every value of the missing item on everything shows."""

from dataclasses import replace
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from service.decisions.bind import criterion_key
from service.decisions.indications import favour
from service.decisions.labels_on_file import DATE
from service.facts.catalogue import CATALOGUE
from service.logic.fact import Fact, known, unknown
from service.logic.truth import Truth, all_of
from tests.case_runners.knowledge import shipped_rules
from tests.judged import judge_risk_group, judge_risk_groups, judge_therapies, rank_needs
from tests.properties.test_filling_gaps import DAYS, KNOWN_BY, REGULATORS, exact, loose, names_in_rules


@cache
def rules_with_all_systems_enabled():
    """Tables that are not in use yet count too: they have rows in an order, and features in the place of groups."""
    rules = shipped_rules()
    systems = {name: system.model_copy(update={"enabled": True}) for name, system in rules.library.risk_systems.items()}
    return replace(rules, library=replace(rules.library, risk_systems=systems))


@st.composite
def nearly_whole_records(draw):
    """Facts of which few are missing, so that the missing ones often decide."""
    on = draw(st.sampled_from(DAYS))
    facts: dict[str, Fact[object]] = {name: unknown() for name in CATALOGUE}
    how_full = draw(st.integers(1, 8))
    for name in names_in_rules():
        spec = CATALOGUE[name]
        if exact(spec, on) is not None and draw(st.integers(0, how_full)):
            facts[name] = known(draw(loose(spec, on)))
    if draw(st.integers(0, 3)):
        facts["disease"] = known("bcp-all")
    return on, facts


def all_suppositions(name, facts):
    values = CATALOGUE[name].candidates() if name in CATALOGUE else ()
    return [{**facts, name: known(value)} for value in values]


def truth_of_row(row, name, facts, rules):
    number = row.indication.versions.index(row.version)
    truth = all_of(
        favour(rules.tests[criterion_key(row.indication.id, number, criterion.id)].truth(facts), criterion)
        if name in result.facts
        else result.truth
        for criterion, result in zip(row.version.criteria, row.criteria, strict=True)
    )
    return truth & Truth.UNKNOWN if DATE in row.flags else truth


def decides(name, verdict, facts, rules):
    rows = [row for row in verdict.indications if row.truth is Truth.UNKNOWN]
    tried = [{truth_of_row(row, name, supposed, rules) for row in rows} for supposed in all_suppositions(name, facts)]
    return any(Truth.YES in truths or Truth.UNKNOWN not in truths for truths in tried)


def settles(name, verdict, facts, rules):
    tried = [judge_risk_group(verdict.system, supposed, rules).state for supposed in all_suppositions(name, facts)]
    return "decided" in tried or "not-applicable" in tried


@given(nearly_whole_records())
@settings(max_examples=200)
def test_an_item_decides_alone_what_one_of_its_values_decides(record):
    on, facts = record
    rules = rules_with_all_systems_enabled()
    therapies = judge_therapies(facts, rules, on, KNOWN_BY, REGULATORS)
    groups = judge_risk_groups(facts, rules, KNOWN_BY)
    for need in rank_needs(facts, rules, therapies, groups):
        wanted = [
            verdict.key
            for verdict in therapies
            if verdict.verdict == "undetermined" and need.fact in verdict.needs and decides(need.fact, verdict, facts, rules)
        ]
        settled = [
            verdict.system.system
            for verdict in groups
            if verdict.state == "open" and need.fact in verdict.needs and settles(need.fact, verdict, facts, rules)
        ]
        assert (list(need.therapies), list(need.risk_groups)) == (wanted, settled), need.fact
