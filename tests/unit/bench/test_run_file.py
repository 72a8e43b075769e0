"""The file of a run: read as it was written, whole or not there, and only the newest stay."""

import json
import math

import pytest

from tests.bench.measures import Measure, at_least, at_most
from tests.bench.run_file import FORMAT, Run, UnreadableRun, as_text, from_text, runs_before, write


def run_of(began="2031-04-02T10:00:00Z", *measures):
    return Run(began, "abc123", {"cores": 2, "python": "3.11.7"}, {"orjson": "3.13.0"}, {"20": {"digest": "d"}}, measures)


def test_a_run_is_read_as_it_was_written():
    run = run_of(
        "2031-04-02T10:00:00Z",
        Measure("ratio", (0.5, 0.6, 0.7), at_most(0.8)),
        Measure("speed", (10.0, 20.0), at_least(1.5), "/s"),
        Measure("memory", (80.0,), None, "MiB"),
    )
    assert from_text(as_text(run)) == run


def test_the_file_says_value_target_and_verdict_to_whoever_reads_it_without_us():
    (told,) = json.loads(as_text(run_of("2031-04-02T10:00:00Z", Measure("a", (0.5, 0.6, 0.7), at_most(0.55)))))["measures"]
    assert told == {
        "name": "a",
        "value": 0.6,
        "unit": "ratio",
        "target": {"at_most": 0.55},
        "met": False,
        "rounds": [0.5, 0.6, 0.7],
    }


def test_what_is_not_a_number_is_no_round_and_no_json():
    (told,) = json.loads(
        as_text(
            run_of(
                "2031-04-02T10:00:00Z",
                Measure("a", (math.nan,)),
            )
        )
    )["measures"]
    assert told["value"] is None
    assert told["rounds"] == []


@pytest.mark.parametrize("text", ["", "[]", "{}", '"run"', as_text(run_of()).replace(f'"format": {FORMAT}', '"format": 0')])
def test_a_file_of_another_kind_or_format_is_refused(text):
    with pytest.raises(UnreadableRun):
        from_text(text)


def test_only_the_newest_files_stay(tmp_path):
    days = [f"2031-04-0{day}T10:00:00Z" for day in range(1, 6)]
    for day in days:
        write(run_of(day), tmp_path / "runs", keep=3)
    assert [run.began for run in runs_before(tmp_path / "runs")] == [days[4], days[3], days[2]]
    assert {path.suffix for path in (tmp_path / "runs").iterdir()} == {".json"}


def test_the_name_of_the_file_is_the_moment_and_fits_every_file_system(tmp_path):
    assert write(run_of(), tmp_path).name == "2031-04-02T10-00-00Z.json"


def test_files_that_cannot_be_read_are_passed_over(tmp_path):
    write(run_of(), tmp_path)
    (tmp_path / "2031-04-03T10-00-00Z.json").write_text("{", encoding="utf-8")
    assert [run.began for run in runs_before(tmp_path)] == ["2031-04-02T10:00:00Z"]


def test_a_folder_that_is_not_there_holds_no_runs(tmp_path):
    assert runs_before(tmp_path / "none") == []
