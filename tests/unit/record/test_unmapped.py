"""Codes that are not understood: which are listed, in which order, and what is never shown."""

import json

import pytest

from service.errors import NotABundle
from service.record.unmapped import UnmappedCode, UnmappedCodes

LAB = "http://lab.example/codes"
LOINC = "http://loinc.org"
KNOWN = (LOINC, "51124-6", "CD22 blasts/100 blasts in Bone marrow")  # terminology: the code of value set cd22-blasts


class Terms:
    """One known code and one known name."""

    def concepts_of(self, system, code):
        return ("cd22-blasts",) if (system, code) in {(LOINC, "51124-6"), ("urn:all-cds:facts", "cd22-blasts")} else ()

    def system_of(self, uri):
        return {LOINC: "loinc", "urn:all-cds:facts": "all-cds-facts", "https://iscn.karger.com": "iscn"}.get(uri)

    def of_other_tests(self, _text):
        return ()

    def letters_behind(self, *_coding):
        return ""

    def names_in(self, text):
        return ("cd22-blasts",) if "CD22" in text else ()


def concept(*codings, text=None):
    members = [dict(zip(("system", "code", "display"), coding, strict=False)) for coding in codings]
    return {"coding": [{name: part for name, part in row.items() if part} for row in members]} | ({"text": text} if text else {})


def observation(code, **members):
    return {"resourceType": "Observation", "code": code, **members}


def listed(*resources):
    unmapped = UnmappedCodes(Terms())
    unmapped.add(bundle(*resources))
    return unmapped.listed()


def bundle(*resources):
    return json.dumps({"resourceType": "Bundle", "entry": [{"resource": resource} for resource in resources]}).encode()


A, B, C = (LAB, "A", "Alpha"), (LAB, "B", "Beta"), (LAB, "C", "Gamma")


def test_the_most_frequent_stands_first():
    rows = listed(*[observation(concept(code)) for code in (A, B, C, B, C, C)])
    assert [(row.code, row.display, row.seen) for row in rows] == [("C", "Gamma", 3), ("B", "Beta", 2), ("A", "Alpha", 1)]


def test_several_bundles_are_counted_together_and_the_commonest_display_is_shown():
    unmapped = UnmappedCodes(Terms())
    for display in ("old", "new", "new"):
        unmapped.add(bundle(observation(concept((LAB, "A", display)))))
    assert unmapped.listed() == (UnmappedCode(LAB, "A", "new", 3, ("Observation",)),)


@pytest.mark.parametrize(
    ("resource", "place"),
    [
        pytest.param(observation(concept(A)), "Observation", id="a test"),
        pytest.param({"resourceType": "Condition", "code": concept(A)}, "Condition", id="a diagnosis"),
        pytest.param({"resourceType": "Procedure", "code": concept(A)}, "Procedure", id="a procedure"),
        pytest.param({"resourceType": "AllergyIntolerance", "code": concept(A)}, "AllergyIntolerance", id="an allergy"),
        pytest.param({"resourceType": "Medication", "code": concept(A)}, "Medication", id="a drug"),
        *(
            pytest.param({"resourceType": kind, "medicationCodeableConcept": concept(A)}, kind, id=kind)
            for kind in ("MedicationRequest", "MedicationAdministration", "MedicationStatement", "MedicationDispense")
        ),
        pytest.param(
            {"resourceType": "MedicationRequest", "contained": [{"resourceType": "Medication", "code": concept(A)}]},
            "Medication",
            id="a drug inside an order",
        ),
        pytest.param(
            observation(concept(KNOWN), component=[{"code": concept(A)}]), "Observation.component", id="a part of a panel"
        ),
        pytest.param(observation(concept(KNOWN), valueCodeableConcept=concept(A)), "Observation.value", id="an answer"),
        pytest.param(
            observation({"text": "CD22 expression"}, valueCodeableConcept=concept(A)),
            "Observation.value",
            id="an answer of a test that is known by name",
        ),
        pytest.param(
            observation({"text": "panel 1"}, component=[{"code": concept(KNOWN), "valueCodeableConcept": concept(A)}]),
            "Observation.component.value",
            id="an answer in a panel",
        ),
    ],
)
def test_a_code_is_found_where_it_is_read(resource, place):
    rows = [row for row in listed(resource) if row.code == "A"]
    assert [(row.system, row.display, row.places) for row in rows] == [(LAB, "Alpha", (place,))]
    assert rows[0].is_answer == place.endswith("value")


