"""What is passed over while it is opened must not be missed: the record is the same as where everything is opened."""

from datetime import date

import msgspec
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_hooks import decode_request
from service.errors import RecordError
from service.record.bundle import open_resource
from service.record.reader import read_prefetch
from service.record.sieve import Sieve, bytes_of, open_all, opened_again, placed
from service.web import prefetch
from service.web.offered import offered
from tests.case_runners.knowledge import shipped_rules

VOCABULARY = shipped_rules().vocabulary
LOINC = "http://loinc.org"
WBC = {"coding": [{"system": LOINC, "code": "6690-2", "display": "Leukocytes [#/volume] in Blood"}]}
HEART_RATE = {"coding": [{"system": LOINC, "code": "8867-4", "display": "Heart rate"}]}
SPECIMEN_ALONE = {"text": "Alkaline phosphatase in Blood"}
OWN = {"reference": "Patient/p"}
NUMBER = {"valueQuantity": {"value": 7, "unit": "10*9/L"}}


def observation(code=HEART_RATE, subject=OWN, value=NUMBER, **members):
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": code,
        "subject": subject,
        "effectiveDateTime": "2026-10-01",
        **value,
        **members,
    }


def opened(*resources):
    sieve = Sieve(VOCABULARY.terms, "p")
    kinds = dict.fromkeys(one["resourceType"] for one in resources)
    found = {kind: list(sieve.open(kind, (raw_of(one) for one in resources if one["resourceType"] == kind))) for kind in kinds}
    assert all(told == kind for kind, pairs in found.items() for _, told in pairs)
    return [one for pairs in found.values() for one, _ in pairs], sieve


def raw_of(resource):
    return msgspec.Raw(orjson.dumps(resource))


def is_passed_over(found):
    return isinstance(found, msgspec.Raw)


@pytest.mark.parametrize(
    ("resource", "passed_over"),
    [
        pytest.param(observation(), True, id="no fact asks for it"),
        pytest.param(observation(subject={"reference": "https://ehr.example/Patient/p/_history/3"}), True, id="by an address"),
        pytest.param(observation(subject={"display": "somebody"}), True, id="nobody is named"),
        pytest.param(observation(subject={"reference": "Group/g"}), True, id="a group's"),
        pytest.param(observation(code=WBC), False, id="a fact asks for it"),
        pytest.param(observation(code=SPECIMEN_ALONE), True, id="a number under a name that no fact asks for"),
        pytest.param(observation(code=SPECIMEN_ALONE, value={"valueString": "high"}), False, id="words under that name"),
        pytest.param(observation(subject={"reference": "Patient/another"}), False, id="another patient's"),
        pytest.param(observation(patient={"reference": "Patient/another"}), False, id="another patient's, by an older element"),
        pytest.param({"resourceType": "Medication", "id": "m", "code": {"text": "paracetamol"}}, False, id="pointed at"),
        pytest.param({"resourceType": "Patient", "id": "p"}, False, id="the patient"),
        pytest.param({"resourceType": "Condition", "code": HEART_RATE}, False, id="a condition"),
    ],
)
def test_what_is_passed_over(resource, passed_over):
    (found,), _ = opened(resource)
    assert is_passed_over(found) is passed_over
    (again,), anew = opened_again([found]), open_resource(orjson.dumps(resource))
    assert (again.raw, again.head) == (anew.raw, anew.head)
    assert bytes_of(found) == anew.raw


def test_of_another_type_than_was_asked_nothing_is_passed_over():
    sieve = Sieve(VOCABULARY.terms, "p")
    order = {"resourceType": "MedicationRequest", "medicationCodeableConcept": {"text": "paracetamol"}, "subject": OWN}
    (strange, told), (own, _) = sieve.open("Observation", [raw_of(order), raw_of(observation())])
    assert (is_passed_over(strange), told, is_passed_over(own)) == (False, "MedicationRequest", True)
    assert is_passed_over(next(sieve.open("MedicationRequest", [raw_of(order)]))[0])


def test_what_was_not_passed_over_knows_where_it_stood():
    found, _ = opened(observation(), observation(code=WBC), observation(), observation(code=WBC, id="w"))
    assert [one.position for one in placed("labs", found)] == ["prefetch.labs[1]", "prefetch.labs[3]"]


def test_what_one_code_decides_is_not_told_of_another_kind_of_result():
    number, words = observation(code=SPECIMEN_ALONE), observation(code=SPECIMEN_ALONE, value={"valueString": "high"})
    nameless = {name: value for name, value in number.items() if name != "code"}
    panel = observation(hasMember=[{"reference": "#k"}], contained=[{"resourceType": "Observation", "id": "k"}])
    others = [observation(code=WBC), nameless, observation(value={"component": []}), observation(), panel, observation()]
    found, _ = opened(number, words, number, *others)
    passed_over = [is_passed_over(one) for one in found]
    assert passed_over == [True, False, True, False, False, True, True, False, True]


