"""What a file is tell its first bytes: it is read as what it is, whatever it is called."""

import gzip
import io
import json
import zipfile

import pytest

from service.cohort.inputs import find_inputs
from service.cohort.lines import Fault, whole_of
from service.cohort.sorts import Sort, is_packed_otherwise, is_read, sort_of
from tests.cohort.conftest import rejects_of
from tests.cohort.test_bad_input import PATIENT, became, leukaemia

LINES = b"".join(json.dumps(one).encode() + b"\n" for one in (PATIENT, leukaemia("a")))
BUNDLE = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": PATIENT}, {"resource": leukaemia("a")}]}
ONE_LINE, PRETTY = json.dumps(BUNDLE).encode(), json.dumps(BUNDLE, indent=1).encode()
MARK = b"\xef\xbb\xbf"


@pytest.mark.parametrize(
    ("name", "data"),
    {
        "packed on the way, the name left as it was": ("a.ndjson", gzip.compress(LINES)),
        "unpacked on the way, the name left as it was": ("a.ndjson.gz", LINES),
        "unpacked, with a mark": ("a.ndjson.gz", MARK + LINES),
        "unpacked, after an empty line": ("a.ndjson.gz", b"\n" + LINES),
        "a bundle packed on the way": ("a.json", gzip.compress(PRETTY)),
        "a bundle unpacked on the way": ("a.json.gz", ONE_LINE),
        "lines that are called a document": ("Patient.json", LINES),
        "lines that are called a document, with a mark": ("Patient.json", MARK + LINES),
        "lines with returns": ("Patient.json", LINES.replace(b"\n", b"\r\n")),
        "packed lines that are called a document": ("Patient.json.gz", gzip.compress(LINES)),
        "a bundle in a line": ("a.json", ONE_LINE + b"\n"),
        "a bundle with a mark": ("a.json", MARK + PRETTY),
        "great letters": ("PATIENT.NDJSON", LINES),
        "great letters, packed": ("Patient.Ndjson.GZ", gzip.compress(LINES)),
        "a bundle in great letters": ("A.JSON", PRETTY),
    }.values(),
)
def test_it_is_read(screened, folder, tmp_path, name, data):
    (folder / name).write_bytes(data)
    _, rows = screened(folder)
    assert became(rows) == {"a": "judged"}
    assert rejects_of(tmp_path) == []


def test_lines_that_are_called_a_document_are_told_by_line(screened, folder, tmp_path):
    (folder / "Patient.json").write_bytes(LINES + b'{"resourceType": "Condition"')
    assert became(screened(folder)[1]) == {"a": "judged"}
    assert rejects_of(tmp_path) == [("Patient.json", 3, "not-json")]


@pytest.mark.parametrize("name", ["empty.ndjson.gz", "empty.json.gz"])
def test_a_packed_file_without_a_byte_was_cut_off(screened, folder, tmp_path, name):
    (folder / "all.ndjson").write_bytes(LINES)
    (folder / name).touch()
    assert became(screened(folder)[1]) == {"a": "judged"}
    assert [(file, code) for file, _, code in rejects_of(tmp_path)] == [(name, "gzip-broken-off")]


def test_what_is_packed_otherwise_is_told_as_not_read(screened, folder, tmp_path):
    (folder / "all.ndjson").write_bytes(LINES)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("Condition.ndjson", LINES)
    (folder / "Condition.ndjson.zip").write_bytes(packed.getvalue())
    (folder / "notes.zip").write_bytes(packed.getvalue())
    report, _ = screened(folder)
    assert rejects_of(tmp_path) == [("Condition.ndjson.zip", None, "packed-otherwise")]
    assert report.unread == (("Condition.ndjson.zip", "packed-otherwise"),)
    assert report.ignored == ("notes.zip",)
    assert report.unowned == 1


@pytest.mark.parametrize(
    ("name", "read", "packed"),
    [
        ("a.ndjson", True, False),
        ("a.jsonl.gz", True, False),
        ("a.JSON", True, False),
        ("a.ndjson.BZ2", False, True),
        ("a.json.zst", False, True),
        ("a.zip", False, False),
        ("ndjson", False, False),
        ("a.ndjson.bak", False, False),
    ],
)
def test_names(name, read, packed):
    assert (is_read(name), is_packed_otherwise(name)) == (read, packed)


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"{}\n", b"{\n}", b"[1]\n[2]\n", b"{]}\n{}\n", b'{"a": "\n"}\n{}', b"{" * 9 + b"}\n{}"]
)
def test_a_document_stays_one(folder, data):
    path = folder / "a.json"
    path.write_bytes(data)
    assert sort_of(path) == Sort(is_zipped=False, is_document=True)


def test_what_cannot_be_looked_into_is_what_it_is_called(folder):
    assert sort_of(folder / "gone.json.gz") == Sort(is_zipped=True, is_document=True)
    broken = folder / "a.json"
    broken.write_bytes(b"\x1f\x8bx")
    assert sort_of(broken) == Sort(is_zipped=True, is_document=True)


@pytest.mark.parametrize("zipped", [False, True])
def test_a_document_longer_than_is_held_is_told(tmp_path, zipped):
    path = tmp_path / "a.json"
    path.write_bytes(gzip.compress(b"a" * 21) if zipped else b"a" * 21)
    assert whole_of(path, zipped=zipped, longest=20) == Fault("document-too-long", b"a" * 21)
    assert whole_of(path, zipped=zipped, longest=21) == b"a" * 21


def test_a_document_that_is_too_long_costs_nobody_else(screened, folder, tmp_path, monkeypatch):
    monkeypatch.setattr("service.cohort.parts.LONGEST_DOCUMENT", len(PRETTY) - 1)
    (folder / "all.ndjson").write_bytes(LINES)
    (folder / "b.json").write_bytes(PRETTY)
    assert became(screened(folder)[1]) == {"a": "judged"}
    assert rejects_of(tmp_path) == [("b.json", None, "document-too-long")]


def test_files_are_listed_in_their_order(folder):
    for name in ("b.NDJSON", "a.json"):
        (folder / name).write_bytes(LINES)
    assert [source.name for source in find_inputs([folder]).sources] == ["a.json", "b.NDJSON"]
