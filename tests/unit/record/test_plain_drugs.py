"""The short way to a plain drug, and to a report without a word, must give what the long way gives, or nothing at all."""

import msgspec
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.record.plain_drugs import read_plain_drug
from service.record.reports import read_report, says_nothing
from service.record.shelf import Shelf
from service.record.tolerant import Unreadable
from service.record.treatments import read_administration, read_request, read_statement
from tests.case_runners.knowledge import shipped_rules

VOCABULARY = shipped_rules().vocabulary
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
VINCRISTINE = {"coding": [{"system": RXNORM, "code": "11202", "display": "vincristine"}]}
PLANNED = VINCRISTINE | {"text": "vincristine planned"}
LONG_WAYS = {
    "MedicationRequest": read_request,
    "MedicationAdministration": read_administration,
    "MedicationStatement": read_statement,
}
DATES = {
    "MedicationRequest": {"authoredOn": "2026-04-02T08:15:00+02:00"},
    "MedicationAdministration": {"effectiveDateTime": "2026-04-02"},
    "MedicationStatement": {"dateAsserted": "2026-04"},
}
STATUSES = {"MedicationRequest": "active", "MedicationAdministration": "completed", "MedicationStatement": "active"}
every_kind = pytest.mark.parametrize("kind", LONG_WAYS)


def drug(kind, **members):
    plain = {
        "resourceType": kind,
        "status": STATUSES[kind],
        "medicationCodeableConcept": VINCRISTINE,
        **DATES[kind],
        **members,
    }
    return {name: value for name, value in plain.items() if value != "left out"}


def short_way(resource, shelf=None):
    raw = msgspec.Raw(orjson.dumps(resource))
    return read_plain_drug(resource["resourceType"], raw, "Drug/1", shelf or Shelf(VOCABULARY))


def long_way(resource):
    return LONG_WAYS[resource["resourceType"]](orjson.loads(orjson.dumps(resource)), "Drug/1", Shelf(VOCABULARY))


def route(text):
    return {"route": {"text": text}}


@every_kind
@pytest.mark.parametrize(
    "members",
    [
        pytest.param({}, id="as it comes"),
        pytest.param({"status": "stopped"}, id="stopped"),
        pytest.param({"status": "completed"}, id="completed"),
        pytest.param({"effectivePeriod": {"start": "2026-03-01", "end": "2026-03-05"}}, id="a period"),
        pytest.param({"effectivePeriod": {"end": "2026-03"}, "effectiveDateTime": "left out"}, id="an end alone"),
        pytest.param({"effectiveDateTime": "left out", "authoredOn": "left out", "dateAsserted": "left out"}, id="no date"),
        pytest.param({"dosage": route("intrathecal")}, id="into the fluid"),
        pytest.param({"dosage": [route("intrathecal"), route("oral")]}, id="two routes"),
        pytest.param({"dosageInstruction": [route("intrathecal")]}, id="ordered into the fluid"),
        pytest.param({"dosage": "as told"}, id="a dosage in words"),
        pytest.param({"medicationCodeableConcept": {"text": "methotrexate intrathecal"}}, id="into the fluid by its name"),
        pytest.param({"medicationCodeableConcept": {"text": "blinatumomab planned"}}, id="planned"),
        pytest.param({"medicationCodeableConcept": PLANNED}, id="planned, beside its code"),
        pytest.param({"medicationCodeableConcept": PLANNED, "status": "stopped"}, id="planned, and stopped"),
        pytest.param({"medicationCodeableConcept": {"text": "paracetamol"}}, id="unknown"),
        pytest.param({"note": None, "statusReason": None}, id="nothing as null"),
        pytest.param({"reasonCode": [{"text": "ALL"}], "subject": {"reference": "Patient/p"}}, id="what is not read"),
    ],
)
def test_a_plain_drug_is_read_alike_both_ways(kind, members):
    resource = drug(kind, **members)
    found = short_way(resource)
    assert found is not None
    assert found == long_way(resource)


@every_kind
@pytest.mark.parametrize(
    "members",
    [
        pytest.param({"status": "entered-in-error"}, id="entered in error"),
        pytest.param({"status": "left out"}, id="no status"),
        pytest.param({"medicationCodeableConcept": "left out"}, id="no drug"),
        pytest.param({"medicationCodeableConcept": None}, id="a drug that is nothing"),
        pytest.param({"medicationCodeableConcept": {}, "medicationReference": {"display": "x"}}, id="an empty drug"),
        pytest.param({"medicationCodeableConcept": "vincristine"}, id="a drug in words alone"),
        pytest.param({"medicationCodeableConcept": {"coding": [{"code": 7}]}}, id="a broken drug"),
        pytest.param({"effectiveDateTime": "soon", "authoredOn": "soon", "dateAsserted": "soon"}, id="a broken date"),
        pytest.param({"note": [{"text": "not tolerated"}]}, id="a note"),
        pytest.param({"statusReason": {"text": "refractory"}}, id="a reason"),
        pytest.param({"modifierExtension": [{"url": "urn:not"}]}, id="turned in its sense"),
        pytest.param({"dosage": [{"route": {"text": 7}}], "dosageInstruction": [{"route": {"text": 7}}]}, id="a broken route"),
    ],
)
def test_whatever_is_no_plain_drug_is_left_to_the_long_way(kind, members):
    assert short_way(drug(kind, **members)) is None