@pytest.mark.parametrize(
    "resource",
    [
        pytest.param(observation(concept(KNOWN)), id="a known code"),
        pytest.param(observation(concept(A, KNOWN)), id="a local code beside a known one"),
        pytest.param(observation(concept(("urn:all-cds:facts", "cd22-blasts", ""))), id="our own code"),
        pytest.param(
            observation(concept(KNOWN), valueCodeableConcept=concept(("urn:all-cds:facts", "other", ""))),
            id="our own word without a concept",
        ),
        pytest.param(observation({"text": "CD22 expression"}), id="words that are understood"),
        pytest.param(
            observation({"text": "mood"}, valueCodeableConcept=concept(A)), id="the answer of a test that nobody asks for"
        ),
        pytest.param(
            observation(concept(KNOWN), valueCodeableConcept=concept(("https://iscn.karger.com", "46,XY,t(9;22)", ""))),
            id="a karyotype written out",
        ),
        pytest.param(observation(concept(KNOWN), valueCodeableConcept={"text": "looks odd"}), id="the text of an answer"),
        pytest.param({"resourceType": "Encounter", "code": concept(A)}, id="a resource that is not read"),
        pytest.param(observation("broken"), id="a broken resource"),
        pytest.param(observation({"coding": "broken"}), id="a broken code"),
    ],
)
def test_nothing_is_listed_for(resource):
    assert [row for row in listed(resource) if row.display != "mood"] == []


def test_words_stand_where_there_is_no_code():
    assert listed(observation({"text": "Rhubarb  level"})) == (UnmappedCode("", "", "Rhubarb level", 1, ("Observation",)),)
    assert listed(observation(concept(("", "", "Rhubarb level")))) == (
        UnmappedCode("", "", "Rhubarb level", 1, ("Observation",)),
    )


def test_words_beside_a_code_are_not_shown():
    assert listed(observation(concept((LAB, "A", ""), text="what the doctor wrote"))) == (
        UnmappedCode(LAB, "A", "", 1, ("Observation",)),
    )


@pytest.mark.parametrize(
    ("words", "is_shown"),
    [
        pytest.param("r" * 80, True, id="80 characters"),
        pytest.param("r" * 81, False, id="81 characters"),
        pytest.param("level 1234", True, id="four digits"),
        pytest.param("level 12345", False, id="five digits"),
        pytest.param("case 123-456", False, id="a number in groups"),
        pytest.param("seen 3.4.2024", False, id="a day"),
        pytest.param("seen 04/2024", False, id="a month"),
        pytest.param("seen 2024-04", False, id="a month the other way round"),
        pytest.param("t(9;22)(q34.1;q11)", True, id="bands of chromosomes"),
        pytest.param("level of Nadie", False, id="a family name"),
        pytest.param("level of ALGUIEN", False, id="a given name in capitals"),
        pytest.param("level of Alguienes", True, id="a longer word"),
    ],
)
def test_words_that_could_tell_of_a_patient_are_left_out(words, is_shown):
    person = {"resourceType": "Patient", "name": [{"family": "Nadie", "given": ["Alguien", "X"]}]}
    assert bool(listed(observation({"text": words}), person)) is is_shown


def test_a_display_with_the_name_of_a_person_is_left_out_and_a_code_with_it_too():
    person = {"resourceType": "Patient", "name": [{"text": "Nadie, Alguien"}]}
    rows = listed(observation(concept((LAB, "A", "Alpha for Nadie"))), observation(concept((LAB, "nadie-1", "Beta"))), person)
    assert rows == (UnmappedCode(LAB, "A", "", 1, ("Observation",)),)


def test_a_body_that_is_no_bundle_is_refused():
    with pytest.raises(NotABundle):
        UnmappedCodes(Terms()).add(b'{"resourceType":"Patient"}')
