"""The recipes of the README hold: a new file, or a new dated row in a file that is there, is answered without a change of code.

Everything written here is invented; it goes into a copy of the shipped files that lives as long as the test.
"""

import shutil
from copy import deepcopy
from datetime import date
from pathlib import Path
from textwrap import dedent

import orjson
import pytest
import yaml

from service.consultation import Question, assessment_document, consult
from service.decisions.bind import bind_rules
from service.errors import KnowledgeError
from service.knowledge.loader import DATA, load_library
from service.record.reader import read_bundle
from service.terminology.terms import Terms
from tests.case_runners.shorthand import bundle

TODAY = date(2026, 11, 22)
KNOWN_BY = date(2030, 1, 1)
# with the patient born on 1990-06-15 and the B-cell precursor ALL of 2025-02-03 that every bundle of `shorthand` begins with
RELAPSED = (
    {"observation": "facts disease-state", "on": "2026-10-01", "answer": "facts relapsed"},
    {"observation": "facts cd19-blasts", "on": "2026-10-01", "answer": "facts positive"},
)


class Shelves:
    """A copy of the shipped knowledge files, and what is answered with it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(DATA, folder)

    def write(self, name, text):
        path = self.folder / name
        assert not path.exists(), "a recipe adds a file"
        path.write_text(dedent(text), encoding="utf-8")

    def read(self, name):
        return yaml.safe_load((self.folder / name).read_text(encoding="utf-8"))

    def put(self, name, content):
        (self.folder / name).write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")

    def answer(self, *lines, as_of=TODAY, known_by=KNOWN_BY, regulators=("EMA", "FDA", "AEMPS")):
        library = load_library(self.folder)
        rules = bind_rules(library, Terms(library.value_sets, library.systems))
        body = orjson.dumps(bundle([*RELAPSED, *lines], bare=False))
        found = consult(read_bundle(body, rules.vocabulary, as_of), rules, Question(as_of, known_by, regulators))
        return orjson.loads(orjson.dumps(assessment_document(found)))


@pytest.fixture
def shelves(tmp_path):
    return Shelves(tmp_path / "data")


def verdicts(answer, product):
    return {entry["regulator"]: entry["verdict"] for entry in answer["therapies"] if entry["product"] == product}


EXAMPLOMAB = """\
    product: examplomab
    short: EXA
    name: examplomab
    brand: Examplo
    kind: antibody
    target: cd19
    concept: examplomab
    topic: allexa01
    suggestion: {resource: MedicationRequest, label: Draft order, text: Draft order of examplomab}
    indications:
      - id: E-EXA-1
        regulator: EMA
        says: Adults with relapsed or refractory B-cell precursor ALL
        document: doc-ema-blincyto
        versions:
          - effective: 2026-11-20
            recorded: 2026-11-21
            status: conditional
            verification: V
            sources: [S01]
            read_on: 2026-11-21
            criteria:
              - {id: DIAGNOSIS, text: B-cell precursor ALL, test: {use: bcp-all}}
              - {id: AGE, text: 18 years or older, test: {fact: age_years, at_least: "18 a"}}
              - {id: CD19, text: CD19-positive, test: {fact: cd19, is: positive}}
              - {id: STATE, text: Relapsed or refractory, test: {use: relapsed-or-refractory}}
    cautions:
      - {id: exa-infection, level: warning, text: Infections were reported, regulators: [EMA], verification: V, sources: [S01],
         test: {fact: active_infection, is: true}}
    """
EXAMPLOMAB_WORDS = """\
    concept: examplomab
    says: examplomab
    names: [examplomab, Examplo]
    """


@pytest.fixture
def examplomab(shelves):
    """The shelves with an antibody against CD19 added."""
    shelves.write("value_sets/examplomab.yaml", EXAMPLOMAB_WORDS)
    shelves.write("therapies/examplomab.yaml", EXAMPLOMAB)
    return shelves


def test_a_new_therapy_is_one_file_beside_its_names(shelves, request):
    assert verdicts(shelves.answer(), "examplomab") == {}
    request.getfixturevalue("examplomab")
    answer = shelves.answer()
    assert verdicts(answer, "examplomab") == {"EMA": "on-label"}
    (entry,) = [entry for entry in answer["therapies"] if entry["product"] == "examplomab"]
    assert [row["id"] for row in entry["indications"]] == ["E-EXA-1"]
    assert [(row["id"], row["truth"]) for row in entry["cautions"]] == [("exa-infection", "unknown")]


@pytest.mark.parametrize(
    ("as_of", "known_by", "verdict"),
    [
        (date(2026, 11, 19), date(2026, 11, 21), "not-approved"),
        (date(2026, 11, 20), date(2026, 11, 21), "on-label"),
        (date(2026, 11, 20), date(2026, 11, 20), "not-approved"),  # nobody had written it down yet
    ],
)
def test_a_new_therapy_holds_from_its_day_on_as_soon_as_it_is_written_down(examplomab, as_of, known_by, verdict):
    assert verdicts(examplomab.answer(as_of=as_of, known_by=known_by), "examplomab") == {"EMA": verdict}


# ---------------------------------------------------------------- a new product in the record, as the shipped ones are

EXAMPLOCEL_WORDS = """\
    concept: examplocel
    says: examplocel
    names: [examplocel]
    """


@pytest.fixture
def examplocel(shelves):
    """The shelves with CAR-T cells against CD19 added, by a file as that of brexucabtagene autoleucel is."""
    shelves.write("value_sets/examplocel.yaml", EXAMPLOCEL_WORDS)
    text = EXAMPLOMAB.replace("examplomab", "examplocel").replace("kind: antibody", "kind: autologous CAR-T")
    text = text.replace("    concept:", "    recorded_as: [prior_cd19_car_t]\n    concept:").replace("EXA", "EXC")
    caution = "test: {fact: hypersensitivity, has: examplocel}}"
    shelves.write(
        "therapies/examplocel.yaml",
        text.replace("exa01", "exc01")
        .replace("exa-infection", "exc-hypersensitivity")
        .replace("test: {fact: active_infection, is: true}}", caution),
    )
    return shelves


def told(answer):
    """What an answer says of a product and of the antigen, the product's name left out."""
    facts = answer["facts"]
    names = ("cd19", "prior_cd19_car_t", "prior_car_t", "prior_lines", "disease_state")
    said = {name: {key: facts[name].get(key) for key in ("state", "value", "gap", "flags")} for name in names}
    return said, [item["kind"] for item in answer["timeline"]]


