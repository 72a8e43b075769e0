"""Days at the ends of the calendar, as systems write what they do not know, hold up no answer; nor does an age of nobody."""

from datetime import date

import orjson
import pytest

from service.assembly import build_service, read_question
from service.consultation import assessment_document, consult
from service.record.reader import read_bundle
from service.settings import Settings

TODAY = date(2026, 11, 22)
SUBJECT = {"reference": "Patient/p"}
ICD, RXNORM = "http://hl7.org/fhir/sid/icd-10-cm", "http://www.nlm.nih.gov/research/umls/rxnorm"


@pytest.fixture(scope="module")
def answered():
    settings = Settings()
    service = build_service(settings)

    def ask(*resources, born="1990-01-01"):
        sent = [{"resourceType": "Patient", "id": "p", "birthDate": born}, *resources]
        body = orjson.dumps({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in sent]})
        record = read_bundle(body, service.rules.vocabulary, TODAY)
        return assessment_document(consult(record, service.rules, read_question({}, settings, TODAY)))

    return ask


def condition(code, **more):
    return {
        "resourceType": "Condition",
        "id": code,
        "subject": SUBJECT,
        "code": {"coding": [{"system": ICD, "code": code}]},
    } | more


def result(name, number, unit, **more):
    value = {"value": number, "unit": unit}
    return {
        "resourceType": "Observation", "id": name.replace(" ", "-"), "status": "final", "subject": SUBJECT,
        "code": {"text": name}, "valueQuantity": value,
    } | more  # fmt: skip


def given(name, **more):
    drug = {"coding": [{"system": RXNORM, "code": "1597258"}], "text": name}
    return {
        "resourceType": "MedicationAdministration", "id": "d", "status": "completed", "subject": SUBJECT,
        "medicationCodeableConcept": drug,
    } | more  # fmt: skip


@pytest.mark.parametrize("far", ["0001-01-01", "0001", "0001-01-01T00:00:00Z", "9999-12-31", "9999", "9999-12"])
@pytest.mark.parametrize(("born", "age"), [("1990-01-01", "known"), ("1904-01-01", "known"), ("0001-01-01", "unknown")])
def test_a_day_at_an_end_of_the_calendar_holds_up_no_answer(answered, far, born, age):
    period = {"start": "0001-01-01", "end": far}
    found = answered(
        condition("C91.00", onsetDateTime=far, recordedDate=far),
        condition("C91.02", onsetPeriod=period, clinicalStatus={"text": "relapse"}),
        condition("C91.01", recordedDate=far, abatementPeriod=period),
        result("Leukocytes", 50, "10*9/L", effectiveDateTime=far),
        result("marrow blasts", 3, "%", effectivePeriod=period),
        result("MRD", 0.02, "%", effectiveDateTime=far),
        given("Blincyto", effectivePeriod=period),
        born=born,
    )
    assert found["facts"]["age_years"]["state"] == age  # nobody is two thousand years old: limits/possible.yaml


@pytest.mark.parametrize("code", ["C91.00", "C91.02"])
@pytest.mark.parametrize("years", [36, 37, 8_008, 8_010, 10**6, 10**18])
def test_an_age_that_is_not_reached_by_now_is_none(answered, code, years):
    onset = {"value": years, "unit": "a", "system": "http://unitsofmeasure.org", "code": "a"}
    found = answered(condition(code, onsetAge=onset))["facts"]["age_at_diagnosis_years"]
    assert (found["state"] == "known") is (years == 36 and code == "C91.00")
