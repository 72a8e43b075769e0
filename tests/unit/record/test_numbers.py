"""The short way to a plain number must give what the long way gives, or nothing at all."""

import msgspec
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.record.numbers import read_number
from service.record.observations import read_observation
from service.record.shelf import Shelf
from service.record.tolerant import Unreadable
from tests.case_runners.knowledge import shipped_rules

LOINC = "http://loinc.org"
INTERPRETATION = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
WBC = {"coding": [{"system": LOINC, "code": "6690-2", "display": "Leukocytes [#/volume] in Blood"}]}
VOCABULARY = shipped_rules().vocabulary


def observation(**members):
    plain = {
        "resourceType": "Observation",
        "status": "final",
        "code": WBC,
        "effectiveDateTime": "2031-04-02T08:15:00+02:00",
        "valueQuantity": {"value": 41.50, "unit": "10*9/L"},
    }
    return {name: value for name, value in {**plain, **members}.items() if value != "left out"}


def short_way(resource):
    number = read_number(msgspec.Raw(orjson.dumps(resource)), "Observation/1", Shelf(VOCABULARY))
    return None if number is None else number.reading()


def long_way(resource):
    return read_observation(orjson.loads(orjson.dumps(resource)), "Observation/1", Shelf(VOCABULARY))


@pytest.mark.parametrize(
    "members",
    [
        pytest.param({}, id="as it comes"),
        pytest.param({"status": "preliminary"}, id="preliminary"),
        pytest.param({"effectiveDateTime": "2031-04"}, id="a month"),
        pytest.param({"valueQuantity": {"value": 5, "unit": "percent", "code": "%"}}, id="code before unit"),
        pytest.param({"valueQuantity": {"value": 0.01, "comparator": "<", "code": "%"}}, id="below a limit"),
        pytest.param({"valueQuantity": {"value": 4}}, id="no unit"),
        pytest.param({"interpretation": [{"coding": [{"system": INTERPRETATION, "code": "POS"}]}]}, id="positive by code"),
        pytest.param({"interpretation": [{"text": "negative (sensitivity 10^-5)"}]}, id="negative by words"),
        pytest.param({"interpretation": [{"text": "high"}, {"text": "high"}]}, id="two words"),
        pytest.param({"referenceRange": [{"low": {"value": 1}}, {"high": {"value": 0}}, {"high": {"value": 35.5}}]}, id="limits"),
        pytest.param({"code": {"text": "CD19 lymphocytes by FACS, bone marrow"}}, id="a name without a code"),
        pytest.param({"code": {"text": "MRD end of induction by PCR"}}, id="method and time in the name"),
        pytest.param({"code": {"text": "Fracture"}}, id="an unknown name"),
        pytest.param({"valueRatio": {"numerator": {"value": 1}}}, id="a second value that the long way does not read"),
    ],
)
def test_a_plain_number_is_read_alike_both_ways(members):
    resource = observation(**members)
    found = short_way(resource)
    assert found is not None
    assert found == long_way(resource)


@pytest.mark.parametrize(
    "members",
    [
        pytest.param({"status": "entered-in-error"}, id="entered in error"),
        pytest.param({"status": "final-ish"}, id="unknown status"),
        pytest.param({"status": "left out"}, id="no status"),
        pytest.param({"code": "left out"}, id="no code"),
        pytest.param({"code": {}}, id="empty code"),
        pytest.param({"code": {"coding": "WBC"}}, id="broken code"),
        pytest.param({"effectiveDateTime": "left out", "issued": "2031-04-02T08:15:00Z"}, id="dated by its issue"),
        pytest.param({"effectiveDateTime": "yesterday"}, id="broken date"),
        pytest.param({"valueQuantity": {"unit": "%"}}, id="no number"),
        pytest.param({"valueQuantity": {"value": "41.5"}}, id="a number in quotes"),
        pytest.param({"valueQuantity": {"value": True}}, id="true as a number"),
        pytest.param({"valueQuantity": {"value": 4, "comparator": "about"}}, id="unknown comparator"),
        pytest.param({"interpretation": {"text": "high"}}, id="interpretation that is no list"),
        pytest.param({"interpretation": [{"text": 5}]}, id="broken interpretation"),
        pytest.param({"component": []}, id="components"),
        pytest.param({"hasMember": [{"reference": "#k"}]}, id="members"),
        pytest.param({"referenceRange": {"high": {"value": 5}}}, id="limits that are no list"),
        pytest.param({"referenceRange": [{"high": {"value": "5"}}]}, id="a limit in quotes"),
        pytest.param({"referenceRange": None}, id="limits that are nothing"),
        pytest.param({"subject": {"reference": "RelatedPerson/mother"}}, id="a relative's"),
        pytest.param({"subject": {"reference": "Group/cohort"}}, id="a group's"),
        pytest.param({"note": [{"text": "sensitivity 10^-4"}]}, id="notes"),
        pytest.param({"specimen": {"display": "Bone marrow"}}, id="specimen"),
        pytest.param({"method": {"text": "flow cytometry"}}, id="method"),
        pytest.param({"valueString": "five"}, id="words beside the number"),
        pytest.param({"dataAbsentReason": {"text": "unknown"}}, id="absent for a reason"),
    ],
)
def test_whatever_is_no_plain_number_is_left_to_the_long_way(members):
    assert short_way(observation(**members)) is None


