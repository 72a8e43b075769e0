"""Data that are not FHIR R4: what an older or a newer version says otherwise is set aside, and neither a yes nor a silence."""

import importlib
import pkgutil
from datetime import date

import orjson
import pytest

from service.errors import OtherFhirVersion
from service.facts.derived import derive_facts
from service.logic.fact import Gap, State
from service.record.kinds import OTHER_VERSIONS, TYPES
from service.record.reader import POINTED_AT, READ_KINDS, read_bundle
from tests.case_runners.knowledge import shipped_rules

DAY = date(2026, 11, 22)
SNOMED = "http://snomed.info/sct"
BLINATUMOMAB = {"text": "blinatumomab"}
TRANSPLANT = {"coding": [{"system": SNOMED, "code": "58390007"}]}
OF_THE_PATIENT = {"subject": {"reference": "Patient/p"}}
LEUKAEMIA = {
    "resourceType": "Condition",
    "id": "c",
    "code": {"coding": [{"system": SNOMED, "code": "277571004"}]},
    **OF_THE_PATIENT,
}
GIVEN = {
    "resourceType": "MedicationAdministration",
    "id": "x",
    "status": "completed",
    "medicationCodeableConcept": BLINATUMOMAB,
    "effectiveDateTime": "2026-03-01",
    **OF_THE_PATIENT,
}
TAKEN = GIVEN | {"resourceType": "MedicationStatement"}
DISPENSED = {**GIVEN, "resourceType": "MedicationDispense", "whenHandedOver": "2026-03-01"}
ORDERED = {**GIVEN, "resourceType": "MedicationRequest", "intent": "order", "authoredOn": "2026-03-01"}
DONE = {
    "resourceType": "Procedure",
    "id": "x",
    "status": "completed",
    "code": TRANSPLANT,
    "performedDateTime": "2026-03-01",
    **OF_THE_PATIENT,
}


def without(resource, *names):
    return {name: value for name, value in resource.items() if name not in names}


def record_of(*resources):
    patient = {"resourceType": "Patient", "id": "p", "birthDate": "1990-01-01"}
    entries = [{"resource": one} for one in (patient, LEUKAEMIA, *resources)]
    body = orjson.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries})
    return read_bundle(body, shipped_rules().vocabulary, DAY)


def facts_of(*resources):
    return derive_facts(record_of(*resources), shipped_rules().limits_on(DAY, DAY), DAY).facts


def problems_of(*resources):
    return [(problem.code, problem.where) for problem in record_of(*resources).problems]


@pytest.mark.parametrize("element", ["notGiven", "wasNotGiven", "notDone", "notPerformed", "wasNotTaken", "taken"])
@pytest.mark.parametrize("value", [True, False, "n"])
@pytest.mark.parametrize("resource", [GIVEN, TAKEN, DISPENSED, DONE, ORDERED], ids=lambda one: one["resourceType"])
def test_what_an_older_version_may_deny_is_set_aside(resource, element, value):
    assert problems_of(resource | {element: value}) == [("unreadable", f"{resource['resourceType']}/x {element}")]


def test_one_that_was_entered_in_error_is_nothing_to_wonder_at():
    assert problems_of(GIVEN | {"notGiven": True, "status": "entered-in-error"}) == []


@pytest.mark.parametrize(
    ("resource", "fact"),
    [
        (DONE | {"notDone": True}, "prior_allo_hsct"),
        (DONE | {"status": "done"}, "prior_allo_hsct"),
        (without(DONE, "status"), "prior_allo_hsct"),
        (DONE | {"resourceType": "procedure"}, "prior_allo_hsct"),
        (GIVEN | {"notGiven": True}, "prior_blinatumomab"),
        (TAKEN | {"taken": "n"}, "prior_blinatumomab"),
        (GIVEN | {"status": "given"}, "prior_blinatumomab"),
        (without(TAKEN, "status"), "prior_blinatumomab"),
        (without(GIVEN, "medicationCodeableConcept") | {"medication": {"concept": BLINATUMOMAB}}, "prior_blinatumomab"),
        (without(GIVEN, "medicationCodeableConcept"), "prior_blinatumomab"),
        (GIVEN | {"resourceType": "Medicationadministration"}, "prior_blinatumomab"),
    ],
)
def test_what_was_set_aside_is_neither_a_yes_nor_a_silence(resource, fact):
    plain = DONE if fact == "prior_allo_hsct" else GIVEN
    assert facts_of(plain)[fact].value is True
    assert facts_of()[fact].gap is Gap.NOT_RECORDED
    found = facts_of(resource)[fact]
    assert (found.state, found.gap) == (State.UNKNOWN, Gap.UNREADABLE)


