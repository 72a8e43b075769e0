"""What cannot be used is counted, listed with file and line, and costs nobody else."""

import errno
import gzip
import json
import os
import resource
import signal
import subprocess
import sys

import duckdb
import pytest

from service import cli
from service.cohort.files import disk_told
from service.cohort.inputs import find_inputs
from service.cohort.lines import Block, Fault, blocks_of
from service.cohort.part_rows import PartFile
from service.errors import NoPatient, RequestError, StoreError
from service.synth.export import made_up, write_cohort
from tests.cohort.conftest import QUESTION, rejects_of, write_lines

PATIENT = {"resourceType": "Patient", "id": "a", "birthDate": "1990-01-01", "gender": "male"}
SECOND = PATIENT | {"id": "b"}


def leukaemia(patient, **members):
    code = {"coding": [{"system": "http://snomed.info/sct", "code": "277571004"}]}
    return {
        "resourceType": "Condition",
        "id": f"c-{patient}",
        "code": code,
        "subject": {"reference": f"Patient/{patient}"},
    } | members


def became(rows):
    return {row["patient"].removeprefix("Patient/"): row["verdict"] for row in rows if row["kind"] == "patient"}


def test_lines_that_cannot_be_used_are_listed_with_file_and_line(screened, folder, tmp_path):
    lines = [
        json.dumps(leukaemia("a")),
        '{"resourceType": "Condition", "id": "cut',
        "",
        "[1, 2]",
        json.dumps({"resourceType": "Observation", "id": "o", "status": "final"}),
        json.dumps({"birthDate": "1990-01-01"}),
        json.dumps({"resourceType": "Patient", "birthDate": "1990-01-01"}),
    ]
    (folder / "mixed.ndjson").write_text("\n".join(lines))
    write_lines(folder / "Patient.ndjson", [PATIENT])
    report, rows = screened(folder)
    assert rejects_of(tmp_path) == [
        ("mixed.ndjson", 2, "not-json"),
        ("mixed.ndjson", 4, "not-a-resource"),
        ("mixed.ndjson", 5, "no-patient-named"),
        ("mixed.ndjson", 6, "not-a-resource"),
        ("mixed.ndjson", 7, "patient-without-id"),
    ]
    assert report.rejected == {"not-json": 1, "not-a-resource": 2, "no-patient-named": 1, "patient-without-id": 1}
    assert became(rows) == {"a": "judged"}
    kept = (tmp_path / "out.rejects.ndjson").read_text(encoding="utf-8").splitlines()
    assert json.loads(kept[0])["raw"] == lines[1]


def test_a_gzip_file_that_breaks_off_is_read_as_far_as_it_goes(screened, folder, tmp_path):
    write_lines(folder / "Patient.ndjson", [PATIENT])
    whole = gzip.compress((json.dumps(leukaemia("a")) + "\n").encode()) + gzip.compress(b"x" * 5000)
    (folder / "Condition.ndjson.gz").write_bytes(whole[:-20])
    _, rows = screened(folder)
    assert became(rows) == {"a": "judged"}
    assert ("Condition.ndjson.gz", "gzip-broken-off") in {(file, code) for file, _, code in rejects_of(tmp_path)}


def test_a_patient_of_whom_no_patient_resource_came_is_refused_by_name(screened, folder):
    write_lines(folder / "all.ndjson", [PATIENT, leukaemia("a"), leukaemia("b")])
    _, rows = screened(folder)
    assert became(rows) == {"a": "judged", "b": "refused:no-patient"}


def test_one_patient_sent_twice_counts_once_and_two_that_differ_are_refused(screened, folder):
    other_birth = SECOND | {"birthDate": "2010-01-01"}
    write_lines(folder / "one.ndjson", [PATIENT, SECOND, leukaemia("a"), leukaemia("b")])
    write_lines(folder / "two.ndjson", [PATIENT, other_birth, leukaemia("a")])
    report, rows = screened(folder)
    assert became(rows) == {"a": "judged", "b": "refused:patient-contradicts-itself"}
    assert report.counts.noted["patients with more than one Patient resource",] == 2


def test_the_newest_of_two_patient_resources_speaks(screened, folder):
    old = SECOND | {"birthDate": "2010-01-01", "meta": {"lastUpdated": "2020-01-01T00:00:00Z"}}
    new = SECOND | {"meta": {"lastUpdated": "2021-01-01T00:00:00Z"}}
    write_lines(folder / "one.ndjson", [new, old, leukaemia("b")])
    _, rows = screened(folder)
    assert became(rows) == {"b": "judged"}


