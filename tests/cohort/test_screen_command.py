"""The command: what it writes, says and returns."""

import csv
import json
import re

import duckdb
import pytest

from service import cli
from tests.cohort.conftest import write_lines
from tests.cohort.test_bad_input import PATIENT, leukaemia


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "export"
    place.mkdir()
    write_lines(place / "all.ndjson", [PATIENT, leukaemia("a")])
    return place


def run(folder, output, *options):
    return cli.main(["screen", str(folder), "--output", str(output), "--processes", "1", "--as-of", "2026-11-22", *options])


def test_each_format_holds_the_same_rows(folder, tmp_path, capsys):
    tables = []
    for name, read in (("a.parquet", "read_parquet"), ("b.csv", "read_csv"), ("c.ndjson", "read_json")):
        assert run(folder, tmp_path / name) == 0
        options = ", all_varchar=true" if name.endswith("csv") else ""
        with duckdb.connect() as engine:
            query = f"SELECT patient, kind, id, verdict FROM {read}('{tmp_path / name}'{options})"  # noqa: S608 - our own file
            found = engine.execute(query).fetchall()
        tables.append([tuple(cell or "" for cell in row) for row in found])
    assert tables[0] == tables[1] == tables[2]
    assert tables[0][0] == ("Patient/a", "patient", "", "judged")
    assert sorted(path.name for path in tmp_path.glob("b.*")) == [
        "b.attrition.csv", "b.csv", "b.needs.csv", "b.rejects.ndjson", "b.summary.json",
    ]  # fmt: skip


def test_what_is_missing_and_what_was_counted_stand_beside_the_rows(folder, tmp_path, capsys):
    assert run(folder, tmp_path / "rows.csv", "--for", "blinatumomab", "--compare-with", "2014-01-01") == 0
    with (tmp_path / "rows.needs.csv").open(encoding="utf-8") as file:
        needs = {row["fact"]: row for row in csv.DictReader(file) if row["as_of"] == "2026-11-22"}
    assert needs["cd19"]["patients"] == "1"
    told = json.loads((tmp_path / "rows.summary.json").read_text(encoding="utf-8"))
    assert (told["asOf"], told["comparedWith"]) == ("2026-11-22", "2014-01-01")
    assert {"asOf": "2026-11-22", "became": "judged", "patients": 1} in told["patients"]
    said = capsys.readouterr().out
    assert "therapy EMA/blinatumomab: 1 undetermined" in said
    assert "Patient/a" not in said


@pytest.mark.parametrize("size", ["32MB", "1GB", "1000000GB"])
def test_memory_from_the_least_to_the_most_answers(folder, tmp_path, size):
    assert run(folder, tmp_path / "rows.csv", "--memory", size) == 0


@pytest.mark.parametrize("number", ["3", "100000"])
def test_processes_that_would_have_nothing_to_do_are_not_begun(folder, tmp_path, number):
    words = ["screen", str(folder), "--output", str(tmp_path / "rows.csv"), "--as-of", "2026-11-22", "--processes", number]
    assert cli.main(words) == 0


@pytest.mark.parametrize(
    "options",
    [
        *(
            ["--memory", size]
            for size in ("much", "31MB", "1000001GB", "99999999999999999999GB", "0GB", "1GB ", "\u0661GB", "-1GB", "")
        ),
        ["--processes", "0"],
    ],
    ids=str,
)
def test_words_that_cannot_be_used_are_wrong_usage(folder, tmp_path, options):
    with pytest.raises(SystemExit) as ended:
        run(folder, tmp_path / "rows.csv", *options)
    assert ended.value.code == 2


@pytest.mark.parametrize(
    ("output", "options"),
    [
        ("rows.xlsx", []),
        ("rows.csv", ["--for", "paracetamol"]),
        ("rows.csv", ["--compare-with", "yesterday"]),
        ("rows.csv", ["--compare-with", "9999-12-31"]),
        ("rows.csv", ["--as-of", "9999-12-31"]),
    ],
    ids=["format", "name", "day", "another day that has not come", "a day that has not come"],
)
def test_a_question_that_cannot_be_answered_is_wrong_usage(folder, tmp_path, output, options):
    assert run(folder, tmp_path / output, *options) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["export"]


