"""Results are read from the export again when their patient is judged: what changed meanwhile is not taken for theirs."""

from contextlib import contextmanager

import pytest

from service.cohort import packs
from tests.cohort.conftest import write_lines
from tests.cohort.test_bad_input import PATIENT, SECOND, became, leukaemia
from tests.cohort.test_fast_ways import observation

THIRD = PATIENT | {"id": "c"}
OF_B = {"subject": {"reference": "Patient/b"}}
OF_C = {"subject": {"reference": "Patient/c"}}
# those of the second patient stand there in two versions, so that they are looked at although no disease is told
RESULTS = [observation(), observation(**OF_B), observation(status="amended", **OF_B), observation(**OF_C)]
CHANGES = {
    "gone": lambda path: path.unlink(),
    "longer": lambda path: path.write_bytes(path.read_bytes() + b"\n"),
    "cut off": lambda path: path.write_bytes(path.read_bytes()[:40]),
    "of the same length": lambda path: path.write_bytes(path.read_bytes().replace(b"Patient/b", b"Patient/a")),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
}


@pytest.fixture
def export(tmp_path):
    folder = tmp_path / "export"
    folder.mkdir()
    write_lines(folder / "patients.ndjson", [PATIENT, SECOND, THIRD, leukaemia("a")])
    write_lines(folder / "results.ndjson", RESULTS)
    return folder


@pytest.fixture
def before_judging(monkeypatch):
    def arrange(change):
        @contextmanager
        def bars(name, total, unit):
            if name == "judging":
                change()
            yield [].append

        monkeypatch.setattr("tests.cohort.conftest.no_bars", bars)

    return arrange


@pytest.mark.parametrize("change", CHANGES)
def test_a_patient_whose_results_cannot_be_read_again_is_refused_and_nobody_else(screened, export, before_judging, change):
    before_judging(lambda: CHANGES[change](export / "results.ndjson"))
    _, rows = screened(export)
    assert became(rows) == {"a": "refused:file-changed", "b": "refused:file-changed", "c": "disease-unknown"}


def test_a_file_that_changes_while_it_is_read_again_is_not_taken(screened, export, monkeypatch):
    def read(file, chunk, *, compressed):
        found = lines(file, chunk, compressed=compressed)
        (export / "results.ndjson").write_bytes(b"")
        return found

    lines = packs._lines
    monkeypatch.setattr(packs, "_lines", read)
    _, rows = screened(export)
    assert became(rows) == {"a": "refused:file-changed", "b": "refused:file-changed", "c": "disease-unknown"}


def test_what_was_read_of_a_gzip_file_is_kept(screened, export, before_judging):
    rows = screened(export)[1]
    assert became(rows) == {"a": "judged", "b": "disease-unknown", "c": "disease-unknown"}
    (export / "results.ndjson").unlink()
    write_lines(export / "results.ndjson.gz", RESULTS, zipped=True)
    before_judging((export / "results.ndjson.gz").unlink)
    assert screened(export)[1] == rows
