"""Records with a relapse through a whole consultation: what counts for the diagnosis, and what counts for now."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import orjson

from service.consultation import Consultation, Question, consult
from service.consultation.orders import consult_orders
from service.decisions.orders import Ordered
from service.facts.episodes import facts_at_diagnosis
from service.logic.fact import Fact
from service.logic.interval import Interval
from service.record.reader import read_bundle
from tests.case_runners.case_files import named_cases
from tests.case_runners.knowledge import shipped_rules
from tests.case_runners.shorthand import bundle

KNOWN_BY = date(2026, 11, 22)


def episode_cases() -> Iterator[tuple[str, dict[str, Any]]]:
    yield from named_cases("episodes")


def differences(case: dict[str, Any]) -> list[str]:
    """Return what differs from the expectations of a case, in words."""
    found = _consulted(case)
    assert found.view is not None
    at_diagnosis = {**found.facts, **facts_at_diagnosis(found.view)}
    said = {
        "facts": {name: _word(found.facts[name]) for name in case.get("facts", ())},
        "at_diagnosis": {name: _word(at_diagnosis[name]) for name in case.get("at_diagnosis", ())},
        "now": {name: _word(found.now[name]) for name in case.get("now", ())},
        "cautions": {
            caution.caution.id: caution.truth.word
            for therapy in found.therapies
            for caution in therapy.cautions
            if caution.caution.id in case.get("cautions", ())
        },
    }
    wrong = [f"{part}: expected {case[part]}, found {is_so}" for part, is_so in said.items() if case.get(part, {}) != is_so]
    held = [caution for caution, word in case.get("cautions", {}).items() if word == "yes"]
    if set(held) != _held_of_order(found) & set(case.get("cautions", held)):
        wrong.append(f"an order: expected the cautions {held}")
    wrong += [
        f"{trial} {row}: expected {word}, found {is_so}"
        for trial, rows in case.get("criteria", {}).items()
        for row, word in rows.items()
        if (is_so := _criterion(found, trial, row)) != word
    ]
    for system, expected in case.get("risk", {}).items():
        (group,) = [verdict for verdict in found.risk_groups if verdict.system.system == system]
        if group.state != expected["state"] or not set(expected.get("needs", ())) <= set(group.needs):
            wrong.append(f"{system}: expected {expected}, found {group.state} {group.needs}")
        for name in expected.get("needs", ()):
            if name not in [need.fact for need in found.needs]:
                wrong.append(f"{name} is not among the needs")
    return wrong


def _consulted(case: dict[str, Any]) -> Consultation:
    file = case["file"]
    lines = [*file["common"], *([] if case.get("without_relapse") else file["relapse"]), *case["record"]]
    rules, body = shipped_rules(), orjson.dumps(bundle(lines, bare=True))
    return consult(read_bundle(body, rules.vocabulary, file["as_of"]), rules, Question(file["as_of"], KNOWN_BY, ("EMA",)))


def _held_of_order(found: Consultation) -> set[str]:
    """Return the cautions that orders of all products in the same chart are answered with."""
    rules = shipped_rules()
    ordered = tuple(Ordered(therapy, ()) for therapy in rules.library.therapies.values())
    return {held.found.caution.id for verdict in consult_orders(found, rules, ordered) for held in verdict.cautions}


def _word(fact: Fact[object]) -> object:
    if isinstance(fact.value, Interval) and fact.value.exact is not None:
        return int(fact.value.exact)
    return fact.value if fact.is_known else fact.gap.value if fact.gap else fact.state.value


def _criterion(found: Consultation, trial: str, row: str) -> str:
    (verdict,) = [verdict for verdict in found.trials if verdict.id == trial]
    (criterion,) = [criterion for criterion in verdict.judged.results() if criterion.id == row]
    return criterion.truth.word
