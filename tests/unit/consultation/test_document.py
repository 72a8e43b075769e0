"""The assessment has its fixed shape: every fact, every member, every word, for a bare patient as for full records."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import orjson
import pytest

from service.consultation import Question, assessment_document, consult
from service.consultation.document import plain
from service.logic.dates import Age, PartialDate
from service.logic.interval import Interval
from service.record.reader import read_bundle
from tests.case_runners.knowledge import DOSSIER
from tests.unit.consultation import shapes

DAY = date(2026, 11, 22)
PATIENTS = sorted((Path(__file__).resolve().parents[3] / "fixtures" / "patients").glob("*.json"))
BARE = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": {"resourceType": "Patient", "id": "p"}}]}


@pytest.fixture
def assess(rules):
    """The assessment of a bundle as a client reads it."""

    def answer(body, regulators=("EMA", "FDA", "AEMPS"), country=""):
        question = Question(DAY, DAY, regulators, country)
        found = consult(read_bundle(body, rules.vocabulary, DAY), rules, question)
        return orjson.loads(orjson.dumps(assessment_document(found)))

    return answer


@pytest.fixture
def bare(assess):
    return assess(orjson.dumps(BARE))


def test_a_bare_patient_has_every_fact_and_every_one_is_unknown(bare):
    assert not shapes.FACTS.keys() - bare["facts"].keys()
    for name, fact in bare["facts"].items():
        assert (fact["state"], fact["gap"] in shapes.GAPS, bool(fact["needs"])) == ("unknown", True, True), name


def test_a_bare_patient_is_a_normal_answer_without_options(bare):
    assert shapes.wrong(bare, shapes.PARTS) is None
    assert (bare["therapies"], bare["trials"], bare["riskGroups"], bare["needs"]) == ([], [], [], [])


def test_a_criterion_that_its_own_text_leaves_open_says_why(assess):
    all_without_lineage = {
        "resourceType": "Condition",
        "id": "all",
        "subject": {"reference": "Patient/p"},
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "91857003"}]},
        "onsetDateTime": "2026-01-10",
    }
    answer = assess(orjson.dumps({**BARE, "entry": [*BARE["entry"], {"resource": all_without_lineage}]}), regulators=("EMA",))
    rows = [row for therapy in answer["therapies"] for indication in therapy["indications"] for row in indication["criteria"]]
    open_diagnoses = [row for row in rows if row["id"] == "DIAGNOSIS" and row["truth"] == "unknown"]
    assert open_diagnoses
    assert all("without the lineage" in " ".join(row["undecided"]) for row in open_diagnoses)
    assert not [row for row in rows if row["truth"] != "unknown" and "undecided" in row]


@pytest.mark.parametrize("path", PATIENTS, ids=lambda path: path.stem)
def test_every_part_of_an_assessment_has_its_members(assess, path):
    body = path.read_bytes()
    answer = assess(body)
    assert shapes.wrong(answer, shapes.PARTS) is None
    for name, fact in answer["facts"].items():
        assert _fault(name, fact) is None, f"{name}: {_fault(name, fact)}"
    inside = {f"{resource['resourceType']}/{resource['id']}" for resource in _resources(orjson.loads(body)) if "id" in resource}
    rested_on = {item["reference"] for fact in answer["facts"].values() for item in fact["evidence"]}
    rested_on |= {reference for entry in answer["riskGroups"] for reference in entry["evidence"]}
    assert rested_on <= inside, "evidence names resources of the input only"


def _resources(bundle):
    """Return the resources of a bundle and of the bundles in it."""
    found = [entry["resource"] for entry in bundle["entry"]]
    return [inner for one in found for inner in (_resources(one) if one["resourceType"] == "Bundle" else [one])]


def _fault(name, fact):
    if fact["state"] != "known":
        return shapes.wrong(fact, shapes.NOT_KNOWN)
    members = {**shapes.KNOWN, "value": shapes.FACTS.get(name, lambda _: None)}
    if name in shapes.UNITED:
        members["unit"] = shapes.text
    if name == "diagnosis_date":
        members["precision"] = shapes.BESIDE["precision"]
    beside = {member: kind for member, kind in shapes.BESIDE.items() if member in fact}
    return shapes.wrong(fact, {**members, **beside})


def test_one_entry_stands_for_each_product_and_regulator_that_has_a_row_for_it(assess):
    answer = assess((PATIENTS[0].parent / "adult-first-relapse.json").read_bytes(), ("EMA", "AEMPS"), "ES")
    assert (answer["regulators"], answer["country"]) == (["EMA", "AEMPS"], "ES")
    keys = [(entry["regulator"], entry["product"]) for entry in answer["therapies"]]
    assert len(keys) == len(set(keys))
    # the hospital exemption is Spanish, all other products have been looked at by the European agency
    of_the_dossier = {(regulator, product) for regulator, product in keys if product in DOSSIER}
    european = {("EMA", product) for product in DOSSIER - {"varnimcabtagene-autoleucel"}}
    assert of_the_dossier == {("AEMPS", "varnimcabtagene-autoleucel"), *european}


def test_a_criterion_whose_facts_are_unknown_is_never_a_yes_unless_another_part_decides(assess):
    answer = assess((PATIENTS[0].parent / "nothing-but-a-diagnosis.json").read_bytes())
    for entry in answer["therapies"]:
        for row in (row for indication in entry["indications"] for row in indication["criteria"]):
            states = {answer["facts"][fact]["state"] for fact in row["facts"]}
            assert row["truth"] == "unknown" or "known" in states or not states, row["id"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Interval.point(Decimal("5.0")), 5),
        (Interval.point(Decimal("0.01")), 0.01),
        (
            Interval(None, Decimal("0.01"), high_inclusive=False),
            {"low": None, "high": 0.01, "lowInclusive": True, "highInclusive": False},
        ),
        (Interval(Decimal(2), None), {"low": 2, "high": None, "lowInclusive": True, "highInclusive": True}),
        (Age(PartialDate.of_day(date(1990, 11, 23)), PartialDate.of_day(DAY)), 35),  # the day before the 36th birthday
        (
            Age(PartialDate(date(1990, 1, 1), date(1990, 12, 31), "1990"), PartialDate.of_day(DAY)),
            {"low": 35, "high": 36, "lowInclusive": True, "highInclusive": True},
        ),
        (PartialDate(date(2025, 2, 1), date(2025, 2, 28), "2025-02"), "2025-02"),
        (Decimal("1.5"), 1.5),
        (("blinatumomab",), ["blinatumomab"]),
        (True, True),
        ("positive", "positive"),
        (Interval.point(Decimal(2**53)), 9007199254740992),
        (Interval.point(Decimal("1E+308")), 1e308),
    ],
)
def test_a_value_is_written_as_json_has_it(value, shown):
    assert plain(value) == shown
    assert type(plain(value)) is type(shown)
