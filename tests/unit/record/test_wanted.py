"""Which resources are read at all: what is passed over here can never become evidence."""

import ast
from pathlib import Path

import orjson
import pytest

from service.assembly import build_service
from service.record.bundle import open_resource
from service.record.wanted import UNASKED, is_wanted

LOINC = "http://loinc.org"
FACTS = Path(__file__).parents[3] / "service" / "facts"


@pytest.fixture(scope="module")
def terms():
    return build_service().rules.vocabulary.terms


def observation(*names, **members):
    return {"resourceType": "Observation", "code": {"coding": [{"display": name} for name in names]}, **members}


def component(name, **value):
    return {"code": {"text": name}, **value}


def reason(code, text=""):
    return [{"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": code}], "text": text}]


NUMBER = {"valueQuantity": {"value": 7, "unit": "g/dL"}}
WORDS = {"valueString": "46,XY,t(9;22)(q34;q11)[20]"}
CODES = {"valueCodeableConcept": {"text": "positive"}}


@pytest.mark.parametrize(
    ("resource", "wanted"),
    [
        pytest.param(observation("Haemoglobin in Blood", **NUMBER), False, id="a number whose name tells of a specimen only"),
        pytest.param(observation("Alkaline phosphatase in Blood", **NUMBER), False, id="a number that no fact asks for"),
        pytest.param(observation("Leukocytes in Blood", **NUMBER), True, id="a number that a fact asks for"),
        pytest.param(observation("Chromosomes, Blood", **WORDS), True, id="words under the name of a specimen"),
        pytest.param(observation("Blood", **CODES), True, id="a coded answer under the name of a specimen"),
        pytest.param(observation("Blood", **NUMBER, **WORDS), True, id="words beside a number"),
        pytest.param(observation("Blood"), True, id="no value at all"),
        pytest.param(
            observation("Panel 7", hasMember=[{"reference": "#k"}], contained=[{"id": "k"}]),
            True,
            id="a panel with results in it",
        ),
        pytest.param(observation("Panel 7", hasMember=[{"reference": "Observation/k"}]), True, id="a panel of other resources"),
        pytest.param(observation("Panel 7", contained=[{"id": "s"}]), False, id="an unknown test with a specimen in it"),
        pytest.param(observation("Heart rate", **WORDS), False, id="words under an unknown name"),
        pytest.param(
            observation("Blood pressure panel", component=[component("Systolic", **NUMBER), component("Diastolic", **NUMBER)]),
            False,
            id="a panel of numbers",
        ),
        pytest.param(
            observation("Blood count panel", component=[component("Platelets", **NUMBER), component("WBC", **NUMBER)]),
            True,
            id="a panel with one number that a fact asks for",
        ),
        pytest.param(
            observation("Blood panel", component=[component("Platelets", **NUMBER), component("Remark", **WORDS)]),
            True,
            id="a panel with words in it",
        ),
        pytest.param(observation("Blood panel", component="none"), True, id="components that cannot be read"),
        pytest.param({"resourceType": "Observation", **NUMBER}, True, id="no code at all"),
        pytest.param({"resourceType": "Observation", "code": "WBC", **NUMBER}, True, id="a code that cannot be read"),
        pytest.param({"resourceType": "Condition", "code": {"text": "Fracture"}}, True, id="every Condition"),
        pytest.param({"resourceType": "Encounter", "type": [{"text": "ALL in relapse"}]}, False, id="a visit"),
        pytest.param({"resourceType": "Encounter", "reasonCode": [{"text": "ALL in relapse"}]}, False, id="a visit with words"),
        pytest.param({"resourceType": "Encounter", "reasonCode": reason("C91.00")}, False, id="a visit for the disease alone"),
        pytest.param({"resourceType": "Encounter", "reasonCode": reason("C91.02")}, True, id="a visit for a relapse"),
        pytest.param({"resourceType": "Encounter", "reasonCode": reason("C91.01")}, True, id="a visit for a remission"),
        pytest.param({"resourceType": "Encounter", "reasonCode": reason("R10.9", "x" * 1200)}, False, id="a visit of many words"),
        pytest.param(
            {"resourceType": "Encounter", "reasonCode": reason("C91.02", "x" * 1200)}, True, id="such one for a relapse"
        ),
        pytest.param({"resourceType": "Encounter", "reasonCode": "relapse"}, True, id="a visit that cannot be read"),
        pytest.param(
            {"resourceType": "MedicationRequest", "medicationCodeableConcept": {"text": "ondansetron"}}, False, id="another drug"
        ),
        pytest.param(
            {"resourceType": "MedicationRequest", "medicationCodeableConcept": {"text": "Blincyto"}},
            True,
            id="a drug by its name",
        ),
        pytest.param(
            {"resourceType": "MedicationRequest", "medicationReference": {"reference": "Medication/1"}},
            True,
            id="a drug that is named elsewhere",
        ),
    ],
)
def test_a_resource_is_read_where_a_fact_could_ask_for_it(terms, resource, wanted):
    head = open_resource(orjson.dumps(resource)).head
    assert head is not None
    assert is_wanted(head, terms) is wanted


def test_no_fact_asks_for_a_concept_that_is_passed_over():
    named = {
        node.value
        for path in FACTS.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert not UNASKED & named, "a fact asks for these: take them out of UNASKED"
