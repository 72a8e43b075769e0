"""What an export says to be deleted does not count (FHIR Bulk Data Access, `deleted` of the manifest)."""

import gzip
import json
import sqlite3

import pytest

from service.errors import StoreError
from tests.cohort.conftest import rejects_of, write_lines
from tests.cohort.test_bad_input import PATIENT, SECOND, became, leukaemia
from tests.cohort.test_fast_ways import observation
from tests.cohort.test_unreadable import flags

BEFORE, DAY, AFTER = "2025-01-01T00:00:00Z", "2025-01-02T00:00:00Z", "2025-01-03T00:00:00Z"
DIAGNOSIS = "Condition/c-a"


def deletions(*addresses, moment=DAY, **members):
    """A line of a file of deletions, as the guide of the Bulk Data export shows it."""
    entries = [{"request": {"method": "DELETE", "url": address}} for address in addresses]
    meta = {"meta": {"lastUpdated": moment}} if moment else {}
    return {"resourceType": "Bundle", "id": "gone", "type": "transaction", "entry": entries} | meta | members


def made(resource, moment):
    return resource | {"meta": {"lastUpdated": moment}}


def two_with_leukaemia(folder, **members):
    write_lines(folder / "Patient.ndjson", [PATIENT, SECOND])
    write_lines(folder / "Condition.ndjson", [leukaemia("a", **members), leukaemia("b", **members)])


@pytest.mark.parametrize("name", ["deleted.ndjson", "deleted.ndjson.gz", "a.deleted.json"])
@pytest.mark.parametrize("processes", [1, 2])
def test_what_is_deleted_does_not_count_and_costs_nobody_else(screened, folder, tmp_path, name, processes):
    two_with_leukaemia(folder, meta={"lastUpdated": BEFORE})
    data = json.dumps(deletions(DIAGNOSIS)).encode()
    (folder / name).write_bytes(gzip.compress(data) if name.endswith("gz") else data)
    report, rows = screened(folder, processes=processes)
    assert became(rows) == {"a": "disease-unknown", "b": "judged"}
    assert flags(rows) == {"a": "", "b": ""}
    assert rejects_of(tmp_path) == []
    assert report.lines["deletions"] == 1
    assert report.counts.noted["patients with a resource that was said to be deleted",] == 1


def test_what_was_made_again_after_it_was_deleted_counts(screened, folder):
    two_with_leukaemia(folder, meta={"lastUpdated": AFTER})
    write_lines(folder / "deleted.ndjson", [deletions(DIAGNOSIS)])
    assert became(screened(folder)[1]) == {"a": "judged", "b": "judged"}


@pytest.mark.parametrize(("moment", "verdict"), [(DAY, "disease-unknown"), ("2025-01-01T23:59:59Z", "disease-unknown")])
def test_of_several_deletions_the_newest_is_meant(screened, folder, moment, verdict):
    """In whatever order, and in whatever time zone they are told."""
    two_with_leukaemia(folder, meta={"lastUpdated": "2025-01-01T12:00:00Z"})
    again = [deletions(DIAGNOSIS, moment=one) for one in (BEFORE, moment, "2025-01-02T01:00:00+02:00", BEFORE)]
    write_lines(folder / "deleted.ndjson", again)
    assert became(screened(folder)[1])["a"] == verdict


@pytest.mark.parametrize(("made_at", "gone_at"), [(None, DAY), (BEFORE, None), (None, None), (BEFORE, "yesterday")])
def test_where_the_times_do_not_tell_it_does_not_count_and_is_no_silence(screened, folder, tmp_path, made_at, gone_at):
    """It may have been made again: the patient is flagged, and what is not there is not taken for absent."""
    two_with_leukaemia(folder, **({"meta": {"lastUpdated": made_at}} if made_at else {}))
    write_lines(folder / "deleted.ndjson", [deletions(DIAGNOSIS, moment=gone_at)])
    _, rows = screened(folder)
    assert became(rows) == {"a": "disease-unknown", "b": "judged"}
    assert flags(rows) == {"a": "unreadable", "b": ""}
    assert rejects_of(tmp_path) == [("Condition.ndjson", 1, "unreadable")]


def test_the_time_of_a_bundle_may_stand_as_its_timestamp(screened, folder):
    two_with_leukaemia(folder, meta={"lastUpdated": BEFORE})
    write_lines(folder / "deleted.ndjson", [deletions(DIAGNOSIS, moment="", timestamp=DAY)])
    assert flags(screened(folder)[1])["a"] == ""


