"""Whole assessments of the bundles that the record cases describe: the material for laws that hold for every record."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

import orjson

from service.consultation import Consultation, Question, assessment_document, consult
from service.decisions.first_relapse import high_risk
from service.decisions.risk import compare_reported, judge_systems
from service.facts.derived import derive_facts
from service.facts.disease_names import NOT_ANSWERED
from service.facts.episodes import facts_at_diagnosis, facts_now
from service.record.reader import read_bundle
from tests.case_runners.knowledge import shipped_rules
from tests.case_runners.records import KNOWN_BY, record_cases
from tests.case_runners.shorthand import bundle
from tests.judged import judge_therapies

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


def judged_for_therapies(body: bytes, as_of: date) -> Consultation:
    """Return a consultation that judged therapies alone: no trials, and nothing of what a missing datum would decide.

    A third of the work; a law compares its verdicts with those of whole consultations.
    """
    rules, question = shipped_rules(), Question(as_of, KNOWN_BY, REGULATORS)
    record = read_bundle(body, rules.vocabulary, as_of)
    derived = derive_facts(record, rules.limits_on(as_of, KNOWN_BY), as_of)
    disease = derived.facts["disease"]
    answered = disease.is_known and disease.value not in NOT_ANSWERED
    now, then = (facts_now(derived.view), facts_at_diagnosis(derived.view)) if answered else ({}, {})
    groups = judge_systems(rules.looks(derived.facts).of_episodes(now, then), rules, KNOWN_BY) if answered else ()
    groups, differing = compare_reported(groups, derived.reported_risks)
    facts = {**derived.facts, **high_risk(derived.facts, groups)}
    return Consultation(
        patient=record.reference,
        question=question,
        knowledge_version=rules.library.version,
        knowledge_digest=rules.library.digest,
        facts=facts,
        risk_groups=groups,
        therapies=judge_therapies({**facts, **now}, rules, as_of, KNOWN_BY, REGULATORS) if answered else (),
        needs=(),
        problems=(*record.problems, *derived.problems, *differing),
    )


def assessment(body: bytes, as_of: date) -> Any:
    """Return the assessment as a client would read it."""
    return orjson.loads(orjson.dumps(assessment_document(consultation(body, as_of))))
