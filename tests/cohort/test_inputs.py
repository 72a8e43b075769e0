"""What lies in a folder and cannot be read is told by its name, never passed over, and holds nothing up."""

import json
import os
from pathlib import Path

import pytest

from service import cli
from service.cohort.inputs import find_inputs
from service.errors import RequestError
from tests.cohort.conftest import rejects_of, write_lines
from tests.cohort.test_bad_input import PATIENT, SECOND, became, leukaemia

LATIN_1 = os.fsdecode(b"f\xfcr.ndjson")


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "export"
    place.mkdir()
    write_lines(place / "all.ndjson", [PATIENT, leukaemia("a")])
    return place


def outside(folder, name="elsewhere"):
    place = folder.parent / name
    place.mkdir()
    write_lines(place / "more.ndjson", [SECOND, leukaemia("b")])
    return place


ODD = {
    "link-leads-nowhere": lambda folder: (folder / "x.ndjson").symlink_to(folder / "nothing"),
    "a link that leads to itself": lambda folder: (folder / "x.ndjson").symlink_to(folder / "x.ndjson"),
    "no-plain-file": lambda folder: os.mkfifo(folder / "x.ndjson"),
    "linked-folder": lambda folder: (folder / "x.ndjson").symlink_to(outside(folder)),
}


@pytest.mark.parametrize("odd", ODD)
def test_what_cannot_be_read_is_told_with_the_reason(screened, folder, tmp_path, odd):
    ODD[odd](folder)
    code = "link-leads-nowhere" if odd.startswith("a link") else odd
    report, rows = screened(folder)
    assert became(rows) == {"a": "judged"}
    assert rejects_of(tmp_path) == [("x.ndjson", None, code)]
    assert report.rejected == {code: 1}
    assert report.unowned == 1


@pytest.mark.parametrize("odd", ["link-leads-nowhere", "no-plain-file"])
def test_named_by_itself_it_is_wrong_usage(folder, tmp_path, capsys, odd):
    ODD[odd](folder)
    assert cli.main(["screen", str(folder / "x.ndjson"), str(folder), "--output", str(tmp_path / "out.csv")]) == 2
    assert "x.ndjson" in capsys.readouterr().err
    assert not (tmp_path / "out.csv").exists()


def test_a_linked_folder_and_a_linked_file_named_by_themselves_are_read(screened, folder, tmp_path):
    (tmp_path / "link").symlink_to(outside(folder))
    (folder / "link.ndjson").symlink_to(tmp_path / "elsewhere" / "more.ndjson")
    assert became(screened(tmp_path / "link")[1]) == {"b": "judged"}
    assert became(screened(folder)[1]) == {"a": "judged", "b": "judged"}


def test_a_folder_that_may_not_be_looked_into_is_told(screened, folder, tmp_path, monkeypatch):
    (folder / "closed").mkdir()
    write_lines(folder / "closed" / "more.ndjson", [SECOND])
    real = os.scandir

    def scandir(place):
        if not isinstance(place, int) and Path(os.fsdecode(place)).name == "closed":
            raise PermissionError(13, "Permission denied", os.fspath(place))
        return real(place)

    monkeypatch.setattr(os, "scandir", scandir)
    _, rows = screened(folder)
    assert became(rows) == {"a": "judged"}
    assert rejects_of(tmp_path) == [("closed", None, "folder-unreadable")]
    with pytest.raises(RequestError, match="the folder cannot be read"):
        find_inputs([folder / "closed"])


def test_a_file_that_may_not_be_opened_is_told(screened, folder, tmp_path, monkeypatch):
    write_lines(folder / "closed.ndjson", [SECOND])
    monkeypatch.setattr(os, "access", lambda path, _: Path(path).name != "closed.ndjson")
    screened(folder)
    assert rejects_of(tmp_path) == [("closed.ndjson", None, "file-unreadable")]


def test_where_nothing_can_be_read_it_is_said_why(tmp_path):
    folder = tmp_path / "export"
    folder.mkdir()
    os.mkfifo(folder / "x.ndjson")
    with pytest.raises(RequestError, match="what lies there cannot be read: no-plain-file"):
        find_inputs([folder])


@pytest.mark.parametrize("processes", [1, 2])
def test_a_name_that_is_no_utf_8_is_read_and_written_out(screened, folder, tmp_path, processes):
    (folder / LATIN_1).write_bytes(b"".join(json.dumps(one).encode() + b"\n" for one in (SECOND, leukaemia("b"), {})))
    (folder / os.fsdecode(b"\xfc.log")).touch()
    report, rows = screened(folder, processes=processes)
    assert became(rows) == {"a": "judged", "b": "judged"}
    assert rejects_of(tmp_path) == [("f\\xfcr.ndjson", 3, "not-a-resource")]
    assert report.ignored == ("\\xfc.log",)


def test_a_name_that_is_no_utf_8_and_is_not_there_is_wrong_usage(tmp_path, capsys):
    assert cli.main(["screen", str(tmp_path / LATIN_1), "--output", str(tmp_path / "out.csv")]) == 2
    assert "f\\xfcr.ndjson" in capsys.readouterr().err


def test_files_of_one_name_are_told_apart(screened, tmp_path):
    for name in ("x1/export", "x2/export"):
        (tmp_path / name).mkdir(parents=True)
        write_lines(tmp_path / name / "all.ndjson", [{}])
        write_lines(tmp_path / f"{name}.ndjson", [PATIENT, leukaemia("a"), {}, {}])
    screened(tmp_path / "x1" / "export.ndjson", tmp_path / "x2" / "export.ndjson", tmp_path / "x1" / "export" / "all.ndjson")
    assert {(file, line) for file, line, _ in rejects_of(tmp_path)} == {
        ("x1/export.ndjson", 3), ("x1/export.ndjson", 4), ("x2/export.ndjson", 3), ("x2/export.ndjson", 4), ("all.ndjson", 1),
    }  # fmt: skip
    screened(tmp_path / "x1" / "export", tmp_path / "x2" / "export", tmp_path / "x1" / "export.ndjson")
    assert {(file, line) for file, line, _ in rejects_of(tmp_path)} == {
        ("x1/export/all.ndjson", 1), ("x2/export/all.ndjson", 1), ("export.ndjson", 3), ("export.ndjson", 4),
    }  # fmt: skip