@pytest.mark.parametrize("kind", ["MedicationAdministration", "MedicationStatement"])
def test_a_period_that_ends_before_it_begins_is_left_to_the_long_way(kind):
    assert short_way(drug(kind, effectivePeriod={"start": "2026-03-05", "end": "2026-03-01"})) is None


@pytest.mark.parametrize("members", [{"intent": "proposal"}, {"doNotPerform": True}, {"doNotPerform": "no"}, {"status": "draft"}])
def test_an_order_that_does_not_count_is_left_to_the_long_way(members):
    assert short_way(drug("MedicationRequest", **members)) is None


def test_another_kind_is_left_to_the_long_way():
    resource = {**drug("MedicationStatement"), "resourceType": "MedicationDispense"}
    assert short_way(resource) is None


def test_what_is_remembered_of_one_dose_is_not_told_of_another():
    shelf = Shelf(VOCABULARY)
    by_mouth, into_fluid = (drug("MedicationAdministration", dosage=route(text)) for text in ("oral", "intrathecal"))
    found = [short_way(one, shelf) for one in (by_mouth, into_fluid, by_mouth, into_fluid)]
    assert [one.intrathecal for one in found] == [False, True, False, True]


scalars = st.none() | st.booleans() | st.integers(-5, 2**40) | st.text(st.characters(codec="utf-8"), max_size=4)
concepts = scalars | st.fixed_dictionaries({}, optional={"text": scalars, "coding": scalars | st.lists(scalars, max_size=1)})
dates = st.sampled_from(["2026", "2026-02-30", "2026-04-02T24:00:00Z", "left out", ""]) | scalars
dosages = scalars | st.lists(scalars | st.fixed_dictionaries({"route": scalars | concepts}), max_size=2)


@given(
    kind=st.sampled_from(sorted(LONG_WAYS)),
    members=st.fixed_dictionaries(
        {},
        optional={
            "status": st.sampled_from(["active", "completed", "stopped", "on-hold", "draft", "unknown", "in-progress"]) | scalars,
            "intent": st.sampled_from(["order", "plan", "filler-order"]) | scalars,
            "doNotPerform": scalars,
            "medicationCodeableConcept": st.sampled_from([VINCRISTINE, {"text": "asparaginase"}]) | concepts,
            "effectiveDateTime": dates,
            "authoredOn": dates,
            "dateAsserted": dates,
            "effectivePeriod": scalars | st.fixed_dictionaries({}, optional={"start": dates, "end": dates}),
            "dosage": dosages | st.just(route("intrathecal")),
            "dosageInstruction": dosages,
            "note": scalars | st.just([]),
            "statusReason": concepts,
            "modifierExtension": scalars,
        },
    ),
)
def test_no_shape_makes_the_two_ways_differ(kind, members):
    resource = drug(kind, **members)
    found = short_way(resource)
    if found is None:
        return
    try:
        assert found == long_way(resource)
    except Unreadable as fault:
        pytest.fail(f"the long way cannot read {fault.path}")


def report(**members):
    plain = {"resourceType": "DiagnosticReport", "status": "final", "code": {"text": "Blood count"}, **members}
    return {name: value for name, value in plain.items() if value != "left out"}


@pytest.mark.parametrize(
    ("members", "silent"),
    [
        pytest.param({}, True, id="nothing but its name"),
        pytest.param({"result": [{"reference": "Observation/1"}]}, True, id="results"),
        pytest.param({"status": "cancelled"}, True, id="cancelled"),
        pytest.param({"contained": [{"resourceType": "Observation"}]}, False, id="results in it"),
        pytest.param({"conclusion": "no blasts"}, False, id="a conclusion"),
        pytest.param({"conclusionCode": [{"text": "remission"}]}, False, id="a coded conclusion"),
        pytest.param({"presentedForm": [{"title": "report"}]}, False, id="a document"),
        pytest.param({"modifierExtension": [{"url": "urn:not"}]}, False, id="turned in its sense"),
        pytest.param({"code": {"text": 7}}, False, id="a broken name"),
        pytest.param({"code": "left out"}, False, id="no name"),
        pytest.param({"result": "all"}, False, id="broken results"),
        pytest.param({"status": 7}, False, id="a broken status"),
    ],
)
def test_a_report_without_a_word_is_told(members, silent):
    assert says_nothing(msgspec.Raw(orjson.dumps(report(**members))), VOCABULARY.phrases) is silent


@given(
    members=st.fixed_dictionaries(
        {},
        optional={
            "status": st.sampled_from(["final", "preliminary", "cancelled"]) | scalars,
            "code": concepts,
            "conclusion": st.sampled_from(["", "Ph positive"]) | scalars,
            "conclusionCode": scalars | st.lists(concepts, max_size=1),
            "result": scalars
            | st.lists(scalars | st.sampled_from([{"reference": "Observation/1"}, {"reference": "#1"}]), max_size=2),
            "presentedForm": scalars | st.lists(scalars | st.just({"title": "x"}), max_size=1),
            "contained": scalars | st.just([{"resourceType": "Observation", "id": "1", "code": {"text": "CD22"}}]),
            "modifierExtension": scalars,
        },
    )
)
def test_a_report_that_says_nothing_is_read_as_nothing(members):
    resource = report(**members)
    if not says_nothing(msgspec.Raw(orjson.dumps(resource)), VOCABULARY.phrases):
        return
    shelf = Shelf(VOCABULARY)
    assert read_report(resource, "DiagnosticReport/1", shelf) is None
    assert (shelf.problems, shelf.unread, shelf.within) == ([], [], [])