def test_results_are_never_written_into_a_folder_that_is_read(folder, tmp_path, capsys):
    assert run(folder, folder / "rows.csv") == 2
    assert run(folder, tmp_path / "rows.csv", "--work", str(folder / "work")) == 2
    assert "a folder that is read" in capsys.readouterr().err
    assert [path.name for path in folder.iterdir()] == ["all.ndjson"]


def test_a_site_group_that_is_nearly_one_is_answered_with_what_may_be_meant(folder, tmp_path, capsys):
    assert run(folder, tmp_path / "rows.csv", "--site-group", "ALTogether") == 0
    assert "all-cds: --site-group: no trial on file names ALTogether (did you mean 'ALLTogether'?)\n" in capsys.readouterr().err


def test_an_output_where_nothing_can_be_made_is_told_by_its_place(folder, capsys):
    assert run(folder, "/proc/x/rows.csv") == 6
    said = capsys.readouterr().err
    assert said.startswith("all-cds: /proc/x")
    assert "make room" not in said


def test_one_of_something_is_told_as_one(folder, tmp_path, capsys):
    write_lines(folder / "all.ndjson", [PATIENT, leukaemia("a"), leukaemia("a")])
    unasked = {"id": "x", "status": "completed", "code": {"text": "x-ray"}, "subject": {"reference": "Patient/a"}}
    kinds = ("Observation", "DiagnosticReport", "Procedure", "MedicationStatement")  # all were exported
    write_lines(folder / "beside.ndjson", [{"resourceType": kind} | unasked for kind in kinds])
    with (folder / "all.ndjson").open("a") as file:
        file.write("{\n")
    assert run(folder, tmp_path / "rows.csv") == 0
    assert run(folder, tmp_path / "trial.csv", "--for", "NCT02101853", "--compare-with", "2014-01-01") == 0
    said = capsys.readouterr().out
    assert said.startswith("2 files, ")
    assert "\n1 patient with a resource that was sent twice\n" in said
    assert "\nmissing: cd19 in 1 patient, first of all in 0; would decide " in said
    assert " would decide 1 verdict in 1. " in said
    assert "    1 reject may be any patient's" in said
    assert not re.search(r"\b1 (?:files|patients|verdicts|rejects)\b", said)


def test_several_are_told_as_several(folder, tmp_path, capsys):
    for name in "bc":
        write_lines(folder / f"{name}.ndjson", [PATIENT | {"id": name}, leukaemia(name)])
    assert run(folder, tmp_path / "rows.csv") == 0
    said = capsys.readouterr().out
    assert "3 files, " in said
    assert re.search(r"^missing: cd19 in 3 patients, first of all in 0; would decide \d+ verdicts in 3\. ", said, re.MULTILINE)


def test_no_patient_at_all_is_an_unusable_record(tmp_path, folder):
    (folder / "all.ndjson").write_text("{}\n")
    assert run(folder, tmp_path / "rows.csv") == 4


def test_a_trial_is_told_by_its_name_with_its_recruitment_of_the_day(folder, tmp_path, capsys):
    assert run(folder, tmp_path / "rows.csv", "--for", "NCT02101853") == 0
    assert "trial NCT02101853 (AALL1331; open: no): " in capsys.readouterr().out
    told = json.loads((tmp_path / "rows.summary.json").read_text(encoding="utf-8"))["trials"]
    (row,) = [row for row in told if row["id"] == "NCT02101853"]
    assert (row["name"], row["recruitment"], row["asOf"]) == ("AALL1331", "no", "2026-11-22")
    assert "first relapse" in row["title"].casefold()


def test_a_label_of_a_regulator_that_was_not_asked_for_says_so(folder, tmp_path, capsys):
    assert run(folder, tmp_path / "rows.csv", "--for", "blinatumomab", "--regulators", "EMA") == 0
    assert "therapy FDA/blinatumomab: not asked for, see --regulators" in capsys.readouterr().out
