"""Which missing item would settle an open system by itself: columns, definitions, rows in an order, rows that nobody read."""

from datetime import date

import pytest

from service.logic.fact import known
from tests.judged import judge_risk_groups, rank_needs

LATER = date(2040, 1, 1)
PH = {"fact": "ph", "is": "positive"}
BOTH = {"all": [PH, {"fact": "cd19", "is": "positive"}]}


@pytest.fixture
def settling(bound, facts):
    """The items that are said to settle the one system among the rows, of all that it asks for."""

    def make(*rows, **given):
        rules, record = bound(*rows), {**facts, **{name: known(value) for name, value in given.items()}}
        groups = judge_risk_groups(record, rules, LATER)
        return {need.fact: bool(need.risk_groups) for need in rank_needs(record, rules, (), groups)}

    return make


@pytest.mark.parametrize(
    ("rows", "settles"),
    [
        ({"marrow": "HR", "combined | extramedullary": "SR"}, True),
        ({"marrow | combined | extramedullary": "HR", "any": "SR"}, False),  # every site leaves both
    ],
)
def test_a_value_settles_where_it_leaves_one_answer(settling, make, rows, settles):
    assert settling(make.risk_system(make.risk_version(rows))) == {"relapse_site": settles}


@pytest.mark.parametrize(("hit", "settles"), [("first", True), ("unique", False)])
def test_of_rows_in_an_order_the_first_that_surely_holds_settles(settling, make, hit, settles):
    version = make.risk_version({"marrow | combined | extramedullary": "HR", "any": "SR"}, hit=hit)
    assert settling(make.risk_system(version)) == {"relapse_site": settles}


@pytest.mark.parametrize(
    ("verification", "given", "settles"),
    [
        ("V", {"cd19": "positive"}, {"ph": True}),
        ("V", {}, {"ph": True, "cd19": True}),  # one that is negative settles: SR
        ("B", {"cd19": "positive"}, {"ph": True}),  # only a yes would not be sure
        ("B", {}, {"ph": True, "cd19": True}),
    ],
)
def test_a_definition_settles_as_far_as_it_is_decided_and_verified(settling, make, verification, given, settles):
    system = make.risk_system(make.risk_version({"yes": "HR", "no": "SR"}, of="both"))
    assert settling(make.definition("both", BOTH, verification=verification), system, **given) == settles


def test_an_unverified_definition_that_only_says_yes_settles_nothing(settling, make):
    opposite = {"none": [BOTH]}
    rows = (make.definition("opposite", opposite, verification="B"),)
    system = make.risk_system(make.risk_version({"yes": "HR", "no": "SR"}, of="opposite"))
    # Either item makes it a yes, which is not sure; a no needs both of them.
    assert settling(*rows, system) == {"ph": False, "cd19": False}
    assert settling(*rows, system, cd19="positive") == {"ph": True}


def test_a_row_that_nobody_read_settles_nothing_unless_a_feature_stands_in_its_place(settling, make):
    version = make.risk_version({"marrow": "HR", "combined": "SR", "marrow | combined | extramedullary": "MR"})
    version["rows"][2]["verification"] = "B"
    assert settling(make.risk_system(version)) == {"relapse_site": False}
    system = make.risk_system(version, overlays=[{"flag": "feature", "test": PH, "instead": True}])
    assert settling(system, ph="negative") == {"relapse_site": False}
    assert settling(system, ph="positive") == {"relapse_site": True}


def test_a_lineage_that_is_not_told_settles_nothing(settling, make):
    version = make.risk_version({"any": "HR", "not all-lineage-unknown": "SR"}, of="disease")
    assert settling(make.risk_system(version)) == {"disease": False}  # every told one leaves both


@pytest.mark.parametrize(("given", "settles"), [({}, True), ({"relapse_site": "marrow"}, True)])
def test_a_system_that_is_not_for_the_patient_is_settled(settling, make, given, settles):
    system = make.risk_system(make.risk_version({"marrow": "HR", "combined": "SR"}, applies=PH, not_applicable="Ph"))
    assert settling(system, **given)["ph"] is settles