def test_a_stranger_is_seen_after_a_thousand_of_the_patients_own():
    found, _ = opened(*[observation()] * 3, observation(subject={"reference": "Patient/another"}), observation())
    assert [is_passed_over(one) for one in found] == [True, True, True, False, True]


@pytest.mark.parametrize(
    ("ids", "twins"), [(("a", "b"), False), (("a", "a"), True), ((None, None), False), (("", ""), False), (("a", "b", "a"), True)]
)
def test_twins_are_seen_among_what_is_passed_over(ids, twins):
    _, sieve = opened(*(observation(id=one) for one in ids))
    assert sieve.has_twins is twins


def test_the_same_id_of_another_type_is_no_twin():
    _, sieve = opened(observation(id="a"), {"resourceType": "Procedure", "id": "a", "code": HEART_RATE, "subject": OWN})
    assert sieve.has_twins is False


def test_a_resource_without_a_head_tells_its_type_where_it_can():
    broken = [raw_of(observation(id=7)), msgspec.Raw(b"[7]")]
    assert [(one.head, told) for one, told in open_all(broken)] == [(None, "Observation"), (None, None)]
    sieved = list(Sieve(VOCABULARY.terms, "p").open("Observation", broken))
    assert [(bytes_of(one), told) for one, told in sieved] == [(broken[0], "Observation"), (broken[1], None)]
    assert not any(is_passed_over(one) for one, _ in sieved)


class OpensEverything(Sieve):
    """The long way."""

    def open(self, _, resources):
        return open_all(resources)


def record_of(request, monkeypatch, way):
    monkeypatch.setattr(prefetch, "Sieve", way)
    asked = offered().find("all-immunotherapy", "patient-view")
    assert asked is not None
    try:
        received = prefetch.receive(request, asked, VOCABULARY.terms)
        return read_prefetch(received.resources, VOCABULARY, date(2026, 11, 22), patient_id="p", unavailable=received.unavailable)
    except RecordError as error:
        return type(error), error.where


SUBJECTS = st.sampled_from([OWN] * 6 + [{}, {"reference": 7}, {"reference": "Group/g"}, {"reference": "urn:uuid:p"}])
STRANGERS = st.sampled_from([OWN] * 9 + [{"reference": "Patient/another"}])
IDS = st.sampled_from([f"o{number}" for number in range(20)])
VERSIONS = st.fixed_dictionaries({}, optional={"lastUpdated": st.sampled_from(["2026-10-01T00:00:00Z", "2026-10-02T00:00:00Z"])})
CODES = st.sampled_from([WBC, HEART_RATE, SPECIMEN_ALONE])
VALUES = st.sampled_from([NUMBER, {"valueString": "high"}, {"component": [{"code": WBC, **NUMBER}]}, {}])
OBSERVATIONS = st.builds(
    observation,
    CODES,
    SUBJECTS | STRANGERS,
    VALUES,
    id=IDS | st.just(7),
    meta=VERSIONS,
    status=st.sampled_from(["final", "entered-in-error"]),
)
ORDERS = st.builds(
    lambda code, own: {
        "resourceType": "MedicationRequest",
        "id": own,
        "status": "active",
        "medicationCodeableConcept": {"text": code},
        "subject": OWN,
    },
    st.sampled_from(["vincristine", "paracetamol"]),
    IDS,
)
REMARKS = st.just({"resourceType": "OperationOutcome", "issue": [{"severity": "information", "code": "informational"}]})


def search(found, modes):
    entries = [{"resource": one, "search": {"mode": mode}} for one, mode in zip(found, modes, strict=False)]
    return {"resourceType": "Bundle", "type": "searchset", "entry": entries}


@given(
    st.lists(OBSERVATIONS | REMARKS, max_size=12),
    st.lists(ORDERS | st.builds(observation), max_size=6),
    st.lists(st.sampled_from(["match"] * 9 + ["include", "outcome"]), min_size=12, max_size=12),
)
def test_the_record_is_the_same_either_way(observations, orders, modes):
    body = {
        "hook": "patient-view",
        "hookInstance": "00000000-0000-4000-8000-000000000000",
        "context": {"userId": "Practitioner/x", "patientId": "p"},
        "prefetch": {
            "patient": {"resourceType": "Patient", "id": "p", "birthDate": "1990-06-15"},
            "observations": search(observations, modes),
            "medicationrequests": search(orders, ["match"] * 6),
            "conditions": None,
        },
    }
    request = decode_request(orjson.dumps(body))
    with pytest.MonkeyPatch.context() as patched:
        assert record_of(request, patched, Sieve) == record_of(request, patched, OpensEverything)
