"""Folders and files may be called anything: no name is a pattern, a partition or the name of another file."""

import os
import shutil

import pytest

from service import cli
from service.cohort.inputs import find_inputs
from service.cohort.judging import Judge
from service.cohort.screening import Plan, on_this_machine, screen
from service.knowledge.registry import NOTHING_SEEN
from tests.cohort.conftest import QUESTION, no_bars, rows_of, write_lines
from tests.cohort.test_bad_input import PATIENT, leukaemia

NAMES = ("patient=7", "bucket=3", "share=1", "part=0", "a[1]", "*", "q?m", "{x,y}", "~", 'it\'s $1 "so"', "ü #1%20,+")


@pytest.fixture(scope="module")
def expected(service, tmp_path_factory):
    return all_written(service, tmp_path_factory.mktemp("plain"), "export", "out", "work")


def all_written(service, place, inputs, outputs, work, engine=on_this_machine, processes=1):
    """The bytes of everything that is written."""
    for name in (inputs, outputs):
        (place / name).mkdir(exist_ok=True)
    write_lines(place / inputs / "Patient.ndjson", [PATIENT | {"id": name} for name in "abcdef"])
    write_lines(place / inputs / "Condition.ndjson.gz", [leukaemia(name) for name in "abcdef"], zipped=True)
    output = place / outputs / f"{outputs}.ndjson"
    plan = Plan(find_inputs([place / inputs]), output, place / work, processes=processes)
    screen(plan, Judge(service.rules, NOTHING_SEEN, QUESTION), no_bars, print, engine)
    assert rows_of(output)[0]["patient"] == "Patient/a"
    return {path.name.removeprefix(outputs): path.read_bytes() for path in (place / outputs).iterdir()}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_changes_no_byte(service, expected, tmp_path, name):
    assert all_written(service, tmp_path, f"{name} in", f"{name} out", f"{name} work") == expected
    # nor where the whole path is of such names
    (tmp_path / name / name).mkdir(parents=True)
    assert all_written(service, tmp_path / name / name, name, f"{name}2", f"{name}3", processes=2) == expected


def test_a_name_that_could_be_a_pattern_reads_nothing_of_another_run(service, tmp_path, expected):
    """The folder that the pattern would find holds a work folder with other patients."""
    for pattern, other in (("a[1]", "a1"), ("q?m", "qxm"), ("s*r", "star")):
        place = tmp_path / other
        place.mkdir()
        all_written(service, place, "in", "out", "work")
        shutil.rmtree(place / "out")
        (place / "in").rename(tmp_path / "elsewhere")
        write_lines(tmp_path / "elsewhere" / "Patient.ndjson", [PATIENT | {"id": "stranger"}])
        kept = Plan(find_inputs([tmp_path / "elsewhere"]), place / "x.ndjson", place / "work", keep_work=True)
        screen(kept, Judge(service.rules, NOTHING_SEEN, QUESTION), no_bars, print)
        shutil.rmtree(tmp_path / "elsewhere")
        (tmp_path / pattern).mkdir()
        assert all_written(service, tmp_path / pattern, "in", "out", "work") == expected


@pytest.mark.parametrize("name", [b"back\\slash", b"no utf-8 \xfc"])
@pytest.mark.parametrize("option", ["--output", "--work"])
def test_a_name_that_the_engine_cannot_write_under_is_refused(tmp_path, capsys, name, option):
    write_lines(tmp_path / "all.ndjson", [PATIENT, leukaemia("a")])
    odd = str(tmp_path / os.fsdecode(name))
    words = {"--output": str(tmp_path / "out.csv"), option: f"{odd}.csv"}
    assert cli.main(["screen", str(tmp_path / "all.ndjson"), *(word for pair in words.items() for word in pair)]) == 2
    assert option in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["all.ndjson"]