def test_a_newer_version_about_something_else_takes_the_older_one_away(screened, folder):
    """The newer one is not asked for by any fact, and is dropped early; the older one must not come back by that."""
    drug = {
        "resourceType": "MedicationAdministration",
        "id": "m",
        "status": "completed",
        "subject": {"reference": "Patient/a"},
        "effectiveDateTime": "2024-01-01",
        "medicationCodeableConcept": {"text": "blinatumomab"},
        "meta": {"lastUpdated": "2024-01-02T00:00:00Z"},
    }
    corrected = drug | {"medicationCodeableConcept": {"text": "paracetamol"}, "meta": {"lastUpdated": "2024-01-03T00:00:00Z"}}
    write_lines(folder / "one.ndjson", [PATIENT, leukaemia("a"), drug, corrected])
    report, rows = screened(folder, keep_work=False)
    assert report.lines["shadows"] == 1
    without = folder.parent / "without"
    without.mkdir()
    write_lines(without / "one.ndjson", [PATIENT, leukaemia("a")])
    assert screened(without)[1] == rows


def test_a_type_of_an_older_fhir_refuses_its_patient_only(screened, folder, tmp_path):
    ordered = {"resourceType": "MedicationOrder", "id": "m", "patient": {"reference": "Patient/b"}}
    write_lines(folder / "one.ndjson", [PATIENT, SECOND, leukaemia("a"), leukaemia("b"), ordered])
    _, rows = screened(folder)
    assert became(rows) == {"a": "judged", "b": "refused:other-fhir-version"}
    assert rejects_of(tmp_path) == [("one.ndjson", 5, "other-fhir-version")]


@pytest.mark.parametrize(
    "members",
    [
        {"notGiven": True},
        {"status": "given"},
        {"resourceType": "medicationadministration"},
        {"medicationCodeableConcept": None, "medication": {"concept": {"text": "blinatumomab"}}},
    ],
)
def test_a_dose_that_is_not_r4_is_set_aside_as_where_one_patient_is_asked_about(screened, folder, tmp_path, service, members):
    dose = {
        "resourceType": "MedicationAdministration",
        "id": "m",
        "status": "completed",
        "subject": {"reference": "Patient/b"},
        "medicationCodeableConcept": {"text": "blinatumomab"},
    } | members
    write_lines(folder / "one.ndjson", [PATIENT, SECOND, leukaemia("a"), leukaemia("b"), dose])
    _, rows = screened(folder)
    assert became(rows) == {"a": "judged", "b": "judged"}
    assert rejects_of(tmp_path) == [("one.ndjson", 5, "unreadable")]
    flags = {row["patient"]: row["flags"] for row in rows if row["kind"] == "patient"}
    assert ["unreadable" in flags[f"Patient/{name}"] for name in "ab"] == [False, True]
    entries = [{"resource": one} for one in (SECOND, leukaemia("b"), dose)]
    alone = service.consult_bundle(json.dumps({"resourceType": "Bundle", "entry": entries}).encode(), QUESTION)
    assert [problem.code for problem in alone.problems] == ["unreadable"]


def test_what_has_no_type_of_fhir_is_told_also_where_no_leukaemia_is_shown(screened, folder, tmp_path):
    """Its name in small letters took a diagnosis away without a word."""
    misspelt = leukaemia("a", resourceType="condition")
    nobodys = {"resourceType": "Foo", "id": "f"}
    write_lines(folder / "one.ndjson", [PATIENT, misspelt, nobodys])
    _, rows = screened(folder)
    assert became(rows) == {"a": "disease-unknown"}
    assert sorted(rejects_of(tmp_path)) == [("one.ndjson", 2, "unreadable"), ("one.ndjson", 3, "not-a-resource")]


def test_a_drug_that_is_a_resource_of_nobody_reaches_all_who_point_at_it(screened, folder):
    medication = {"resourceType": "Medication", "id": "drug", "code": {"text": "blinatumomab"}}
    given = [
        {
            "resourceType": "MedicationAdministration",
            "id": f"m-{name}",
            "status": "completed",
            "subject": {"reference": f"Patient/{name}"},
            "effectiveDateTime": "2024-01-01",
            "medicationReference": {"reference": "Medication/drug"},
        }
        for name in "ab"
    ]
    write_lines(folder / "one.ndjson", [PATIENT, SECOND, leukaemia("a"), leukaemia("b"), *given, medication])
    direct = folder.parent / "direct"
    direct.mkdir()
    named = [{**one, "medicationCodeableConcept": {"text": "blinatumomab"}} for one in given]
    for one in named:
        del one["medicationReference"]
    write_lines(direct / "one.ndjson", [PATIENT, SECOND, leukaemia("a"), leukaemia("b"), *named])
    nothing = folder.parent / "nothing"
    nothing.mkdir()
    write_lines(nothing / "one.ndjson", [PATIENT, SECOND, leukaemia("a"), leukaemia("b")])
    rows = screened(folder)[1]
    assert rows == screened(direct)[1]
    assert rows != screened(nothing)[1]


