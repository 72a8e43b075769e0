"""A screening that was stopped goes on; another input, other knowledge or another question begins anew, and says so."""

import fcntl
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import pytest

from service import cli
from service.cohort import screening
from service.cohort.heads import bucket_of
from service.cohort.judging import judge_share
from service.cohort.parts import make_part
from service.cohort.work_folder import TRIES, Job, open_work_folder
from service.cohort.workers import run_tasks
from service.errors import RequestError, StoreError
from tests.cohort.conftest import QUESTION, write_lines
from tests.cohort.test_bad_input import PATIENT, became, leukaemia

NAMES = [f"p{number}" for number in range(12)]


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "export"
    place.mkdir()
    write_lines(place / "Patient.ndjson", [PATIENT | {"id": name} for name in NAMES])
    write_lines(place / "Condition.ndjson", [leukaemia(name) for name in NAMES])
    return place


@pytest.fixture
def watched(monkeypatch):
    """Which parts were read and which shares were judged; `stop_after` shares it ends as on a kill."""

    class Watch:
        read, judged, stop_after = [], [], None

    watch = Watch()
    watch.read, watch.judged = [], []

    def reading(task, **options):
        watch.read.append(task.source.name)
        make_part(task, **options)

    def judging(task, **options):
        if len(watch.judged) == watch.stop_after:
            raise KeyboardInterrupt
        judge_share(task, **options)
        watch.judged.append(task.bucket)

    monkeypatch.setattr(screening, "make_part", reading)
    monkeypatch.setattr(screening, "judge_share", judging)
    return watch


def test_a_stopped_screening_goes_on_where_it_was(screened, folder, watched, tmp_path):
    watched.stop_after = 2
    with pytest.raises(KeyboardInterrupt):
        screened(folder)
    assert not (tmp_path / "out.ndjson").exists()
    first, watched.judged, watched.read, watched.stop_after = watched.judged, [], [], None
    _, rows = screened(folder)
    assert watched.read == []
    assert len(first) == 2
    assert set(first) & set(watched.judged) == set()
    assert became(rows) == dict.fromkeys(NAMES, "judged")
    assert screened.said == ["going on in the work folder"]
    assert screened(folder)[1] == rows  # in one go


def test_another_input_begins_anew_and_says_so(screened, folder, watched):
    screened(folder, keep_work=True)
    watched.read.clear()
    write_lines(folder / "more.ndjson", [PATIENT | {"id": "new"}, leukaemia("new")])
    _, rows = screened(folder)
    assert screened.said == ["the work folder is for another input: everything is done anew"]
    assert len(watched.read) == 3
    assert became(rows) == dict.fromkeys([*NAMES, "new"], "judged")


def test_other_knowledge_begins_anew_and_says_so(screened, folder, service):
    screened(folder, keep_work=True)
    other = replace(service.rules, library=replace(service.rules.library, digest="sha256:other"))
    screened(folder, rules=other)
    assert screened.said == ["the work folder is for another knowledge: everything is done anew"]


def test_what_another_version_of_the_program_did_is_done_anew(screened, folder, watched, monkeypatch):
    """What a mended program would answer otherwise must not stand as the other one answered it."""
    screened(folder, keep_work=True)
    watched.read.clear()
    watched.judged.clear()
    monkeypatch.setattr(screening, "program_mark", lambda: "mended")
    _, rows = screened(folder, keep_work=True)
    assert screened.said == ["the work folder is for another program: everything is done anew"]
    assert watched.read != []
    assert watched.judged != []
    assert became(rows) == dict.fromkeys(NAMES, "judged")
    watched.read.clear()
    screened(folder)
    assert screened.said[1:] == ["going on in the work folder"]
    assert watched.read == []


def test_another_question_judges_anew_without_reading_again(screened, folder, watched):
    screened(folder, keep_work=True)
    watched.read.clear()
    watched.judged.clear()
    screened(folder, question=replace(QUESTION, as_of=date(2025, 1, 1)))
    assert watched.read == []
    assert watched.judged != []
    assert screened.said == ["the work folder is for another question: the data are not read again, every patient is judged anew"]


def test_a_folder_with_other_files_is_not_used_and_not_touched(screened, folder, tmp_path):
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "thesis.txt").write_text("mine")
    with pytest.raises(RequestError, match="other files"):
        screened(folder)
    assert (tmp_path / "work" / "thesis.txt").read_text() == "mine"


def test_a_worker_that_is_killed_once_costs_nothing(tmp_path):
    said: list[str] = []

    def work(task):
        mark = tmp_path / "killed"
        if task == 3 and not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        (tmp_path / str(task)).touch()

    assert sorted(run_tasks(range(6), work, 2, said.append)) == [(task, True) for task in range(6)]
    assert len(said) == 1
    assert all((tmp_path / str(task)).exists() for task in range(6))


def test_a_task_that_kills_each_worker_is_found_and_the_rest_is_done():
    def work(task):
        if task == 3:
            os.kill(os.getpid(), signal.SIGKILL)

    said: list[str] = []
    assert sorted(run_tasks(range(6), work, 2, said.append)) == [(task, task != 3) for task in range(6)]


def test_a_share_that_cannot_be_done_writes_no_output(screened, folder, monkeypatch, tmp_path):
    doomed = bucket_of(NAMES[0], 8)  # a small input has 8 shares

    def judging(task, **options):
        if task.bucket == doomed:
            os.kill(os.getpid(), signal.SIGKILL)
        judge_share(task, **options)

    monkeypatch.setattr(screening, "judge_share", judging)
    with pytest.raises(StoreError, match="1 shares of the work were not done"):
        screened(folder, processes=2)
    assert not (tmp_path / "out.ndjson").exists()
    monkeypatch.undo()
    assert became(screened(folder)[1]) == dict.fromkeys(NAMES, "judged")


