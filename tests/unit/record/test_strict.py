"""Strict reading names what FHIR R4 does not allow in the resources that facts rest on, without repeating a value."""

import orjson

from service.record.strict import faults_of_evidence


def _body(*resources):
    return orjson.dumps({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": r} for r in resources]})


GOOD = {"resourceType": "Observation", "id": "1", "status": "final", "code": {"text": "CD22"}}
STRAY = {**GOOD, "id": "2", "stray": "Maria Musterfrau"}


def test_a_valid_resource_has_no_fault():
    assert faults_of_evidence(_body(GOOD), {"Observation/1"}) == ()


def test_a_stray_element_is_named_by_its_path_and_not_repeated():
    (problem,) = faults_of_evidence(_body(GOOD, STRAY), {"Observation/1", "Observation/2"})
    assert problem.code == "not-valid-fhir"
    assert problem.where == "Observation/2 stray"
    assert "Musterfrau" not in problem.text


def test_resources_that_no_fact_rests_on_are_not_looked_at():
    assert faults_of_evidence(_body(STRAY), {"Observation/1"}) == ()


def test_a_contained_resource_of_an_unknown_type_is_a_fault_and_no_crash():
    broken = {**GOOD, "contained": [{"resourceType": "Nonsense", "id": "x"}]}
    problems = faults_of_evidence(_body(broken), {"Observation/1"})
    assert [problem.code for problem in problems] == ["not-valid-fhir"]


def test_a_number_beyond_all_numbers_is_a_fault_and_no_crash():
    body = _body(GOOD).replace(b'"code"', b'"valueQuantity":{"value":1e400},"code"')
    (problem,) = faults_of_evidence(body, {"Observation/1"})
    assert (problem.code, problem.where) == ("not-valid-fhir", "Observation/1")
