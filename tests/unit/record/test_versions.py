"""Several versions of one resource: the newest speaks."""

from datetime import date

import orjson
import pytest

from service.record.reader import read_bundle
from tests.case_runners.knowledge import shipped_rules

PATIENT = {"resource": {"resourceType": "Patient", "id": "p", "birthDate": "1990-06-15"}}


def version(status, value=95, **meta):
    return {
        "fullUrl": "https://example.org/Observation/a",
        "resource": {
            "resourceType": "Observation",
            "id": "a",
            "meta": meta,
            "status": status,
            "code": {"coding": [{"system": "urn:all-cds:facts", "code": "cd22-blasts"}]},
            "effectiveDateTime": "2026-10-01",
            "valueQuantity": {"value": value, "unit": "%"},
        },
    }


def gone(**response):
    return {
        "fullUrl": "https://example.org/Observation/a",
        "request": {"method": "DELETE", "url": "Observation/a"},
        "response": response,
    }


def read(*entries, kind="history"):
    body = orjson.dumps({"resourceType": "Bundle", "type": kind, "entry": [PATIENT, *entries]})
    return read_bundle(body, shipped_rules().vocabulary, date(2026, 11, 22))


EARLY, LATE = {"lastUpdated": "2026-10-02T10:00:00Z"}, {"lastUpdated": "2026-10-03T10:00:00Z"}


@pytest.mark.parametrize("kind", ["history", "collection", "searchset"])
@pytest.mark.parametrize(
    ("older", "newer"),
    [
        (EARLY, LATE),
        ({"versionId": "2"}, {"versionId": "10"}),
        ({"lastUpdated": "2026-10-02T23:30:00+02:00"}, {"lastUpdated": "2026-10-02T22:00:00Z"}),
        ({"lastUpdated": "2026-10-02T10:00:00"}, {"lastUpdated": "2026-10-02T10:00:01Z"}),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_a_later_version_entered_in_error_wins(kind, older, newer, turned):
    entries = [version("final", **older), version("entered-in-error", **newer)]
    assert read(*(reversed(entries) if turned else entries), kind=kind).readings == ()


@pytest.mark.parametrize("turned", [False, True])
def test_a_later_correction_wins(turned):
    entries = [version("final", 95, **EARLY), version("corrected", 0, **LATE)]
    (reading,) = read(*(reversed(entries) if turned else entries)).readings
    assert reading.amount.interval.exact == 0


def test_a_resource_deleted_later_is_gone():
    assert read(gone(lastModified="2026-10-03T10:00:00Z"), version("final", **EARLY)).readings == ()


def test_a_resource_written_again_after_it_was_deleted_is_there():
    assert len(read(version("final", **LATE), gone(lastModified="2026-10-02T10:00:00Z")).readings) == 1


def test_a_version_may_be_dated_by_its_entry():
    older = version("final") | {"response": {"lastModified": "2026-10-02T10:00:00Z"}}
    newer = version("entered-in-error") | {"response": {"lastModified": "2026-10-03T10:00:00Z"}}
    assert read(newer, older).readings == ()


@pytest.mark.parametrize("meta", [{}, EARLY, {"lastUpdated": "soon"}, {"versionId": "x"}, {"versionId": 1}])
def test_versions_of_a_history_without_an_order_are_all_set_aside(meta):
    record = read(version("final", **meta), version("entered-in-error", **meta))
    assert record.readings == ()
    assert [(problem.code, problem.where) for problem in record.problems] == [("unreadable", "Observation/a meta")]
    assert [item.reference for item in record.unreadable] == ["Observation/a"]


def test_a_version_without_a_date_beside_a_dated_one_is_not_put_in_order():
    assert read(version("final", **LATE), version("entered-in-error")).readings == ()


ODD = [
    {"lastUpdated": "0001-01-01T00:00:00+01:00"},  # in UTC a day before the first that there is
    {"lastUpdated": "9999-12-31T23:59:59-01:00"},  # and one after the last
    {"versionId": "9" * 5_000},
    {"versionId": "9" * 65},  # FHIR: an id has at most 64 signs
    {"versionId": "²"},
]


@pytest.mark.parametrize("meta", ODD)
@pytest.mark.parametrize("beside", [{}, {"versionId": "5"}, EARLY])
def test_a_version_that_is_dated_or_numbered_oddly_is_one_that_cannot_be_told(meta, beside):
    for pair in ((meta, meta), (meta, beside), (beside, meta)):
        twins = [version("final", **pair[0]), version("entered-in-error", **pair[1])]
        record = read(*twins)
        assert record.readings == ()
        assert [item.reference for item in record.unreadable] == ["Observation/a"]
        assert len(read(twins[0], version("final", **pair[1]), kind="collection").readings) == 2


def test_the_longest_number_that_an_id_can_hold_is_one():
    assert read(version("final", versionId="9" * 63), version("entered-in-error", versionId="9" * 64)).readings == ()
    assert len(read(version("final", versionId="9" * 64), version("entered-in-error", versionId="9" * 63)).readings) == 1


def test_of_the_same_instant_the_number_decides_where_each_version_has_one():
    assert len(read(version("final", **LATE, versionId="2"), version("entered-in-error", **LATE, versionId="1")).readings) == 1
    record = read(version("final", **LATE, versionId="2"), version("entered-in-error", **LATE))
    assert record.readings == ()
    assert [item.reference for item in record.unreadable] == ["Observation/a"]


def test_twins_outside_of_a_history_without_an_order_are_both_kept():
    assert len(read(version("final"), version("final"), kind="collection").readings) == 2


def test_a_deletion_that_names_no_resource_deletes_none():
    nameless = {"request": {"method": "DELETE"}}
    assert len(read(version("final", **LATE), nameless).readings) == 1


def test_a_history_with_a_broken_envelope_is_read_in_the_same_way():
    older = version("final", **EARLY) | {"request": 7, "response": 7}
    newer = version("entered-in-error") | {
        "request": {"method": "PUT", "url": 7},
        "response": {"lastModified": "2026-10-03T10:00:00Z"},
    }
    assert read(older, newer).readings == ()


def test_an_id_that_two_types_share_is_no_version_of_one_resource():
    other = {
        "resource": {"resourceType": "Condition", "id": "a", "meta": LATE, "code": {"text": "acute lymphoblastic leukaemia"}}
    }
    record = read(version("final", **EARLY), other, kind="collection")
    assert (len(record.readings), len(record.diagnoses)) == (1, 1)
