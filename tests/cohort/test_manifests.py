"""The list of files of an export tells what was not downloaded."""

import json

import pytest

from service.cohort.inputs import find_inputs
from tests.cohort.conftest import rejects_of, write_lines
from tests.cohort.test_bad_input import PATIENT, became, leukaemia


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "export"
    place.mkdir()
    write_lines(place / "Patient.ndjson", [PATIENT])
    write_lines(place / "Condition 1.ndjson.gz", [leukaemia("a")], zipped=True)
    return place


def manifest(*names, deleted=(), **members):
    """As the guide of the Bulk Data export shows it."""
    return {
        "transactionTime": "2021-01-01T00:00:00Z",
        "request": "https://example.com/fhir/Patient/$export",
        "requiresAccessToken": True,
        "output": [{"type": "Patient", "url": f"https://example.com/output/{name}"} for name in names],
        "deleted": [{"type": "Bundle", "url": f"https://example.com/output/{name}"} for name in deleted],
        "error": [{"type": "OperationOutcome", "url": "https://example.com/output/err_file_1.ndjson"}],
    } | members


def not_there(folder, told, name="manifest.json"):
    (folder / name).write_text(json.dumps(told) if isinstance(told, dict) else told)
    return find_inputs([folder]).unread


def test_what_is_listed_and_not_there_is_told(screened, folder, tmp_path):
    listed = manifest("Patient.ndjson", "Observation.ndjson?X-Sig=a%2Fb", deleted=["del_file_1.ndjson"])
    (folder / "manifest.json").write_text(json.dumps(listed, indent=1))
    report, rows = screened(folder)
    assert became(rows) == {"a": "judged"}
    assert rejects_of(tmp_path) == [
        ("Observation.ndjson", None, "listed-but-not-there"),
        ("del_file_1.ndjson", None, "listed-but-not-there"),
        ("manifest.json", None, "not-a-record"),
    ]
    assert report.unowned == 2


@pytest.mark.parametrize(
    "told",
    [
        manifest("Patient.ndjson", "Condition%201.ndjson"),
        manifest("PATIENT.ndjson.gz"),
        manifest("1.ndjson", "2.ndjson"),  # all were given other names
        manifest(),
        manifest("Patient.ndjson", ""),
        manifest(output=[{"url": "https://[/x.ndjson"}, {"url": "https://example.com/Patient.ndjson"}]),
        manifest(output="x"),
        manifest(output=["x", {"url": 1}, {}]),
        json.dumps(manifest("Patient.ndjson", "x.ndjson"), indent=1)[:-2],
    ],
    ids=str,
)
def test_nothing_is_told_where_all_is_there_or_nobody_knows(folder, told):
    assert not_there(folder, told) == ()


def test_a_list_in_a_folder_names_the_folder(folder):
    inner = folder / "second"
    inner.mkdir()
    assert not_there(folder, manifest("Patient.ndjson", "x.ndjson"), "second/list.json") == (
        ("second/x.ndjson", "listed-but-not-there"),
    )


def test_a_list_longer_than_is_read_tells_nothing(folder, monkeypatch):
    monkeypatch.setattr("service.cohort.manifests._LONGEST", 10)
    assert not_there(folder, manifest("Patient.ndjson", "x.ndjson")) == ()