def test_an_input_without_any_patient_is_said_and_its_rejects_are_there(screened, folder, tmp_path):
    (folder / "one.ndjson").write_text("nothing\n")
    with pytest.raises(NoPatient):
        screened(folder)
    assert rejects_of(tmp_path) == [("one.ndjson", 1, "not-json")]
    assert not (tmp_path / "out.ndjson").exists()


@pytest.mark.parametrize("text", ["", '{"resourceType":"Organization","id":"o"}\n'])
def test_an_input_without_any_patient_of_which_nothing_is_rejected_does_not_send_to_the_rejects(screened, folder, tmp_path, text):
    (folder / "one.ndjson").write_text(text)
    with pytest.raises(NoPatient) as error:
        screened(folder)
    assert rejects_of(tmp_path) == []
    assert error.value.hint == "nothing was rejected, and nothing that was read is of a patient"


def test_other_files_of_a_folder_are_named(folder):
    write_lines(folder / "Patient.ndjson", [PATIENT])
    (folder / "export.log").write_text("done")
    assert find_inputs([folder]).ignored == ("export.log",)


def test_what_is_told_beside_made_up_patients_is_not_taken_for_theirs(folder, tmp_path):
    write_cohort(made_up(1, 1), tmp_path / "made-up")
    (tmp_path / "made-up" / "truth.ndjson").rename(folder / "truth.ndjson")
    write_lines(folder / "Patient.ndjson", [PATIENT])
    assert [source.name for source in find_inputs([folder]).sources] == ["Patient.ndjson"]
    assert find_inputs([folder]).ignored == ("truth.ndjson",)
    assert [source.name for source in find_inputs([folder / "truth.ndjson"]).sources] == ["truth.ndjson"]


@pytest.mark.parametrize(
    "text", [json.dumps(PATIENT), '{"patient":{"reference":"Patient/a"},"resourceType":"Consent"}', "{}", ""]
)
def test_a_file_of_that_name_that_tells_no_truth_is_read(folder, text):
    (folder / "truth.ndjson").write_text(f"{text}\n")
    assert [source.name for source in find_inputs([folder]).sources] == ["truth.ndjson"]


def test_a_file_of_that_name_that_cannot_be_looked_into_is_told(folder):
    write_lines(folder / "Patient.ndjson", [PATIENT])
    os.mkfifo(folder / "truth.ndjson")
    assert find_inputs([folder]).unread == (("truth.ndjson", "no-plain-file"),)
    (folder / "truth.ndjson").unlink()
    (folder / "truth.ndjson").symlink_to(folder / "nothing")
    assert find_inputs([folder]).unread == (("truth.ndjson", "link-leads-nowhere"),)


def test_files_of_several_folders_are_told_apart_by_the_folder(folder, tmp_path):
    write_lines(folder / "Patient.ndjson", [PATIENT])
    second = tmp_path / "second"
    second.mkdir()
    write_lines(second / "Patient.ndjson", [SECOND])
    assert [source.name for source in find_inputs([folder, second]).sources] == ["export/Patient.ndjson", "second/Patient.ndjson"]


def test_a_folder_with_nothing_to_read_is_refused(folder):
    with pytest.raises(RequestError, match="no file to read"):
        find_inputs([folder])
    with pytest.raises(RequestError, match="no such file"):
        find_inputs([folder / "none"])


def test_a_line_longer_than_is_held_is_passed_over(tmp_path):
    path = tmp_path / "long.ndjson"
    path.write_bytes(b"a" * 50 + b"\n" + b"short\n")
    fault, block = blocks_of(path, zipped=False, longest=20)
    assert fault == Fault("line-too-long", b"a" * 40)
    assert block == Block(51, b"short\n")


def test_a_full_disk_under_the_engine_is_told_in_words_of_ours():
    long = 'IO Error: Async write failed for range [offset=1]: {"exception_message":"' + "x" * 300 + ': No space left on device"}'
    with pytest.raises(StoreError, match=r"stopped: No space left on device$") as failure, disk_told():
        raise duckdb.IOException(long)
    assert "make room" in failure.value.hint


