"""Every stored story is answered as its rows say; how an expectation is read stands in cases/stories/README.md."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml

from service.cards.compose import CardWriter
from service.cards.wording import load_wording
from service.consultation import Question, assessment_document, consult
from service.record.reader import read_bundle

CASES = Path(__file__).parent / "cases" / "stories"
PATIENTS = Path(__file__).parent.parent / "fixtures" / "patients"


def _asked():
    for path in sorted(CASES.glob("*.yaml")):
        case = yaml.safe_load(path.read_text())
        for expected in case["expect"]:
            day = expected["as_of"]
            yield pytest.param(case["story"], expected, id=f"{case['story']} on {day}")


def _consulted(rules, story, expected):
    as_of = expected["as_of"]
    assert isinstance(as_of, date)
    record = read_bundle((PATIENTS / f"{story}.json").read_bytes(), rules.vocabulary, as_of)
    question = Question(as_of, date(2026, 11, 23), tuple(expected.get("regulators", ("EMA", "AEMPS"))))
    return consult(record, rules, question)


@pytest.mark.parametrize(("story", "expected"), list(_asked()))
def test_the_story_is_answered_as_its_rows_say(rules, story, expected):
    consultation = _consulted(rules, story, expected)
    document = assessment_document(consultation)
    wrong = [
        *_wrong_facts(document["facts"], expected.get("facts", {})),
        *_wrong_therapies(document["therapies"], expected.get("therapies", {})),
        *_wrong_risks(document["riskGroups"], expected.get("risk", {})),
        *_wrong_problems(document["problems"], expected.get("problems", [])),
    ]
    if expected.get("cards") == "none" and CardWriter.of(rules.library, load_wording(), 10).write(consultation).cards:
        wrong.append("there are cards")
    assert not wrong, "\n".join(wrong)


def test_every_stored_patient_has_its_expectations():
    assert {path.stem for path in PATIENTS.glob("*.json")} == {path.stem for path in CASES.glob("*.yaml")}


def _same(value, expected):
    if isinstance(value, dict) and isinstance(expected, int | float):
        return value.get("low") == value.get("high") == expected
    if isinstance(value, dict) and isinstance(expected, dict):
        return all(value.get(member) == limit for member, limit in expected.items())
    return value == expected


def _wrong_facts(facts, expected):
    for name, wanted in expected.items():
        fact = facts[name]
        members = wanted if isinstance(wanted, dict) else {"state": "known", "value": wanted}
        for member, value in members.items():
            right = set(value) <= set(fact["flags"]) if member == "flags" else _same(fact.get(member), value)
            if not right:
                got = f"{fact.get(member)!r} ({fact['state']}, {fact.get('gap')}, {fact.get('rule')})"
                yield f"{name}.{member}: expected {value!r}, got {got}"


def _wrong_therapies(therapies, expected):
    found = {f"{entry['regulator']}/{entry['product']}": entry for entry in therapies}
    if expected == "none":
        if found:
            yield f"there are therapies: {list(found)}"
        return
    for key, wanted in expected.items():
        entry = found.get(key)
        if entry is None:
            yield f"{key}: no entry"
            continue
        if "verdict" in wanted and entry["verdict"] != wanted["verdict"]:
            rows = [
                (row["id"], row["verdict"], [(c["id"], c["truth"], c["needs"]) for c in row["criteria"] if c["truth"] != "yes"])
                for row in entry["indications"]
            ]
            yield f"{key}: expected {wanted['verdict']}, got {entry['verdict']}: {rows}"
        for truth in ("yes", "unknown"):
            ids = {row["id"] for row in entry["indications"] if row["verdict"] == truth}
            if not set(wanted.get(truth, ())) <= ids:
                yield f"{key}: expected {truth} {wanted[truth]}, got {sorted(ids)}"
        for member in ("needs", "flags"):
            if not set(wanted.get(member, ())) <= set(entry[member]):
                yield f"{key}: expected {member} {wanted[member]}, got {entry[member]}"


def _wrong_risks(risks, expected):
    found = {entry["system"]: entry for entry in risks}
    for system, wanted in expected.items():
        entry = found.get(system, {})
        for member, value in wanted.items():
            right = set(entry.get(member, ())) <= set(value) if member == "possible" else entry.get(member) == value
            if member == "needs":
                right = set(value) <= set(entry.get(member, ()))
            if not right:
                yield f"{system}.{member}: expected {value!r}, got {entry.get(member)!r}"


def _wrong_problems(problems, expected):
    for wanted in expected:
        code, where = (wanted, "") if isinstance(wanted, str) else (wanted["code"], wanted.get("where", ""))
        if not any(problem["code"] == code and where in problem["where"] for problem in problems):
            yield f"no problem {code} at {where or 'anywhere'}: {[(p['code'], p['where']) for p in problems]}"
