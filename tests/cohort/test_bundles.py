"""Folders of bundles: whoever is in them, nothing that they hold is lost without a word."""

import json

import pytest

from tests.cohort.conftest import rejects_of
from tests.cohort.test_bad_input import PATIENT, SECOND, became, leukaemia
from tests.cohort.test_unreadable import flags

DAY = "2024-01-01"


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "bundles"
    place.mkdir()
    return place


def write(folder, *entries, name="all.json", **members):
    found = [one if "request" in one or "fullUrl" in one else {"resource": one} for one in entries]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": found} | members
    (folder / name).write_text(json.dumps(bundle))


def at(address, resource):
    """An entry that others refer to by its address; the resource has no id yet where it has none."""
    return {"fullUrl": f"urn:uuid:{address}", "resource": resource}


def given(patient, drug):
    return {
        "resourceType": "MedicationAdministration",
        "status": "completed",
        "subject": {"reference": patient},
        "medicationReference": {"reference": drug},
        "effectiveDateTime": DAY,
    }


def of(address, name):
    return leukaemia(name, subject={"reference": f"urn:uuid:{address}"})


def therapies(rows):
    return {row["patient"]: row["verdict"] for row in rows if (row["kind"], row["id"]) == ("trial", "NCT04521231")}


def test_patients_of_one_bundle_keep_what_refers_to_them_by_its_address(screened, folder):
    nameless = {name: value for name, value in PATIENT.items() if name != "id"}
    write(folder, at("1", PATIENT), at("2", SECOND), at("3", nameless), of("1", "x"), of("2", "y"), of("3", "z"))
    _, rows = screened(folder)
    assert became(rows) == {"a": "judged", "b": "judged", "urn:uuid:3": "judged"}


def test_and_the_drugs_to_which_it_leads(screened, folder):
    """The first had blinatumomab, as is read in a bundle of that patient alone."""
    drug = {"resourceType": "Medication", "code": {"text": "blinatumomab"}}
    first = [at("1", PATIENT), of("1", "x"), given("urn:uuid:1", "urn:uuid:3"), given("urn:uuid:1", "urn:uuid:3")]
    second = [at("2", SECOND), of("2", "y")]
    write(folder, *first, at("3", drug))
    alone = list(screened(folder)[1])
    write(folder, *second)
    alone += screened(folder)[1]
    write(folder, *first, *second, at("3", drug))
    _, together = screened(folder)
    assert together == alone
    write(folder, *first[:2], *second, at("3", drug))
    assert screened(folder)[1] != alone


def test_a_history_says_by_itself_what_is_gone(screened, folder, tmp_path):
    gone = {"request": {"method": "DELETE", "url": "Condition/c-a"}, "response": {"lastModified": "2025-01-01T00:00:00Z"}}
    write(folder, PATIENT, leukaemia("a", meta={"lastUpdated": "2024-01-01T00:00:00Z"}), gone, type="history")
    _, rows = screened(folder)
    assert became(rows) == {"a": "disease-unknown"}
    assert rejects_of(tmp_path) == []


@pytest.mark.parametrize("stray", [5, "x", [], {}, None, {"resourceType": 1}, {"resourceType": ""}])
def test_an_entry_that_is_no_resource_is_lacking_to_the_patient_of_its_bundle(screened, folder, tmp_path, stray):
    write(folder, PATIENT, leukaemia("a"), {"fullUrl": "x", "resource": stray})
    _, rows = screened(folder)
    assert rejects_of(tmp_path) == [("all.json", None, "not-a-resource")]
    assert flags(rows) == {"a": "line-rejected"}


def test_what_is_nobodys_among_several_is_listed(screened, folder, tmp_path):
    stray = {name: value for name, value in leukaemia("a").items() if name != "subject"}
    write(folder, PATIENT, SECOND, leukaemia("a"), stray)
    report, rows = screened(folder)
    assert became(rows) == {"a": "judged", "b": "disease-unknown"}
    assert rejects_of(tmp_path) == [("all.json", None, "no-patient-named")]
    assert report.unowned == 1


@pytest.mark.parametrize("entries", [[], None, [{}], [{"response": {"status": "201"}}]])
def test_a_bundle_that_holds_nothing_is_told(screened, folder, tmp_path, entries):
    write(folder, PATIENT, leukaemia("a"))
    write(folder, name="empty.json", entry=entries)
    report, _ = screened(folder)
    assert rejects_of(tmp_path) == [("empty.json", None, "bundle-without-resources")]
    assert report.unowned == 0


@pytest.mark.parametrize("entries", [{"resource": SECOND}, "x", [5], [[]]])
def test_entries_that_are_none_may_be_anybodys(screened, folder, tmp_path, entries):
    write(folder, PATIENT, leukaemia("a"))
    write(folder, name="broken.json", entry=entries)
    report, _ = screened(folder)
    assert rejects_of(tmp_path) == [("broken.json", None, "not-a-resource")]
    assert report.unowned == 1


def test_a_document_that_is_no_resource_is_told_and_is_no_patients(screened, folder, tmp_path):
    """Such as the list of files that a Bulk Data server gives."""
    write(folder, PATIENT, leukaemia("a"))
    (folder / "manifest.json").write_text(json.dumps({"transactionTime": DAY, "output": [], "deleted": []}))
    report, _ = screened(folder)
    assert rejects_of(tmp_path) == [("manifest.json", None, "not-a-record")]
    assert report.unowned == 0


def test_a_list_of_resources_may_be_anybodys(screened, folder, tmp_path):
    write(folder, PATIENT, leukaemia("a"))
    (folder / "list.json").write_text(json.dumps([SECOND]))
    report, _ = screened(folder)
    assert rejects_of(tmp_path) == [("list.json", None, "not-a-resource")]
    assert report.unowned == 1
