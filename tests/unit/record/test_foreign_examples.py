"""Resources that others wrote, read as they stand: only the patient they belong to is ours."""

import copy
from datetime import date
from pathlib import Path

import orjson
import pytest

from service.logic.fact import State
from tests.case_runners.records import derived_from

EXAMPLES = Path(__file__).parents[3].parent / "shared" / "fhir-examples"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ATC_DE = "http://fhir.de/CodeSystem/bfarm/atc"
NONE = object()

pytestmark = pytest.mark.skipif(not EXAMPLES.is_dir(), reason="the examples are not beside this checkout")


def example(name):
    """Return one example, of our patient; of a bundle its only resource."""
    found = orjson.loads((EXAMPLES / f"{name}.json").read_bytes())
    if found["resourceType"] == "Bundle":
        (entry,) = found["entry"]
        found = entry["resource"]
    return found if found["resourceType"] == "Medication" else owned(found)


def owned(found):
    return {**copy.deepcopy(found), "subject": {"reference": "Patient/p"}}


def leukaemia(found_on):
    return {
        "resourceType": "Condition",
        "id": "all",
        "subject": {"reference": "Patient/p"},
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "277571004"}]},
        "verificationStatus": {
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-ver-status", "code": "confirmed"}]
        },
        "onsetDateTime": found_on,
    }


def read(*resources, as_of):
    """Return the facts of these resources beside our patient, and the codes of the problems."""
    patient = {"resourceType": "Patient", "id": "p", "birthDate": "1980-06-15", "gender": "female"}
    entries = [{"resource": resource} for resource in (patient, *resources)]
    derived, problems = derived_from(orjson.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}), as_of)
    return derived.facts, problems


def value(fact):
    return fact.value if fact.state is State.KNOWN else NONE


def references(fact):
    return {item.reference for item in fact.evidence}


def all_references(facts):
    return set().union(*(references(fact) for fact in facts.values()))


def test_a_karyotype_with_t_9_22_as_one_code_is_evidence_of_the_philadelphia_chromosome():
    facts, _ = read(leukaemia("2022-05-01"), example("cibmtr-observation-cytogenetics-iscn-t9-22"), as_of=date(2022, 6, 1))
    assert value(facts["ph"]) == "positive"
    assert references(facts["ph"]) == {"Observation/Cytogenetics-Example-1"}


def test_the_same_karyotype_has_47_chromosomes_and_is_not_hypodiploid():
    facts, _ = read(leukaemia("2022-05-01"), example("cibmtr-observation-cytogenetics-iscn-t9-22"), as_of=date(2022, 6, 1))
    assert value(facts["hypodiploidy_lt44"]) is not True
    assert value(facts["high_hyperdiploidy"]) is not True
    assert value(facts["down_syndrome"]) is not True


def test_a_medication_with_eight_codings_given_by_reference_is_blinatumomab():
    medication = example("cibmtr-medication-blinatumomab-many-codings")
    given = example("cibmtr-medicationadministration-1")
    given["medicationReference"] = {"reference": f"Medication/{medication['id']}"}
    facts, _ = read(leukaemia("2020-01-10"), medication, given, as_of=date(2020, 8, 1))
    assert value(facts["prior_blinatumomab"]) is True
    assert value(facts["prior_inotuzumab"]) is not True


def test_a_medication_that_nobody_gave_is_no_therapy():
    medication = example("cibmtr-medication-blinatumomab-many-codings")
    facts, _ = read(leukaemia("2020-01-10"), medication, as_of=date(2020, 8, 1))
    assert value(facts["prior_blinatumomab"]) is not True


def test_an_administration_whose_medication_is_not_there_names_no_drug():
    given = example("cibmtr-medicationadministration-1")
    facts, _ = read(leukaemia("2020-01-10"), given, as_of=date(2020, 8, 1))
    assert value(facts["disease"]) == "bcp-all"
    assert value(facts["prior_blinatumomab"]) is not True


def test_leukocytes_with_a_unit_in_words_and_its_code_are_read_by_the_code():
    facts, _ = read(leukaemia("2020-07-21"), example("cibmtr-observation-leukocytes"), as_of=date(2020, 8, 1))
    count = value(facts["wbc_at_diagnosis"])
    assert str(getattr(count, "exact", None)) == "5.2"


@pytest.mark.parametrize("name", ["cibmtr-observation-qualitative-igg-loinc", "cibmtr-observation-qualitative-igm-snomed"])
def test_antibodies_that_are_positive_are_neither_an_infection_nor_an_antigen_of_blasts(name):
    facts, _ = read(leukaemia("2020-07-21"), example(name), as_of=date(2020, 8, 1))
    for fact in ("active_infection", "hbv", "hcv", "hiv", "cd19", "cd22", "ph"):
        assert value(facts[fact]) in {NONE, False}, fact


def test_a_pcr_whose_only_result_is_pos_in_a_component_is_positive():
    facts, _ = read(leukaemia("2026-07-13"), example("nhs-nwgmsa-Observation-LAR-BCRABL"), as_of=date(2026, 7, 20))
    assert value(facts["ph"]) == "positive"
    assert references(facts["ph"]) == {"Observation/BCRABL"}


def test_the_cycle_thresholds_of_that_pcr_are_no_residual_disease():
    facts, _ = read(leukaemia("2026-07-13"), example("nhs-nwgmsa-Observation-LAR-BCRABL"), as_of=date(2026, 7, 20))
    assert value(facts["mrd_percent"]) is NONE


def test_a_breast_cancer_in_german_codes_is_no_leukaemia():
    facts, _ = read(example("mii-onko-condition-icd10gm-icdo3"), as_of=date(2020, 3, 1))
    assert value(facts["disease"]) in {NONE, "not-all"}