@pytest.mark.parametrize(
    ("error", "said", "hint"),
    [
        (OSError(errno.ENOSPC, ""), "No space left on device", "make room"),
        (OSError(errno.EDQUOT, ""), "Disk quota exceeded", "make room"),
        (OSError(errno.ENOENT, ""), "No such file or directory", "see that the folders can be written"),
        (OSError(errno.EROFS, "", "/archive/out.csv"), "Read-only file system", "see that the folders can be written"),
        (OSError("odd"), "odd", "see that the folders can be written"),
        (
            duckdb.IOException("IO Error: Cannot open file: No such file"),
            "Cannot open file",
            "see that the folders can be written",
        ),
        (duckdb.OutOfMemoryException("Out of Memory Error: full"), "full", "more --memory"),
    ],
    ids=str,
)
def test_a_disk_that_refuses_is_told_with_what_would_help(error, said, hint):
    with pytest.raises(StoreError) as failure, disk_told():
        raise error
    assert said in failure.value.message
    assert failure.value.hint.startswith((hint, "give the same command again with more --memory"))
    assert "it goes on where it stopped" in failure.value.hint
    assert failure.value.where == (getattr(error, "filename", None) or "")


def test_a_full_disk_leaves_nothing_that_looks_complete(screened, folder, tmp_path, monkeypatch):
    write_lines(folder / "one.ndjson", [PATIENT, leukaemia("a")])

    def full(*arguments):
        raise OSError(errno.ENOSPC, "")

    monkeypatch.setattr(PartFile, "flush", full)
    with pytest.raises(StoreError, match="No space left on device") as failure:
        screened(folder)
    assert "goes on where it stopped" in failure.value.hint
    assert [path.name for path in tmp_path.iterdir()] == sorted(
        ["export", "work"], key=[p.name for p in tmp_path.iterdir()].index
    )
    assert list((tmp_path / "work" / "parts").iterdir()) == []
    monkeypatch.undo()
    assert became(screened(folder)[1]) == {"a": "judged"}
    assert not (tmp_path / "work").exists()


def test_a_disk_that_is_full_at_any_file_size_ends_with_its_code_and_goes_on_with_room(folder, tmp_path):
    write_lines(folder / "one.ndjson", [PATIENT, SECOND, leukaemia("a"), leukaemia("b")])
    output = tmp_path / "out.ndjson"
    words = ["screen", str(folder), "--processes", "1", "--as-of", "2026-11-22", "--output"]
    assert cli.main([*words, str(tmp_path / "whole.ndjson")]) == 0
    for size in (100, 6_000):  # bytes: of a part, of a share, of what stands beside the rows

        def full(size=size):
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # then writing fails as on a full disk, with another word
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

        command = [sys.executable, "-m", "service.cli", *words, str(output)]
        ended = subprocess.run(command, preexec_fn=full, capture_output=True, text=True, check=False)
        assert ended.returncode == 6, (size, ended.stderr)
        assert "goes on where it stopped" in ended.stderr
        assert not output.exists()
        assert list(tmp_path.glob("**/*.unfinished")) == []
    assert cli.main([*words, str(output)]) == 0
    assert output.read_bytes() == (tmp_path / "whole.ndjson").read_bytes()


def test_a_file_that_is_gone_or_has_changed_since_it_was_listed_is_told(screened, folder, tmp_path, monkeypatch):
    write_lines(folder / "Patient.ndjson", [PATIENT])
    write_lines(folder / "gone.ndjson", [leukaemia("a")])
    write_lines(folder / "later.ndjson", [leukaemia("a", id="c-2")])

    def listed(*given):
        found = find_inputs(*given)
        (folder / "gone.ndjson").unlink()
        write_lines(folder / "later.ndjson", [leukaemia("a", id="c-2"), leukaemia("a", id="c-3")])
        return found

    monkeypatch.setattr("tests.cohort.conftest.find_inputs", listed)
    _, rows = screened(folder)
    assert became(rows) == {"a": "judged"}
    assert rejects_of(tmp_path) == [("gone.ndjson", 1, "file-unreadable"), ("later.ndjson", 2, "file-changed")]


def test_a_line_of_hundreds_of_megabytes_costs_its_line_and_no_memory(folder, screened, tmp_path):
    with (folder / "one.ndjson").open("wb") as file:
        file.write(json.dumps(PATIENT).encode() + b"\n")
        for _ in range(200):
            file.write(b" " * 1_000_000)
        file.write(b"\n" + json.dumps(leukaemia("a")).encode() + b"\n")
    _, rows = screened(folder)
    assert became(rows) == {"a": "judged"}
    assert rejects_of(tmp_path) == [("one.ndjson", 2, "line-too-long")]
