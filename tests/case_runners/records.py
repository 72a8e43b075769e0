"""Record cases: a bundle through the real reader and the real facts, compared with what the record says."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import orjson

from service.decisions.first_relapse import high_risk
from service.facts.catalogue import CATALOGUE, Kind
from service.facts.derived import Derived, derive_facts
from service.logic.dates import Age, PartialDate
from service.logic.fact import Fact, State
from service.logic.interval import Interval
from service.record.reader import read_bundle
from tests.case_runners.case_files import named_cases
from tests.case_runners.knowledge import shipped_rules
from tests.case_runners.shorthand import bundle
from tests.case_runners.values import interval
from tests.judged import judge_risk_groups

KNOWN_BY = date(2026, 11, 22)


def record_cases() -> Iterator[tuple[str, dict[str, Any]]]:
    yield from named_cases("facts")


def derived_from(body: bytes, as_of: date) -> tuple[Derived, list[str]]:
    """Return the facts of a bundle and the codes of all problems, as asked for on the day of the knowledge."""
    rules = shipped_rules()
    record = read_bundle(body, rules.vocabulary, as_of, is_past=as_of < KNOWN_BY)
    derived = derive_facts(record, rules.limits_on(as_of, KNOWN_BY), as_of)
    facts = {**derived.facts, **high_risk(derived.facts, judge_risk_groups(derived.facts, rules, KNOWN_BY))}
    derived = replace(derived, facts=facts)
    return derived, [problem.code for problem in (*record.problems, *derived.problems)]


def differences(case: dict[str, Any]) -> list[str]:
    """Return what differs from the expectations of a case, in words."""
    as_of = case.get("as_of", case["file"].get("as_of", KNOWN_BY))
    body = orjson.dumps(bundle(case["record"], bare=case.get("bare", False)))
    derived, problems = derived_from(body, as_of)
    found = [
        f"{name}: expected {expected!r}, found {derived.facts[name]!r}"
        for name, expected in case.get("expect", {}).items()
        if not _agrees(derived.facts[name], expected, CATALOGUE[name].kind)
    ]
    found += [f"the problem {code!r} is missing among {problems}" for code in case.get("problems", ()) if code not in problems]
    found += [f"there should be no problem {code!r}" for code in case.get("no_problems", ()) if code in problems]
    if "reported" in case:
        reported = [f"{risk.system}:{risk.group}" for risk in derived.reported_risks]
        if reported != case["reported"]:
            found.append(f"reported risk groups: expected {case['reported']}, found {reported}")
    return found


def _agrees(fact: Fact[object], expected: object, kind: Kind) -> bool:
    if not isinstance(expected, dict):
        return _is(fact, expected, kind)
    beside = dict(fact.beside)
    checks = {
        "is": lambda value: _is(fact, value, kind),
        "not": lambda value: not _is(fact, value, kind),
        "state": lambda value: fact.state.value == value,
        "gap": lambda value: fact.gap is not None and fact.gap.value == value,
        "flags": lambda value: set(value) <= set(fact.flags),
        "flags_not": lambda value: set(value).isdisjoint(fact.flags),
        "needs": lambda value: bool(fact.needs) is value,
        "evidence": lambda value: {item.reference for item in fact.evidence} == set(value),
        "says": lambda value: [item.text for item in fact.evidence] == value,
    }
    return all(
        checks[key](value)
        if key in checks
        else _same(beside.get(key), value, Kind.NUMBER if isinstance(value, (int, float)) else kind)
        for key, value in expected.items()
    )


def _is(fact: Fact[object], expected: object, kind: Kind) -> bool:
    match expected:
        case "known" | "unknown" | "conflicting":
            return fact.state.value == expected
        case "not-known":
            return fact.state is not State.KNOWN
        case "open":
            return fact.state is not State.KNOWN or (isinstance(fact.value, Interval) and fact.value.exact is None)
        case _:
            return fact.state is State.KNOWN and _same(fact.value, expected, kind)


def _same(value: object, expected: object, kind: Kind) -> bool:
    match value:
        case Interval():
            return _from_zero(value) == _from_zero(interval(expected))
        case Decimal():
            return value == Decimal(str(expected))
        case PartialDate():
            return value.text == str(expected)
        case Age():
            return value.years == (expected, expected) if kind is Kind.AGE else False
        case tuple():
            return [item.text if isinstance(item, PartialDate) else item for item in value] == expected
        case _:
            return type(value) is type(expected) and value == expected


def _from_zero(value: Interval) -> Interval:
    """Return the interval with nothing below zero: none of our numbers can be negative."""
    return Interval(Decimal(0), value.high, True, value.high_inclusive) if value.low is None else value