def test_a_breast_cancer_beside_leukaemia_changes_nothing_of_it():
    facts, _ = read(leukaemia("2020-02-20"), example("mii-onko-condition-icd10gm-icdo3"), as_of=date(2020, 3, 1))
    assert value(facts["disease"]) == "bcp-all"
    assert value(facts["diagnosis_date"]).text == "2020-02-20"


def test_the_same_german_condition_with_codes_of_ph_positive_leukaemia_is_that():
    found = example("mii-onko-condition-icd10gm-icdo3")
    found["code"]["coding"][0] |= {"code": "C91.00", "display": "Akute lymphatische Leukämie [ALL]"}
    found["extension"][0]["valueCodeableConcept"]["coding"][0] |= {"code": "9812/3", "display": ""}
    found["extension"][0]["valueCodeableConcept"]["coding"][0].pop("display")
    found.pop("bodySite")
    facts, _ = read(found, as_of=date(2020, 3, 1))
    assert value(facts["disease"]) == "bcp-all"
    assert value(facts["ph"]) == "positive"


def test_vollremission_is_a_remission_whatever_letters_stand_in_its_components():
    facts, _ = read(leukaemia("2021-06-20"), example("mii-onko-observation-verlauf-vollremission"), as_of=date(2022, 2, 1))
    assert value(facts["disease_state"]) == "remission"
    assert references(facts["disease_state"]) == {"Observation/PatientKimMusterperson-Verlauf-2022-01-22"}


def test_two_drugs_in_one_statement_are_two_drugs():
    taken = example("mii-onko-medicationstatement-atc")
    for coding, code in zip(taken["medicationCodeableConcept"]["coding"], ("L01FX07", "L01FB01"), strict=True):
        coding["code"] = code
        coding.pop("display")
    facts, _ = read(leukaemia("2021-06-20"), taken, as_of=date(2022, 2, 1))
    assert value(facts["prior_blinatumomab"]) is True
    assert value(facts["prior_inotuzumab"]) is True


def test_drugs_of_another_cancer_are_no_immunotherapy():
    facts, _ = read(leukaemia("2021-06-20"), example("mii-onko-medicationstatement-atc"), as_of=date(2022, 2, 1))
    for fact in ("prior_blinatumomab", "prior_inotuzumab", "prior_cd19_car_t"):
        assert value(facts[fact]) is not True, fact


def test_chemotherapy_as_a_german_procedure_is_no_transplant():
    facts, _ = read(leukaemia("2021-06-20"), example("mii-onko-procedure-systemtherapie"), as_of=date(2022, 2, 1))
    assert value(facts["prior_allo_hsct"]) is not True
    assert value(facts["prior_cd19_car_t"]) is not True


MARKERS = (
    "ph",
    "ph_like",
    "abl_class",
    "kmt2a_r",
    "etv6_runx1",
    "tcf3_pbx1",
    "tcf3_hlf",
    "iamp21",
    "ikzf1_del",
    "ikzf1_plus",
    "tp53",
)


@pytest.mark.parametrize("marker", MARKERS)
def test_a_variant_without_a_value_leaves_every_marker_unknown(marker):
    facts, _ = read(leukaemia("2022-02-01"), example("mii-onko-observation-variant-no-value-braf"), as_of=date(2022, 3, 1))
    assert value(facts[marker]) is NONE


@pytest.mark.parametrize("marker", MARKERS)
def test_a_fusion_of_ros1_is_no_fusion_of_leukaemia(marker):
    facts, _ = read(leukaemia("2023-02-01"), example("genomics-reporting-ROS1-Fusion-var"), as_of=date(2023, 3, 1))
    assert value(facts[marker]) is NONE


def test_a_blood_pressure_with_one_absent_half_is_evidence_of_nothing():
    facts, problems = read(leukaemia("1999-06-20"), example("us-core-bp-data-absent"), as_of=date(1999, 8, 1))
    assert "Observation/bp-data-absent" not in all_references(facts)
    assert problems == []


def test_leukocytes_absent_for_the_same_reason_are_unknown():
    absent = example("us-core-bp-data-absent")["component"][1]["dataAbsentReason"]
    count = example("cibmtr-observation-leukocytes")
    count.pop("valueQuantity")
    facts, _ = read(leukaemia("2020-07-21"), count | {"dataAbsentReason": absent}, as_of=date(2020, 8, 1))
    assert value(facts["wbc_at_diagnosis"]) is NONE


def test_an_amended_remission_in_the_code_system_of_requested_terms_is_a_remission():
    status = example("mcode-extraction-disease-status-requested-cs-bundle")
    assert status["status"] == "amended"
    status["focus"] = [{"reference": "Condition/all"}]
    facts, _ = read(leukaemia("2019-06-01"), status, as_of=date(2020, 1, 1))
    assert value(facts["disease_state"]) == "remission"
    assert references(facts["disease_state"]) == {f"Observation/{status['id']}"}


def test_the_performance_status_stands_in_a_component_without_a_code_system():
    facts, _ = read(leukaemia("2022-02-01"), example("mii-onko-observation-ecog"), as_of=date(2022, 3, 1))
    assert str(getattr(value(facts["ecog"]), "exact", None)) == "3"


def test_all_examples_in_one_record_are_readable():
    names = sorted(path.stem for path in EXAMPLES.glob("*.json"))
    facts, problems = read(leukaemia("2020-07-21"), *(example(name) for name in names), as_of=date(2026, 11, 22))
    assert len(names) >= 15
    assert value(facts["disease"]) == "bcp-all"
    assert not {"unreadable", "not-readable", "wrong-patient"} & set(problems), problems