@pytest.mark.parametrize(
    "lines",
    [
        ({"given": "text {}", "on": "2026-10-10"},),
        ({"procedure": "text Infusion of {}", "on": "2026-10-10"},),
        ({"ordered": "text {}", "on": "2026-10-10", "status": "completed"},),
        ({"procedure": "text evaluation for {}", "on": "2026-10-10"},),
        (
            {"given": "text {}", "on": "2026-10-10"},
            {"observation": "facts cd19-blasts", "on": "2026-11-10", "answer": "facts negative"},
        ),
    ],
)
def test_new_cells_against_cd19_are_in_a_record_what_shipped_ones_are(examplocel, lines):
    def answer(name):
        return examplocel.answer(*({key: value.format(name) for key, value in line.items()} for line in lines))

    assert told(answer("examplocel")) == told(answer("brexucabtagene autoleucel"))


def test_after_new_cells_an_old_cd19_no_longer_counts(examplocel):
    # CD19-5: the governing specimen is taken after the last CD19-directed therapy
    facts = examplocel.answer({"given": "text examplocel", "on": "2026-10-10"})["facts"]
    assert (facts["cd19"]["state"], facts["cd19"]["gap"]) == ("unknown", "stale-after-therapy")
    assert (facts["prior_cd19_car_t"]["value"], facts["prior_car_t"]["value"]) == (True, True)


def test_after_a_new_antibody_an_old_cd19_no_longer_counts(examplomab):
    facts = examplomab.answer({"given": "text examplomab", "on": "2026-10-10"})["facts"]
    assert (facts["cd19"]["state"], facts["cd19"]["gap"]) == ("unknown", "stale-after-therapy")
    assert facts["prior_cd19_car_t"]["state"] == facts["prior_car_t"]["state"] == "unknown"


def test_a_hypersensitivity_to_a_new_product_is_told(examplocel):
    allergy = {"resourceType": "AllergyIntolerance", "patient": {"reference": "Patient/p"}, "code": {"text": "examplocel"}}
    answer = examplocel.answer(allergy)
    assert answer["facts"]["hypersensitivity"]["value"] == ["examplocel"]
    (entry,) = [entry for entry in answer["therapies"] if entry["product"] == "examplocel"]
    assert [(row["id"], row["truth"]) for row in entry["cautions"]] == [("exc-hypersensitivity", "yes")]


def test_a_product_of_no_known_kind_is_refused_with_the_place_for_its_kind(shelves):
    shelves.write("value_sets/examplomab.yaml", EXAMPLOMAB_WORDS)
    shelves.write("therapies/examplomab.yaml", EXAMPLOMAB.replace("kind: antibody", "kind: vaccine"))
    with pytest.raises(KnowledgeError) as refused:
        shelves.answer()
    (fault,) = refused.value.faults
    assert (fault.file, fault.text) == ("therapies/examplomab.yaml", "there is no kind of treatment 'vaccine'")
    assert "treatments/" in fault.hint


