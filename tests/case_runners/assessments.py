"""Whole assessments of the bundles that the record cases describe: the material for laws that hold for every record."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import orjson

from service.consultation import Consultation, Question, assessment_document, consult
from service.decisions.bind import Rules
from service.facts.derived import derive_facts
from service.record.reader import read_bundle
from tests.case_runners.knowledge import shipped_rules
from tests.case_runners.records import KNOWN_BY, record_cases
from tests.case_runners.shorthand import bundle

REGULATORS = ("EMA", "FDA", "AEMPS")


@cache
def bundles() -> tuple[tuple[str, date, bytes], ...]:
    """Return name, day and body of the bundle of every record case."""
    return tuple(
        (
            name,
            case.get("as_of", case["file"].get("as_of", KNOWN_BY)),
            orjson.dumps(bundle(case["record"], bare=case.get("bare", False))),
        )
        for name, case in record_cases()
    )


def resources(body: bytes) -> list[dict[str, Any]]:
    """Return the resources of a bundle."""
    return [entry["resource"] for entry in orjson.loads(body)["entry"]]


def findings() -> list[dict[str, Any]]:
    """Return the resources of all bundles that say something about a patient, to mix new records from."""
    return [item for _, _, body in bundles() for item in resources(body) if item["resourceType"] not in {"Patient", "Medication"}]


def body_of(found: Sequence[Mapping[str, Any]]) -> bytes:
    """Return a bundle of resources."""
    return orjson.dumps({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": item} for item in found]})


def consultation(body: bytes, as_of: date) -> Consultation:
    rules = shipped_rules()
    return consult(read_bundle(body, rules.vocabulary, as_of), rules, Question(as_of, KNOWN_BY, REGULATORS))


def facts_and_course(body: bytes, as_of: date) -> Any:
    """Return an assessment in which nothing was decided: its facts and its timeline are those of the whole one."""
    rules = shipped_rules()
    record = read_bundle(body, rules.vocabulary, as_of)
    derived = derive_facts(record, rules.limits_on(as_of, KNOWN_BY), as_of)
    undecided = Consultation(
        patient=record.reference,
        question=Question(as_of, KNOWN_BY, REGULATORS),
        knowledge_version=rules.library.version,
        knowledge_digest=rules.library.digest,
        facts=derived.facts,
        risk_groups=(),
        therapies=(),
        needs=(),
        problems=record.problems,
        view=derived.view,
    )
    return orjson.loads(orjson.dumps(assessment_document(undecided)))


@cache
def _rules_without_trials() -> Rules:
    rules = shipped_rules()
    return replace(rules, library=replace(rules.library, trials={}), trials={})


def assessment_without_trials(body: bytes, as_of: date) -> Any:
    """Return the assessment of a library without trials: what is asked of therapies is answered in a fraction of the time."""
    rules = _rules_without_trials()
    question = Question(as_of, KNOWN_BY, REGULATORS)
    found = consult(read_bundle(body, rules.vocabulary, as_of), rules, question)
    return orjson.loads(orjson.dumps(assessment_document(found)))


def assessment(body: bytes, as_of: date) -> Any:
    """Return the assessment as a client would read it."""
    return orjson.loads(orjson.dumps(assessment_document(consultation(body, as_of))))
