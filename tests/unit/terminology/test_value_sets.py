"""The shipped value sets: every code has its system's shape, and the codes that are easily misread are read rightly."""

from pathlib import Path

import pytest
import yaml

from service.knowledge.schema import CodeSystemFile, ValueSet
from service.knowledge.strict_yaml import read_yaml
from service.terminology.codes import code_fault
from service.terminology.terms import Terms

ROOT = Path(__file__).parents[3]
DATA = ROOT / "service" / "knowledge" / "data"
CASES = ROOT / "tests" / "cases" / "value_sets"


def read(path):
    document = read_yaml(path.read_bytes(), path.name)
    assert not document.faults
    return document.value


VALUE_SETS = {path.stem: ValueSet.model_validate(read(path)) for path in sorted((DATA / "value_sets").glob("*.yaml"))}
SYSTEMS = {row.name: row for row in CodeSystemFile.model_validate(read(DATA / "systems.yaml")).systems}
TERMS = Terms(VALUE_SETS, SYSTEMS)
CODES = [(row, code) for row in VALUE_SETS.values() for code in row.codes]


def cases(*files):
    return [
        pytest.param(case, id=f"{file}: {case['name']}")
        for file in files
        for case in yaml.safe_load((CASES / f"{file}.yaml").read_text(encoding="utf-8"))
    ]


@pytest.mark.parametrize("case", cases("diseases", "observations", "treatments"))
def test_a_code_that_is_easily_misread_stands_for_these_concepts_only(case):
    assert sorted(TERMS.concepts_of(case["system"] or None, case["code"])) == sorted(case["concepts"])


@pytest.mark.parametrize("case", cases("names"))
def test_a_text_speaks_of_these_concepts_only(case):
    assert sorted(TERMS.names_in(case["text"])) == sorted(case["concepts"])


def test_every_verified_code_is_found_under_every_address_of_its_system():
    lost = [
        f"{row.concept} {uri} {code.code}"
        for row, code in CODES
        if code.verified
        for uri in SYSTEMS[code.system].uris
        if row.concept not in TERMS.concepts_of(uri, code.code)
    ]
    assert not lost


def test_no_unverified_code_is_found():
    verified = {(code.system, code.code) for _, code in CODES if code.verified}
    found = [
        f"{row.concept} {code.system} {code.code}"
        for row, code in CODES
        if (code.system, code.code) not in verified
        if TERMS.concepts_of(SYSTEMS[code.system].uris[0], code.code)
    ]
    assert not found


def test_every_code_has_the_shape_of_its_system():
    faults = [
        f"{row.concept} {code.system} {code.code}: {said}" for row, code in CODES if (said := code_fault(code.system, code.code))
    ]
    assert not faults


# A set called any-x holds the words of a whole kind, which a denial has to name: those of x too, on purpose. So does the one of
# relapses in one place alone: that it was isolated is said of a place.
WHOLE = ("any-", "relapse-site-isolated")
# One fusion is a marker of its own and one of the partners of a wider one: its names tell both.
NARROWER = {"marker-pdgfrb-r": "marker-abl-partner", "marker-kmt2a-aff1": "marker-kmt2a-partner"}


def told_apart(concept, found):
    """The sets that a name stands in and that another set does not have to share it with."""
    shared = {NARROWER.get(concept), *(narrow for narrow, wide in NARROWER.items() if wide == concept)}
    return tuple(name for name in found if not name.startswith(WHOLE) and name not in shared)


def test_a_code_that_stands_in_two_sets_says_in_each_what_more_it_means():
    places: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for row, code in CODES:
        if row.concept.startswith(WHOLE):
            continue
        places.setdefault((code.system, code.code), []).append((row.concept, code.means))
    unexplained = [f"{key}: {found}" for key, found in places.items() if len(found) > 1 and not all(means for _, means in found)]
    assert not unexplained


def test_a_name_stands_in_one_set_unless_it_is_a_compound_of_two():
    twins = [
        f"{name!r}: {TERMS.names_in(name)}"
        for row in VALUE_SETS.values()
        for name in row.names
        if not row.concept.startswith(WHOLE)
        if told_apart(row.concept, TERMS.names_in(name)) != (row.concept,)
    ]
    assert [twin for twin in twins if twin.partition(":")[0].strip("'") not in COMPOUNDS] == []


def test_a_relapse_that_was_isolated_was_so_in_one_place_that_is_named():
    places = {"relapse-site-marrow", "relapse-site-extramedullary"}
    named = {name: places.intersection(TERMS.names_in(name)) for name in VALUE_SETS["relapse-site-isolated"].names}
    assert [name for name, found in named.items() if len(found) != 1] == []


# German writes the disease and its relapse as one word: it is a name of both.
COMPOUNDS = {"ALL-Rezidiv", "ALL-Frührezidiv", "ALL-Spätrezidiv", "B-ALL-Rezidiv", "BCP-ALL-Rezidiv", "c-ALL-Rezidiv"}


@pytest.mark.parametrize("name", sorted(COMPOUNDS))
def test_a_compound_of_a_disease_and_its_relapse_names_both(name):
    disease, relapse = TERMS.names_in(name)
    assert (disease, relapse) in {("bcp-all", "status-relapse"), ("all-unspecified-lineage", "status-relapse")}


@pytest.mark.parametrize(
    "code",
    # The observations and components that sites may write in our own code system.
    [
        *(
            "cd19-blasts",
            "cd22-blasts",
            "mrd",
            "mrd-time-point",
            "remission-number",
            "relapse-number",
            "prior-lines",
            "tki-failed",
        ),
        *("relapse-site", "treatment-phase", "disease-state", "relapse-status", "prednisone-response", "end-of-primary-therapy"),
        *(
            "relapse-date",
            "no-alternative-treatment",
            "cns-status",
            "testicular-disease",
            "risk-group",
            "high-risk-first-relapse",
        ),
        "genetic-marker",
    ],
)
def test_an_observation_of_our_own_system_is_the_concept_of_the_same_name(code):
    assert TERMS.concepts_of("urn:all-cds:facts", code) == (code,)


@pytest.mark.parametrize(
    ("code", "concept"),
    [
        ("laboratory", "mrd-laboratory"),
        ("marker", "genetic-marker-name"),
        ("system", "risk-system"),
        ("group", "risk-group-name"),
    ],
)
def test_a_component_of_our_own_system_is_known(code, concept):
    assert TERMS.concepts_of("urn:all-cds:facts", code) == (concept,)


def test_cd19_on_blasts_has_no_code_of_a_public_system():
    assert [code.system for code in VALUE_SETS["cd19-blasts"].codes] == ["all-cds-facts"]