@pytest.mark.parametrize(("as_of", "verdict"), [(date(2026, 12, 31), "undetermined"), (date(2027, 1, 1), "on-label")])
def test_a_change_of_label_is_a_new_dated_row(shelves, as_of, verdict):
    # the shipped row asks whether the exemption is still valid, which no datum decides; the invented one no longer does
    name = "therapies/varnimcabtagene-autoleucel.yaml"
    therapy = shelves.read(name)
    versions = therapy["indications"][0]["versions"]
    new = deepcopy(versions[-1]) | {"effective": date(2027, 1, 1), "recorded": date(2026, 12, 1)}
    new["criteria"] = [row for row in new["criteria"] if row["id"] != "HE"]
    versions[-1]["until"] = date(2027, 1, 1)
    versions.append(new)
    shelves.put(name, therapy)
    assert verdicts(shelves.answer(as_of=as_of), "varnimcabtagene-autoleucel") == {"AEMPS": verdict}


def test_a_new_risk_system_is_one_file(shelves):
    assert "EX40" not in {entry["system"] for entry in shelves.answer()["riskGroups"]}
    shelves.write(
        "risk_systems/example-2040.yaml",
        """\
        system: EX40
        title: Example 2040
        population: all
        dated_by: diagnosis
        enabled: true
        versions:
          - effective: 2020-01-01
            recorded: 2026-11-21
            hit: unique
            inputs: [age_at_diagnosis_years, cns_status]
            outcomes: [LOW, HIGH]
            verification: V
            sources: [PDQ19]
            read_on: 2026-11-21
            rows:
              - {id: EX-1, when: {age_at_diagnosis_years: "< 35 a", cns_status: any}, then: LOW}
              - {id: EX-2, when: {age_at_diagnosis_years: ">= 35 a", cns_status: CNS3}, then: HIGH}
              - {id: EX-3, when: {age_at_diagnosis_years: ">= 35 a", cns_status: not CNS3}, then: LOW}
        """,
    )
    (entry,) = [entry for entry in shelves.answer()["riskGroups"] if entry["system"] == "EX40"]
    assert (entry["state"], entry["group"], entry["row"], entry["flags"]) == ("decided", "LOW", "EX-1", [])


def test_a_new_code_is_one_line_in_its_value_set(shelves):
    lines = [{"observation": "facts cd22-by-example", "on": "2026-10-01", "answer": "facts positive"}]
    assert shelves.answer(*lines)["facts"]["cd22"]["state"] == "unknown"
    name = "value_sets/cd22-blasts.yaml"
    value_set = shelves.read(name)
    code = {
        "system": "all-cds-facts",
        "code": "cd22-by-example",
        "display": "CD22 by example",
        "verified": True,
        "source": "invented",
    }
    shelves.put(name, value_set | {"codes": [*value_set["codes"], code]})
    assert shelves.answer(*lines)["facts"]["cd22"]["value"] == "positive"


def test_a_new_name_is_one_line_in_its_value_set(shelves):
    lines = [{"observation": "text siglec two", "on": "2026-10-01", "answer": "facts positive"}]
    assert shelves.answer(*lines)["facts"]["cd22"]["state"] == "unknown"
    name = "value_sets/cd22-blasts.yaml"
    value_set = shelves.read(name)
    shelves.put(name, value_set | {"names": [*value_set["names"], "siglec two"]})
    assert shelves.answer(*lines)["facts"]["cd22"]["value"] == "positive"


@pytest.mark.parametrize(
    ("as_of", "cd22"),
    [(date(2026, 12, 31), "positive"), (date(2027, 1, 1), "negative")],
)
def test_a_new_threshold_is_a_new_dated_row(shelves, as_of, cd22):
    name = "limits/antigens.yaml"
    file = shelves.read(name)
    (old,) = [row for row in file["limits"] if row["name"] == "cd22_positive_above_percent"]
    new = deepcopy(old) | {"value": 20, "effective": date(2027, 1, 1), "recorded": date(2026, 12, 1)}
    old["until"] = date(2027, 1, 1)
    shelves.put(name, {"limits": [*file["limits"], new]})
    lines = [{"observation": "loinc 51124-6", "on": "2026-10-01", "quantity": "15 %"}]
    assert shelves.answer(*lines, as_of=as_of)["facts"]["cd22"]["value"] == cd22
