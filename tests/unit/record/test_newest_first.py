"""Of tests of which only the newest number counts, older ones are not read: the record is the same as if they had been."""

from datetime import date

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.record import reader
from service.record.bundle import open_bundle
from service.record.newest_first import by_test
from service.record.reader import read_bundle
from tests.case_runners.knowledge import shipped_rules

VOCABULARY = shipped_rules().vocabulary
AS_OF = date(2026, 11, 22)
LOINC = "http://loinc.org"
WEIGHT = {"coding": [{"system": LOINC, "code": "29463-7", "display": "Body weight"}]}
WBC = {"coding": [{"system": LOINC, "code": "6690-2", "display": "Leukocytes [#/volume] in Blood"}]}
KILOGRAM = {"unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg"}


def weight(name, when, value=71.4, code=WEIGHT, **members):
    return {
        "resourceType": "Observation",
        "id": name,
        "status": "final",
        "code": code,
        "subject": {"reference": "Patient/p"},
        "effectiveDateTime": when,
        "valueQuantity": {"value": value, **KILOGRAM},
        **members,
    }


def bundle(*resources):
    patient = {"resourceType": "Patient", "id": "p", "birthDate": "1990-06-15"}
    return orjson.dumps(
        {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": r} for r in (patient, *resources)]}
    )


def names_read(monkeypatch, *resources):
    """Return the ids of the resources that were read, and of the readings that the record has."""
    read, read_one = [], reader._one

    def noted(slice_, shelf):
        read.append(slice_.head.id)
        return read_one(slice_, shelf)

    with monkeypatch.context() as patched:
        patched.setattr(reader, "_one", noted)
        record = read_bundle(bundle(*resources), VOCABULARY, AS_OF)
    return sorted(read), [reading.reference.removeprefix("Observation/") for reading in record.readings], record


def test_older_numbers_are_not_read(monkeypatch):
    read, kept, _ = names_read(
        monkeypatch, weight("old", "2020-01-01"), weight("new", "2026-11-01"), weight("between", "2026-10-31T23:59:00+01:00")
    )
    assert (read, kept) == (["new"], ["new"])


def test_those_of_the_same_day_are_read(monkeypatch):
    read, kept, _ = names_read(monkeypatch, weight("a", "2026-11-01T08:00:00Z"), weight("b", "2026-11-01"))
    assert (read, kept) == (["a", "b"], ["a", "b"])


def test_every_number_of_other_tests_is_read(monkeypatch):
    read, kept, _ = names_read(monkeypatch, weight("old", "2020-01-01", code=WBC), weight("new", "2026-11-01", code=WBC))
    assert (read, kept) == (["new", "old"], ["new", "old"])


@pytest.mark.parametrize(
    "newest",
    [
        pytest.param(weight("new", "2026-11-23"), id="of tomorrow"),
        pytest.param(weight("new", "2026-11-01", status="entered-in-error"), id="entered in error"),
        pytest.param(weight("new", "2026-11-01", valueQuantity={"value": "seventy"}), id="broken"),
        pytest.param(weight("new", "2026-11-01", valueQuantity={**KILOGRAM}), id="without its number"),
        pytest.param(weight("new", "2026-11-01", subject={"reference": "RelatedPerson/mother"}), id="of a relative"),
        pytest.param(weight("new", "2026-11-01", focus=[{"reference": "Patient/other"}]), id="of somebody else"),
        pytest.param(weight("new", "2026-11-01", component=[{"code": WBC, "valueQuantity": {"value": 7}}]), id="a panel"),
        pytest.param(weight("new", "2026-13-01"), id="of a month that is none"),
        pytest.param(weight("new", "2026-11"), id="of a month"),
        pytest.param(weight("new", 2026), id="of a year that is no text"),
    ],
)
def test_what_does_not_count_hides_no_older_number(monkeypatch, newest):
    read, kept, _ = names_read(monkeypatch, newest, weight("old", "2020-01-01"))
    assert "old" in read
    assert "old" in kept or newest["effectiveDateTime"] == "2026-11"  # of that month: surely newer, by the rule of the newest


def test_one_dated_before_birth_is_still_named(monkeypatch):
    read, kept, record = names_read(
        monkeypatch, weight("new", "2026-11-01"), weight("at-birth", "1990-06-15"), weight("before", "1990-06-14")
    )
    assert (read, kept) == (["before", "new"], ["new"])
    assert [(problem.code, problem.where) for problem in record.problems] == [("before-birth", "Observation/before")]


@pytest.mark.parametrize(
    "broken",
    [
        weight("old", "2020-01-01", valueQuantity={"value": "71.4", "unit": "kg"}),
        weight("old", "2020-01-01", valueQuantity={"value": 71.4, "comparator": 7}),
    ],
    ids=["number", "comparator"],
)
def test_one_that_is_broken_is_still_named(monkeypatch, broken):
    read, kept, record = names_read(monkeypatch, weight("new", "2026-11-01"), broken)
    assert (read, kept) == (["new", "old"], ["new"])
    assert [(problem.code, problem.where.split()[0]) for problem in record.problems] == [("unreadable", "Observation/old")]


DAYS = st.sampled_from(["1990-06-14", "2020-01-01", "2020-01", "2026-10-31", "2026-11-22", "2026-11-22T10:00:00Z", "2026-11-23"])
NUMBERS = st.builds(
    weight,
    st.just("w"),
    DAYS,
    st.integers(0, 100),
    st.sampled_from([WEIGHT, WBC]),
    status=st.sampled_from(["final"] * 3 + ["preliminary", "cancelled"]),
)


@given(st.lists(NUMBERS, max_size=8))
def test_the_record_is_the_same_as_if_all_were_read(numbers):
    body = bundle(*({**one, "id": f"o{place}"} for place, one in enumerate(numbers)))
    with pytest.MonkeyPatch.context() as patched:
        short = read_bundle(body, VOCABULARY, AS_OF)
        patched.setattr(reader, "by_test", lambda kept: (kept, []))
        assert short == read_bundle(body, VOCABULARY, AS_OF)


def test_the_newest_stands_first_whatever_the_order():
    slices = list(open_bundle(bundle(weight("a", "2020-01-01"), weight("c", "2026-11-01"), weight("b", "2021-02-28"))))
    others, (dated,) = by_test(slices)
    assert [found.reference for found in others] == ["Patient/p"]
    assert [(on.year, found.reference[-1]) for on, _, found in dated] == [(2026, "c"), (2021, "b"), (2020, "a")]