def test_what_has_no_type_of_fhir_and_no_code_may_have_been_anything():
    facts = facts_of({"resourceType": "Foo", "id": "x", **OF_THE_PATIENT})
    assert {facts[name].gap for name in ("prior_allo_hsct", "prior_blinatumomab", "down_syndrome")} == {Gap.UNREADABLE}


@pytest.mark.parametrize(
    ("resource", "status", "told"),
    [
        (ORDERED, "unknown", []),
        (ORDERED, "cancelled", []),
        (ORDERED, "ordered", ["unreadable"]),
        (GIVEN, "not-done", []),
        (GIVEN, "done", ["unreadable"]),
        (TAKEN, "not-taken", []),
        (TAKEN, "taken", ["unreadable"]),
        (DISPENSED, "declined", []),
        (DISPENSED, "handed-over", ["unreadable"]),
        (DONE, "preparation", []),
        (DONE, "aborted", ["unreadable"]),  # the word of an older version for stopped
    ],
)
def test_a_status_that_fhir_does_not_have_is_told(resource, status, told):
    assert [problem.code for problem in record_of(resource | {"status": status}).problems] == told


def test_an_order_of_unknown_status_is_perhaps_one_that_was_given_and_never_one_that_goes_on():
    (drug,) = record_of(ORDERED | {"status": "unknown"}).drugs
    assert (drug.given, drug.ongoing, drug.finished) == (False, False, True)


REPORT = {
    "resourceType": "DiagnosticReport",
    "id": "r",
    "code": {"coding": [{"system": "http://loinc.org", "code": "33721-2"}]},
    "effectiveDateTime": "2026-10-01",
    "conclusion": "Blasts CD19 positive",
    **OF_THE_PATIENT,
}


@pytest.mark.parametrize(
    ("status", "told", "preliminary"),
    [("final", ["text-only"], False), ("appended", ["text-only"], False), ("partial", ["not-final", "text-only"], True)],
)
def test_a_report_with_something_added_counts_and_a_part_of_one_is_preliminary(status, told, preliminary):
    record = record_of(REPORT | {"status": status})
    assert sorted(problem.code for problem in record.problems) == told
    assert [reading.preliminary for reading in record.readings] == [preliminary]


@pytest.mark.parametrize("status", ["unknown", "done", ""])
def test_a_report_of_unknown_status_is_set_aside_and_said_so(status):
    record = record_of(REPORT | {"status": status})
    assert ([problem.code for problem in record.problems], record.readings) == (["status-unknown"], ())


@pytest.mark.parametrize("kind", sorted(OTHER_VERSIONS))
def test_a_type_that_only_another_version_has_refuses_the_record(kind):
    with pytest.raises(OtherFhirVersion) as refused:
        record_of({"resourceType": kind, "id": "x", **OF_THE_PATIENT})
    assert refused.value.where == "entry[2]"


@pytest.mark.parametrize("kind", ["Claim", "ReferralRequest", "Transport", "OperationOutcome"])
def test_types_that_no_fact_asks_for_are_passed_over(kind):
    assert problems_of({"resourceType": kind, "id": "x"}) == []


@pytest.mark.parametrize("version", ["fhir.resources.STU3", "fhir.resources.R4B", "fhir.resources"])
def test_the_types_of_every_version_are_on_the_list(version):
    modules = {module.name for module in pkgutil.iter_modules(importlib.import_module(version).__path__)}
    ours = {kind.lower() for kind in TYPES | OTHER_VERSIONS}
    # the library has a module for each type of resource, and for each type of an element beside them
    assert {"patient", "encounter", "valueset", "observation", "immunization"} <= ours & modules
    lacking = [name for name in sorted(modules - ours) if _is_a_type(version, name)]
    assert lacking == []


def _is_a_type(version, name):
    if name.startswith("_") or name in {"resource", "domainresource", "canonicalresource", "metadataresource"}:
        return False
    module = importlib.import_module(f"{version}.{name}")
    found = next((one for label, one in vars(module).items() if label.lower() == name and isinstance(one, type)), None)
    return found is not None and any(base.__name__ in {"Resource", "DomainResource"} for base in found.__mro__)


def test_what_is_read_is_on_the_list():
    assert READ_KINDS | POINTED_AT | {"Patient", "Bundle"} <= TYPES
    assert TYPES.isdisjoint(OTHER_VERSIONS)
