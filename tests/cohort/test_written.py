"""Nothing that is read is written over, and what stands beside each other is of one run."""

import csv
import json
import os

import pytest

from service import cli
from service.cohort import files
from tests.cohort.conftest import write_lines
from tests.cohort.test_bad_input import PATIENT, leukaemia

BESIDE = ("attrition.csv", "needs.csv", "rejects.ndjson", "summary.json")


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "in" / "all.ndjson"
    path.parent.mkdir()
    write_lines(path, [PATIENT, leukaemia("a")])
    return path


def run(source, output, *options):
    words = ["screen", str(source), "--output", str(output), "--processes", "1", "--as-of", "2026-11-22"]
    return cli.main([*words, *map(str, options)])


def held(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def by_its_name(source):
    return source


def by_a_link(source):
    link = source.with_name("link.ndjson")
    link.symlink_to(source)
    return link


def by_a_second_name(source):
    other = source.with_name("other.ndjson")
    os.link(source, other)
    return other


def by_a_folder_in_between(source):
    return source.parent / ".." / "in" / source.name


@pytest.mark.parametrize("named", [by_its_name, by_a_link, by_a_second_name, by_a_folder_in_between])
def test_a_file_that_is_read_is_not_written_over(source, tmp_path, capsys, named):
    output = named(source)
    before = held(tmp_path)
    assert run(source, output) == 2
    assert "a file that is read would be written over" in capsys.readouterr().err
    assert held(tmp_path) == before


def test_nor_by_what_stands_beside_the_output(source, tmp_path, capsys):
    rejects = source.with_name("old.rejects.ndjson")
    source.rename(rejects)
    before = held(tmp_path)
    assert run(rejects, rejects.with_name("old.csv")) == 2
    assert "would be written over" in capsys.readouterr().err
    assert held(tmp_path) == before
    assert run(rejects, rejects.with_name("new.csv")) == 0


def test_rows_of_two_runs_share_nothing(source, tmp_path, capsys):
    assert run(source, tmp_path / "out.csv") == 0
    before = held(tmp_path)
    assert run(source, tmp_path / "out.parquet") == 2
    assert f"{tmp_path / 'out.csv'}: the rows of another run share what would stand beside these" in capsys.readouterr().err
    assert held(tmp_path) == before
    assert run(source, tmp_path / "out.csv", "--regulators", "FDA") == 0
    assert run(source, tmp_path / "out.2.parquet") == 0


def test_a_file_that_is_read_may_bear_the_name_of_the_output_with_another_ending(source, tmp_path):
    with_its_name = tmp_path / "all.ndjson"
    source.rename(with_its_name)
    assert run(with_its_name, tmp_path / "all.csv") == run(with_its_name, tmp_path / "all.csv") == 0


@pytest.mark.parametrize(
    ("output", "work", "said"),
    [
        ("work/out.csv", "work", "the output would lie in the work folder"),
        ("out.csv", "out.csv", "the output would lie in the work folder"),
        ("out.csv", "out.summary.json", "the output would lie in the work folder"),
        ("out.csv", "in", "a file that is read lies in the work folder"),
        ("folder.csv", "work", "a folder has the name of the output"),
    ],
)
def test_results_input_and_work_are_kept_apart(source, tmp_path, capsys, output, work, said):
    (tmp_path / "folder.csv").mkdir()
    before = held(tmp_path)
    assert run(source, tmp_path / output, "--work", tmp_path / work) == 2
    assert said in capsys.readouterr().err
    assert held(tmp_path) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder.csv", "in"]


def test_nor_has_a_folder_the_name_of_what_stands_beside_the_output(source, tmp_path, capsys):
    """It is said before anything is read, not when all is done."""
    (tmp_path / "out.summary.json").mkdir()
    assert run(source, tmp_path / "out.csv") == 2
    assert "out.summary.json: a folder has the name of the output" in capsys.readouterr().err
    assert not (tmp_path / "out.csv.work").exists()


def test_a_run_without_any_patient_leaves_no_rows_of_the_one_before(source, tmp_path):
    output = tmp_path / "out.csv"
    assert run(source, output) == 0
    source.write_text("{}\n")
    assert run(source, output) == 4
    assert not output.exists()
    assert json.loads((tmp_path / "out.summary.json").read_text())["patients"] == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", *(f"out.{name}" for name in BESIDE)]


@pytest.mark.parametrize("full_at", [*(f"out.{name}" for name in BESIDE), "out.csv"])
def test_a_disk_that_is_full_leaves_no_rows_of_the_run_before(source, tmp_path, monkeypatch, full_at):
    output = tmp_path / "out.csv"
    assert run(source, output) == 0
    write_lines(source, [PATIENT | {"id": "b"}, leukaemia("b")])
    real = files.whole

    def whole(path):
        if path.name == full_at:
            raise OSError(28, "")
        return real(path)

    with monkeypatch.context() as patched:
        patched.setattr("service.cohort.outputs.whole", whole)
        patched.setattr("service.cohort.files.whole", whole)
        assert run(source, output) == 6
    assert not output.exists()
    assert run(source, output) == 0
    assert b"Patient/a" not in output.read_bytes()


def test_a_run_that_fails_early_leaves_no_rows_of_the_run_before(source, tmp_path, monkeypatch):
    output = tmp_path / "out.csv"
    assert run(source, output) == 0

    def full(*_, **__):
        raise OSError(28, "")

    monkeypatch.setattr("service.cohort.screening.make_part", full)
    assert run(source, output) == 6
    assert not output.exists()


def test_wrong_usage_takes_nothing_away(source, tmp_path):
    output = tmp_path / "out.csv"
    assert run(source, output) == 0
    before = held(tmp_path)
    assert run(source, output, "--compare-with", "2026-11-22") == 2
    assert run(source, output, "--for", "") == 2
    assert held(tmp_path) == before


def test_a_day_is_not_compared_with_itself(source, tmp_path, capsys):
    assert run(source, tmp_path / "out.csv", "--compare-with", "2026-11-22") == 2
    assert "compared with itself" in capsys.readouterr().err
    assert run(source, tmp_path / "out.csv", "--compare-with", "2026-11-21") == 0
    patients = json.loads((tmp_path / "out.summary.json").read_text())["patients"]
    assert [(one["asOf"], one["patients"]) for one in patients] == [("2026-11-21", 1), ("2026-11-22", 1)]


@pytest.mark.parametrize("option", ["--for", "--compare-with", "--master"])
def test_an_option_that_says_nothing_is_refused(source, tmp_path, option):
    assert run(source, tmp_path / "out.csv", f"{option}=") == 2
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_the_folder_of_the_output_is_made_or_said_not_to_be_one_before_anything_is_read(source, tmp_path, monkeypatch, capsys):
    assert run(source, tmp_path / "new" / "folder" / "out.csv", "--work", tmp_path / "work") == 0
    assert (tmp_path / "new" / "folder" / "out.csv").exists()
    monkeypatch.setattr("service.cohort.screening.make_part", lambda *_, **__: pytest.fail("it is read"))
    (tmp_path / "file").touch()
    assert run(source, tmp_path / "file" / "out.csv", "--work", tmp_path / "other") == 6
    assert "cannot be written or read" in capsys.readouterr().err


@pytest.mark.parametrize("address", ['=HYPERLINK("http://x.example")', "+1", "-1", "@x", "\tx"])
def test_no_address_of_a_patient_is_a_formula_in_a_spreadsheet(screened, tmp_path, address):
    person = {"resourceType": "Patient", "birthDate": "1990-01-01"}
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"fullUrl": address, "resource": person}]}
    folder = tmp_path / "bundles"
    folder.mkdir()
    (folder / "a.json").write_text(json.dumps(bundle))
    screened(folder, output="out.csv")
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        assert [row["patient"] for row in csv.DictReader(file)] == [f"'{address}"]
    assert [row["patient"] for row in screened(folder)[1]] == [address]
