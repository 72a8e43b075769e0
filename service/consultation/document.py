"""The assessment: one consultation as the document that testers, pages and cohorts read."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from service.consultation.criterion_document import criterion_document
from service.consultation.trial_document import trial_documents
from service.logic.dates import Age, PartialDate
from service.logic.interval import Interval

if TYPE_CHECKING:
    from service.consultation.consult import Consultation
    from service.consultation.timeline import Item
    from service.decisions.verdicts import (
        Allocation,
        CautionResult,
        IndicationVerdict,
        Need,
        RiskVerdict,
        TherapyVerdict,
    )
    from service.logic.fact import Evidence, Fact
    from service.record.record import Problem

Json = dict[str, object]
_LARGEST_WHOLE = 1 << 53  # every reader of JSON has all whole numbers up to here


def assessment_document(consultation: Consultation) -> Json:
    """Return the assessment as JSON-ready values; the shape is fixed, members may be added."""
    question = consultation.question
    return {
        "patient": consultation.patient,
        "asOf": question.as_of.isoformat(),
        "knownBy": question.known_by.isoformat(),
        "regulators": list(question.regulators),
        "country": question.country or None,
        "knowledge": {"version": consultation.knowledge_version, "digest": consultation.knowledge_digest},
        "facts": {name: _fact(fact) for name, fact in consultation.facts.items()},
        "riskGroups": [_risk(verdict) for verdict in consultation.risk_groups],
        "therapies": [_therapy(verdict) for verdict in consultation.therapies],
        "trials": trial_documents(consultation),
        "needs": [_need(need) for need in consultation.needs],
        "problems": [_problem(problem) for problem in consultation.problems],
        "timeline": [_item(item) for item in consultation.timeline()],
    }


def plain(value: object) -> object:
    """Return a fact's value as JSON: numbers as numbers, open intervals as their limits, dates as written."""
    match value:
        case Interval():
            return _number(value.exact) if value.exact is not None else _limits(value)
        case Age():
            low, high = value.years
            return low if low == high else {"low": low, "high": high, "lowInclusive": True, "highInclusive": True}
        case PartialDate():
            return value.text
        case Decimal():
            return _number(value)
        case tuple():
            return [plain(item) for item in value]
        case _:
            return value


def _number(value: Decimal) -> int | float:
    whole = value == value.to_integral_value() and abs(value) <= _LARGEST_WHOLE
    return int(value) if whole else float(value)


def _limits(value: Interval) -> Json:
    return {
        "low": None if value.low is None else _number(value.low),
        "high": None if value.high is None else _number(value.high),
        "lowInclusive": value.low_inclusive,
        "highInclusive": value.high_inclusive,
    }


def _evidence(item: Evidence) -> Json:
    return {"reference": item.reference, "path": item.path, "date": item.date.text if item.date else None, "text": item.text}


def _fact(fact: Fact[object]) -> Json:
    shown: Json = {"state": fact.state.value}
    if fact.is_known:
        shown["value"] = plain(fact.value)
        if isinstance(fact.value, PartialDate):
            shown["precision"] = fact.value.precision
        if fact.unit:
            shown["unit"] = fact.unit
    else:
        if fact.gap is not None:
            shown["gap"] = fact.gap.value
        shown["needs"] = list(fact.needs)
    for name, value in fact.beside:
        shown[name] = plain(value)
    shown["evidence"] = [_evidence(item) for item in fact.evidence]
    shown["flags"] = list(fact.flags)
    if fact.rule:
        shown["rule"] = fact.rule
    if fact.set_aside:
        shown["setAside"] = [_evidence(item) for item in fact.set_aside]
    return shown


def _indication(verdict: IndicationVerdict) -> Json:
    version = verdict.version
    return {
        "id": verdict.indication.id,
        "verdict": verdict.truth.word,
        "says": verdict.indication.says,
        "setting": verdict.indication.setting,
        "effective": version.effective.isoformat(),
        "until": version.until.isoformat() if version.until else None,
        "status": version.status,
        "verification": version.verification.value,
        "unverified": list(version.unverified),
        "interpretation": list(version.interpretation),
        "sources": list(version.sources),
        "readOn": version.read_on.isoformat(),
        "criteria": [criterion_document(result) for result in verdict.criteria],
        "flags": list(verdict.flags),
    }


def _caution(result: CautionResult) -> Json:
    caution = result.caution
    return {
        "id": caution.id,
        "level": caution.level,
        "truth": result.truth.word,
        "text": caution.text,
        "source": ", ".join(caution.sources) or "unverified",
        "verification": caution.verification.value,
        "evidence": list(result.evidence),
        "needs": list(result.needs),
    }


def _therapy(verdict: TherapyVerdict) -> Json:
    return {
        "product": verdict.therapy.product,
        "regulator": verdict.regulator,
        "verdict": verdict.verdict,
        "indications": [_indication(indication) for indication in verdict.indications],
        "needs": list(verdict.needs),
        "cautions": [_caution(caution) for caution in verdict.cautions],
        "flags": list(verdict.flags),
        "questions": [
            {"id": question.id, "question": question.question, "says": question.line, "citation": question.citation}
            for question in verdict.questions
        ],
    }


def _risk(verdict: RiskVerdict) -> Json:
    return {
        "system": verdict.system.system,
        "state": verdict.state,
        "group": verdict.group,
        "possible": list(verdict.possible),
        "row": verdict.row,
        "needs": list(verdict.needs),
        "evidence": list(verdict.evidence),
        "question": verdict.question,
        "flags": list(verdict.flags),
        "candidate": verdict.candidate,
        "recorded": verdict.recorded,
        "allocation": _allocation(verdict.allocation) if verdict.allocation else None,
    }


def _allocation(allocation: Allocation) -> Json:
    return {
        "state": "open" if allocation.to is None else "decided",
        "to": allocation.to,
        "possible": list(allocation.possible),
        "row": allocation.row,
        "needs": list(allocation.needs),
        "evidence": list(allocation.evidence),
        "says": allocation.rule.says,
        "flags": list(allocation.flags),
    }


def _need(need: Need) -> Json:
    order = need.order
    return {
        "fact": need.fact,
        "gap": need.gap,
        "ask": need.ask,
        "order": {"system": order.system, "code": order.code, "display": order.display} if order else None,
        "wouldDecide": {"therapies": list(need.therapies), "trials": list(need.trials), "riskGroups": list(need.risk_groups)},
    }


def _item(item: Item) -> Json:
    shown: Json = {
        "date": item.date.text if item.date else None,
        "precision": item.date.precision if item.date else None,
        "kind": item.kind,
        "text": item.text,
        "reference": item.reference,
    }
    if item.end is not None:
        shown["end"] = item.end.text
    if item.value is not None:
        shown |= {"value": plain(item.value), "unit": item.unit}
    if item.limit is not None:
        shown["limit"] = plain(item.limit)
    for name, word in (("method", item.method), ("measure", item.measure), ("answer", item.answer), ("specimen", item.specimen)):
        if word:
            shown[name] = word
    shown |= {name: True for name, holds in (("ordered", item.ordered), ("perhaps", item.perhaps)) if holds}
    return shown


def _problem(problem: Problem) -> Json:
    return {"severity": problem.severity, "code": problem.code, "where": problem.where, "text": problem.text}