def test_what_is_remembered_of_one_result_is_not_told_of_another():
    shelf = Shelf(VOCABULARY)
    mother, own = {"reference": "RelatedPerson/mother"}, {"reference": "Patient/p"}
    limits = [{"high": {"value": 5, "unit": "%"}}]
    each = [
        observation(subject=own, referenceRange=limits),
        observation(subject=mother, referenceRange=limits),
        observation(subject=own, referenceRange=limits, valueQuantity={"value": 41.5, "unit": "%"}),
        observation(subject=own, referenceRange=limits),
        observation(referenceRange=[{"high": {"value": 6}}]),
        observation(subject=mother),
    ]
    found = [read_number(msgspec.Raw(orjson.dumps(one)), "Observation/1", shelf) for one in each]
    limits_found = [None if one is None else (str(one.upper_limit) if one.upper_limit is not None else "none") for one in found]
    assert limits_found == ["none", None, "5", "none", "6", None]
    assert found[2] is not None
    assert found[2].reading() == long_way(each[2])


scalars = (
    st.none() | st.booleans() | st.integers(-5, 2**70) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=4)
)


@given(
    members=st.fixed_dictionaries(
        {},
        optional={
            "status": st.sampled_from(["final", "amended", "registered", "cancelled", ""]) | scalars,
            "effectiveDateTime": st.sampled_from(["2031", "2031-02-30", "2031-04-02T24:00:00Z"]) | scalars,
            "valueQuantity": scalars
            | st.fixed_dictionaries({}, optional=dict.fromkeys(("value", "unit", "code", "comparator"), scalars)),
            "interpretation": scalars | st.lists(scalars | st.fixed_dictionaries({"text": scalars}), max_size=2),
            "referenceRange": scalars
            | st.lists(scalars | st.fixed_dictionaries({"high": st.fixed_dictionaries({"value": scalars})}), max_size=2),
            "code": scalars | st.fixed_dictionaries({"text": scalars}),
        },
    )
)
def test_no_shape_makes_the_two_ways_differ(members):
    try:
        resource = observation(**members)
        found = short_way(resource)
    except orjson.JSONEncodeError:
        return  # a number that this writer refuses
    if found is None:
        return
    try:
        assert found == long_way(resource)
    except Unreadable as fault:
        pytest.fail(f"the long way cannot read {fault.path}")


def meaning(code):
    return {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/referencerange-meaning", "code": code}]}


@pytest.mark.parametrize(
    ("ranges", "limit"),
    [
        pytest.param([{"high": {"value": 50}}], 50, id="one range"),
        pytest.param([{"high": {"value": 50}}, {"high": {"value": 50}}], 50, id="the same one twice"),
        pytest.param([{"high": {"value": 50}}, {"high": {"value": 35}}], None, id="two that differ"),
        pytest.param([{"high": {"value": 50}, "appliesTo": [{"text": "male"}]}], None, id="of a sex"),
        pytest.param([{"high": {"value": 200}, "age": {"high": {"value": 14, "code": "d"}}}], None, id="of an age"),
        pytest.param(
            [{"high": {"value": 50}, "appliesTo": [{"text": "male"}]}, {"high": {"value": 50}}], None, id="beside one of a sex"
        ),
        pytest.param([{"high": {"value": 50}, "type": meaning("normal")}], 50, id="of healthy people"),
        pytest.param([{"high": {"value": 70}, "type": meaning("treatment")}], None, id="to be reached by treatment"),
        pytest.param(
            [{"high": {"value": 70}, "type": meaning("treatment")}, {"high": {"value": 50}}], 50, id="beside one of treatment"
        ),
        pytest.param([{"high": {"value": 70}, "type": {"text": "target"}}], None, id="of a kind that no code tells"),
        pytest.param([{"high": {"value": 70}, "type": "normal"}], None, id="of a kind that cannot be read"),
    ],
)
def test_the_upper_limit_is_never_one_of_several_people(ranges, limit):
    """therapies.md: the limit is that of the result's own reference range; one that may be another's is none."""
    resource = observation(referenceRange=ranges)
    assert short_way(resource).upper_limit == limit
    assert long_way(resource).upper_limit == limit


@pytest.mark.parametrize("method", ["flow", "pcr", "ngs"])
@pytest.mark.parametrize("written", [str.lower, str.upper, str.capitalize])
def test_a_method_is_read_however_it_is_written(method, written):
    """assessment.md 3 and 4: `method` is text or code, and the words are flow, pcr, ngs."""
    word = written(method)
    assert f"method-{method}" in long_way(observation(method={"text": word})).methods


@pytest.mark.parametrize("code", ["flow", "pcr", "ngs", "FLOW", "PCR", "NGS"])
def test_a_method_is_read_from_a_code_of_this_project(code):
    """assessment.md 4: `method` text or code."""
    read = long_way(observation(method={"coding": [{"system": "urn:all-cds:facts", "code": code}]}))
    assert f"method-{code.lower()}" in read.methods


def test_early_t_cell_precursor_all_is_t_all():
    """terminology.md: the early T-cell precursor leukaemia is T-ALL."""
    assert "t-all" in VOCABULARY.terms.names_in("Early T-cell precursor ALL")