def marks(folder):
    """Everything written beside the rows and the rows, byte for byte."""
    return {path.name: path.read_bytes() for path in sorted(folder.glob("out.*"))}


class Killed(BaseException):
    """Nothing that the program catches: as if it were gone."""


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize("stage", ["make_part", "group", "judge_share", "write_outputs"])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_screening_stopped_at_any_stage_gives_the_same_bytes(screened, folder, tmp_path, monkeypatch, processes, stage, moment):
    screened(folder)
    expected = marks(tmp_path)
    for path in tmp_path.glob("out.*"):
        path.unlink()
    real = getattr(screening, stage)

    def stopped(*given, **options):
        if moment == "after":
            real(*given, **options)
        raise Killed

    with monkeypatch.context() as patched:
        # in the main process: what workers had done is there, what they were doing is not
        patched.setattr(screening, stage, stopped)
        patched.setattr(screening, "run_tasks", lambda tasks, work, *_: run_tasks(tasks, work, 1, screened.said.append))
        with pytest.raises(Killed):
            screened(folder)
    assert not (tmp_path / "out.ndjson").exists() or (stage, moment) == ("write_outputs", "after")
    assert list(tmp_path.glob("**/*.unfinished")) == []
    screened(folder, processes=processes)
    assert marks(tmp_path) == expected
    assert not (tmp_path / "work").exists()


def done_in(work):
    """How many parts and shares are done; the folder goes when the screening ends, while it is looked at."""
    try:
        return len([*work.glob("parts/*.json"), *work.glob("shares/*.json")])
    except FileNotFoundError:
        return 0


def test_a_main_process_that_is_killed_leaves_nothing_that_looks_complete(folder, tmp_path):
    """Really killed: as the first file was read, as some were, and as shares were judged."""
    words = ["screen", str(folder), "--processes", "2", "--as-of", "2026-11-22", "--output"]
    assert cli.main([*words, str(tmp_path / "whole.ndjson")]) == 0
    output = tmp_path / "out.ndjson"
    work = tmp_path / "out.ndjson.work"
    for number in (1, 4, 9):
        process = subprocess.Popen(
            [sys.executable, "-m", "service.cli", *words, str(output)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        while process.poll() is None and done_in(work) < number:
            time.sleep(0.002)
        process.kill()
        process.wait()
        assert not output.exists() or (tmp_path / "out.summary.json").exists()
    assert cli.main([*words, str(output)]) == 0
    for name in ("ndjson", "attrition.csv", "needs.csv", "summary.json", "rejects.ndjson"):
        assert (tmp_path / f"out.{name}").read_bytes() == (tmp_path / f"whole.{name}").read_bytes()


def job(question="q"):
    return Job("input", "knowledge", "program", question, 1)


def waiting(monkeypatch, meanwhile):
    """What happens while a folder is waited for, the first time."""
    left = [meanwhile]
    monkeypatch.setattr("service.cohort.work_folder.time", SimpleNamespace(sleep=lambda _seconds: left and left.pop()()))


def test_a_folder_that_another_screening_takes_away_when_it_is_done_is_made_anew(tmp_path, monkeypatch):
    """The lock that was waited for went with it: who held that one alone would work where anybody else may too."""
    first = open_work_folder(tmp_path / "work", job(), print)
    (first.shares / "share").touch()
    waiting(monkeypatch, first.remove)
    second = open_work_folder(tmp_path / "work", job(), print)
    assert second.shares.is_dir()
    assert list(second.shares.iterdir()) == []
    with pytest.raises(RequestError, match="another screening"):
        open_work_folder(tmp_path / "work", job(), print)
    second.lock.close()


def test_what_another_screening_did_in_the_folder_that_was_waited_for_is_looked_at(tmp_path, monkeypatch):
    """Asked about another day it would else be taken for this one's."""
    work = tmp_path / "work"
    said: list[str] = []
    work.mkdir()
    lock = (work / "lock").open("wb")
    fcntl.flock(lock, fcntl.LOCK_EX)

    def meanwhile():
        lock.close()
        other = open_work_folder(work, job("another"), print)
        (other.shares / "share").touch()
        other.lock.close()

    waiting(monkeypatch, meanwhile)
    folder = open_work_folder(work, job(), said.append)
    assert list(folder.shares.iterdir()) == []
    assert said == ["the work folder is for another question: the data are not read again, every patient is judged anew"]
    folder.lock.close()


@pytest.fixture
def taken(tmp_path):
    """The lock of the work folder, held by somebody else."""
    work = tmp_path / "out.ndjson.work"
    work.mkdir()
    with (work / "lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock


@pytest.mark.parametrize(("frees_it_after", "code"), [(1, 0), (3, 0), (None, 2)])
def test_a_folder_is_waited_for_while_workers_of_a_killed_screening_notice(
    folder, tmp_path, taken, monkeypatch, frees_it_after, code
):
    waited = []

    def sleep(_seconds):
        waited.append(1)
        if len(waited) == frees_it_after:
            fcntl.flock(taken, fcntl.LOCK_UN)

    monkeypatch.setattr("service.cohort.work_folder.time", SimpleNamespace(sleep=sleep))  # other threads wait too
    assert cli.main(["screen", str(folder), "--as-of", "2026-11-22", "--output", str(tmp_path / "out.ndjson")]) == code
    assert (tmp_path / "out.ndjson").exists() is (code == 0)
    assert len(waited) == (frees_it_after or TRIES - 1)
