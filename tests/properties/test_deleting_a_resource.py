"""Missing data never makes an option: only taking away what spoke against it can."""

import random

import pytest

from tests.case_runners.assessments import assessment_without_trials, body_of, bundles, findings, resources

WORTH_IT = 4  # a patient, a diagnosis and two findings


FILES = sorted({name.partition(": ")[0] for name, _, body in bundles() if len(resources(body)) >= WORTH_IT})


@pytest.mark.parametrize("file", FILES)
def test_deleting_a_resource_creates_no_option_unless_it_spoke_against_it(file):
    for name, as_of, body in bundles():
        if name.partition(": ")[0] == file and len(resources(body)) >= WORTH_IT:
            _check(name, as_of, resources(body))


def test_deleting_a_resource_of_a_mixed_record_creates_no_option_unless_it_spoke_against_it():
    chance = random.Random(2)  # noqa: S311 - repeatable, nothing secret
    lines = findings()
    ready = _nearly_eligible()
    patient = {"resourceType": "Patient", "id": "p", "birthDate": "1990-06-15", "gender": "female"}
    day = bundles()[0][1]
    made = 0
    for _ in range(120):
        mixed = [*chance.sample(ready, chance.randint(3, len(ready))), *chance.sample(lines, 4)]
        made += _check("mixed", day, [patient, *({**line, "id": f"m{number}"} for number, line in enumerate(mixed))])
    assert made, "no deletion ever made an option: these records try nothing"


def _check(name, as_of, found):
    """Return how many options deletions made, each of them by taking away what spoke against it."""
    made = 0
    before = assessment_without_trials(body_of(found), as_of)
    for taken in found:
        if taken["resourceType"] == "Patient":
            continue
        after = assessment_without_trials(body_of([item for item in found if item is not taken]), as_of)
        reference = f"{taken['resourceType']}/{taken['id']}"
        options = {_key(entry) for entry in after["therapies"] if entry["verdict"] == "on-label"}
        for entry in before["therapies"]:
            if entry["verdict"] in {"undetermined", "not-on-label"} and _key(entry) in options:
                assert reference in _contrary(before, entry), f"{name}: without {reference}, {_key(entry)} is on label"
                made += 1
    return made


def _key(entry):
    return entry["regulator"], entry["product"]


def _contrary(before, entry):
    """Return what spoke against an option: evidence of criteria not met, of the facts they read, of a conflict."""
    blocking = [row for indication in entry["indications"] for row in indication["criteria"] if row["truth"] != "yes"]
    facts = [before["facts"][fact] for row in blocking for fact in row["facts"]]
    return (
        {reference for row in blocking for reference in row["evidence"]}
        | {item["reference"] for fact in facts for item in (*fact["evidence"], *fact.get("setAside", ()))}
        | {
            place.split()[0]
            for problem in before["problems"]
            if problem["code"] == "conflict"
            for place in problem["where"].split(", ")
        }
    )


def _nearly_eligible():
    """Return lines that together make an adult in first relapse eligible."""

    def stated(code, **value):
        coding = [{"system": "urn:all-cds:facts", "code": code}]
        return {
            "resourceType": "Observation",
            "status": "final",
            "subject": {"reference": "Patient/p"},
            "effectiveDateTime": "2026-10-01",
            "code": {"coding": coding},
            **value,
        }

    def word(code):
        return {"valueCodeableConcept": {"coding": [{"system": "urn:all-cds:facts", "code": code}]}}

    marker = {"code": {"coding": [{"system": "urn:all-cds:facts", "code": "marker"}]}, **word("ph")}
    diagnosis = {
        "resourceType": "Condition",
        "subject": {"reference": "Patient/p"},
        "onsetDateTime": "2025-02-03",
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "277571004"}]},
    }
    return [
        diagnosis,
        stated("disease-state", **word("relapsed")),
        stated("cd19-blasts", **word("positive")),
        stated("cd22-blasts", **word("positive")),
        stated("genetic-marker", valueBoolean=False, component=[marker]),
        stated("relapse-number", valueInteger=1),
    ]