def test_a_patient_who_is_deleted_is_refused_by_name(screened, folder):
    write_lines(folder / "all.ndjson", [made(PATIENT, BEFORE), made(SECOND, AFTER), leukaemia("a"), leukaemia("b")])
    write_lines(folder / "deleted.ndjson", [deletions("Patient/a", "https://ehr.example/fhir/Patient/b", "Patient/z")])
    report, rows = screened(folder)
    assert became(rows) == {"a": "refused:patient-deleted", "b": "judged"}
    assert "patients with more than one Patient resource" not in {name for (name,) in report.counts.noted}


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("processes", [1, 2])
def test_deleted_results_that_are_packed_and_drugs_of_nobody_are_gone_too(screened, folder, zipped, processes):
    drug = {"resourceType": "Medication", "id": "d", "code": {"text": "blinatumomab"}, "meta": {"lastUpdated": BEFORE}}
    given = {
        "resourceType": "MedicationAdministration",
        "id": "m",
        "status": "completed",
        "subject": {"reference": "Patient/a"},
        "effectiveDateTime": "2024-01-01",
        "medicationReference": {"reference": "Medication/d"},
        "meta": {"lastUpdated": BEFORE},
    }
    marker = observation("8867-4", valueString="CD22 positive", effectiveDateTime="2024-01-01")
    marker = made(marker, BEFORE) | {"code": {"text": "CD22 on blasts"}, "valueQuantity": None}
    creatinine = made(observation(id="o-2", effectiveDateTime="2026-11-20"), BEFORE)
    base = [PATIENT, leukaemia("a"), observation("8867-4", id="o-3")]
    name = f"all.ndjson{'.gz' if zipped else ''}"
    without = folder / "without"
    without.mkdir()
    write_lines(without / name, [*base, given], zipped)
    write_lines(without / "deleted.ndjson", [deletions("MedicationAdministration/m")])
    _, wanted = screened(without, processes=processes)
    whole = folder / "whole"
    whole.mkdir()
    write_lines(whole / name, [*base, given, drug, marker, creatinine], zipped)
    _, all_of_it = screened(whole, processes=processes)
    gone = ["MedicationAdministration/m", "Observation/o", "Observation/o-2"]
    write_lines(whole / "deleted.ndjson", [deletions(*gone)])
    _, rows = screened(whole, processes=processes)
    assert rows != all_of_it
    assert rows == wanted


@pytest.mark.parametrize("address", ["Condition?identifier=4711", "Condition", "", "c-a", "Condition/c-a/_history/2"])
def test_a_deletion_that_names_no_resource_is_listed_and_not_applied(screened, folder, tmp_path, address):
    two_with_leukaemia(folder, meta={"lastUpdated": BEFORE})
    write_lines(folder / "deleted.ndjson", [deletions(address)])
    report, rows = screened(folder)
    assert became(rows) == {"a": "judged", "b": "judged"}
    assert rejects_of(tmp_path) == [("deleted.ndjson", 1, "deletion-not-applied")]
    assert json.loads((tmp_path / "out.rejects.ndjson").read_text())["raw"] == address
    assert report.unowned == 0


def history(*entries):
    return {"resourceType": "Bundle", "type": "history", "entry": list(entries)}


def gone_at(moment):
    return {"request": {"method": "DELETE", "url": DIAGNOSIS}, "response": {"lastModified": moment}}


@pytest.mark.parametrize("turned", [False, True])
def test_a_history_in_which_it_was_deleted_twice_says_that_it_is_gone(screened, folder, turned):
    """The second deletion was taken for the first one, told twice."""
    entries = [gone_at(AFTER), {"resource": made(leukaemia("a"), DAY)}, gone_at(BEFORE)]
    write_lines(folder / "all.ndjson", [history({"resource": PATIENT}, *(entries[::-1] if turned else entries))])
    assert became(screened(folder)[1]) == {"a": "disease-unknown"}


def test_a_history_of_one_resource_needs_no_patient_to_say_that_it_is_gone(screened, folder, tmp_path):
    write_lines(folder / "all.ndjson", [PATIENT, made(leukaemia("a"), BEFORE), history(gone_at(DAY))])
    assert became(screened(folder)[1]) == {"a": "disease-unknown"}
    assert rejects_of(tmp_path) == []


def test_spark_applies_them_too(screened, folder, spark):
    medication = {"resourceType": "Medication", "id": "d", "code": {"text": "blinatumomab"}}
    two_with_leukaemia(folder, meta={"lastUpdated": BEFORE})
    write_lines(folder / "drugs.ndjson", [medication])
    write_lines(folder / "deleted.ndjson", [deletions(DIAGNOSIS, "Medication/d", "Observation/o")])
    report, rows = screened(folder)
    on_spark, rows_on_spark = screened(folder, engine=spark)
    assert rows_on_spark == rows
    assert (on_spark.lines, on_spark.counts) == (report.lines, report.counts)
    assert became(rows)["a"] == "disease-unknown"


def test_a_disk_that_is_full_of_deletions_is_told(screened, folder, monkeypatch):
    two_with_leukaemia(folder, meta={"lastUpdated": BEFORE})
    write_lines(folder / "deleted.ndjson", [deletions(DIAGNOSIS)])

    def full(*_):
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise error

    monkeypatch.setattr("service.cohort.deletions._told", full)
    with pytest.raises(StoreError, match="No space left on device"):
        screened(folder)
    monkeypatch.undo()
    assert became(screened(folder)[1])["a"] == "disease-unknown"
