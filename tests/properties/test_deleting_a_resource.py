"""Missing data never makes an option: only taking away what spoke against it can."""

import random
from functools import cache

import pytest

from service.logic.truth import Truth
from tests.case_runners.assessments import body_of, bundles, consultation, findings, judged_for_therapies, resources

WORTH_IT = 4  # a patient, a diagnosis and two findings
MIXED_RECORDS = 120
PARTS = 6  # tests of some seconds each, so that the processes share them


FILES = sorted({name.partition(": ")[0] for name, _, body in bundles() if len(resources(body)) >= WORTH_IT})


@pytest.mark.parametrize("file", FILES)
def test_deleting_a_resource_creates_no_option_unless_it_spoke_against_it(file):
    for name, as_of, body in bundles():
        if name.partition(": ")[0] == file and len(resources(body)) >= WORTH_IT:
            _check(name, as_of, resources(body))


@pytest.mark.parametrize("part", range(PARTS))
def test_deleting_a_resource_of_a_mixed_record_creates_no_option_unless_it_spoke_against_it(part):
    for record in _mixed_records()[part::PARTS]:
        _check("mixed", bundles()[0][1], record)


def test_a_deletion_does_make_an_option_where_two_results_contradict_each_other():
    record = _record([*_nearly_eligible(), _stated("cd19-blasts", **_word("negative"))])
    assert _check("contradicting", bundles()[0][1], record), "no deletion made an option: the law tries nothing"


@cache
def _mixed_records():
    chance = random.Random(2)  # noqa: S311 - repeatable, nothing secret
    lines = findings()
    ready = _nearly_eligible()
    return [
        _record([*chance.sample(ready, chance.randint(3, len(ready))), *chance.sample(lines, 4)]) for _ in range(MIXED_RECORDS)
    ]


def _record(lines):
    patient = {"resourceType": "Patient", "id": "p", "birthDate": "1990-06-15", "gender": "female"}
    return [patient, *({**line, "id": f"m{number}"} for number, line in enumerate(lines))]


def test_what_is_judged_for_therapies_alone_is_what_the_whole_consultation_says():
    for _, as_of, body in bundles()[::40]:
        alone, whole = judged_for_therapies(body, as_of), consultation(body, as_of)
        assert (alone.facts, alone.therapies, alone.problems) == (whole.facts, whole.therapies, whole.problems)


def _check(name, as_of, found):
    """Return how many options deletions made, each of them by taking away what spoke against it."""
    made = 0
    before = judged_for_therapies(body_of(found), as_of)
    without_option = [entry for entry in before.therapies if entry.verdict in {"undetermined", "not-on-label"}]
    for taken in found:
        if taken["resourceType"] == "Patient":
            continue
        after = judged_for_therapies(body_of([item for item in found if item is not taken]), as_of)
        reference = f"{taken['resourceType']}/{taken['id']}"
        options = {entry.key for entry in after.therapies if entry.verdict == "on-label"}
        for entry in without_option:
            if entry.key in options:
                assert reference in _contrary(before, entry), f"{name}: without {reference}, {entry.key} is on label"
                made += 1
    return made


def _contrary(before, entry):
    """Return what spoke against an option: evidence of criteria not met, of the facts they read, of a conflict."""
    blocking = [row for indication in entry.indications for row in indication.criteria if row.truth is not Truth.YES]
    facts = [before.facts[fact] for row in blocking for fact in row.facts]
    return (
        {reference for row in blocking for reference in row.evidence}
        | {item.reference for fact in facts for item in (*fact.evidence, *fact.set_aside)}
        | {place.split()[0] for problem in before.problems if problem.code == "conflict" for place in problem.where.split(", ")}
    )


def _stated(code, **value):
    coding = [{"system": "urn:all-cds:facts", "code": code}]
    return {
        "resourceType": "Observation",
        "status": "final",
        "subject": {"reference": "Patient/p"},
        "effectiveDateTime": "2026-10-01",
        "code": {"coding": coding},
        **value,
    }


def _word(code):
    return {"valueCodeableConcept": {"coding": [{"system": "urn:all-cds:facts", "code": code}]}}


def _nearly_eligible():
    """Return lines that together make an adult in first relapse eligible."""

    marker = {"code": {"coding": [{"system": "urn:all-cds:facts", "code": "marker"}]}, **_word("ph")}
    diagnosis = {
        "resourceType": "Condition",
        "subject": {"reference": "Patient/p"},
        "onsetDateTime": "2025-02-03",
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "277571004"}]},
    }
    return [
        diagnosis,
        _stated("disease-state", **_word("relapsed")),
        _stated("cd19-blasts", **_word("positive")),
        _stated("cd22-blasts", **_word("positive")),
        _stated("genetic-marker", valueBoolean=False, component=[marker]),
        _stated("relapse-number", valueInteger=1),
    ]
