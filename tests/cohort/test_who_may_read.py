"""What a screening writes is readable by its owner only, while it is written too."""

import os
import stat
from pathlib import Path

import pytest

from service.cohort.files import UNFINISHED, whole
from service.cohort.grouping import connect
from service.cohort.inputs import find_inputs
from service.cohort.judging import Judge
from service.cohort.outputs import FORMATS
from service.cohort.screening import Plan, screen
from service.cohort.work_folder import Job, open_work_folder
from service.knowledge.registry import NOTHING_SEEN
from tests.cohort.conftest import QUESTION, no_bars, write_lines
from tests.cohort.test_bad_input import PATIENT, leukaemia


@pytest.fixture(autouse=True)
def _open_umask():
    """The mask of most machines: what nobody thinks of is readable by all."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_is_its_owners_from_the_first_byte_on(tmp_path):
    path = tmp_path / "cohort.parquet"
    with whole(path) as unfinished:
        assert mode(unfinished) == 0o600
        unfinished.write_bytes(b"patient data")
        assert mode(unfinished) == 0o600
    assert mode(path) == 0o600


def test_a_file_left_behind_that_others_may_read_is_not_gone_on_with(tmp_path):
    left = tmp_path / f"cohort.csv{UNFINISHED}"
    left.write_bytes(b"of a run that was killed")
    with left.open("rb") as held, whole(tmp_path / "cohort.csv") as unfinished:
        unfinished.write_bytes(b"patient data")
        assert mode(unfinished) == 0o600
        assert held.read() == b"of a run that was killed"  # whoever held the old one sees nothing of the new one


@pytest.mark.parametrize("suffix", FORMATS)
def test_nothing_is_put_right_only_at_the_end(screened, tmp_path, monkeypatch, suffix):
    folder = tmp_path / "export"
    folder.mkdir()
    write_lines(folder / "Patient.ndjson", [PATIENT | {"id": name} for name in "ab"])
    write_lines(folder / "Condition.ndjson", [leukaemia(name) for name in "ab"])
    modes: dict[str, int] = {}

    def noted(path, _mode):
        modes[path.name] = mode(path)

    monkeypatch.setattr(Path, "chmod", noted)
    plan = Plan(find_inputs([folder]), tmp_path / f"cohort{suffix}", tmp_path / "work", processes=1)
    screen(plan, Judge(screened.rules, NOTHING_SEEN, QUESTION), no_bars, screened.said.append)
    assert f"cohort{suffix}{UNFINISHED}" in modes
    assert sum(name.endswith(f".parquet{UNFINISHED}") for name in modes) >= 3  # parts, what is grouped, shares
    assert {name: mode for name, mode in modes.items() if mode != 0o600} == {}


def test_the_work_folder_is_its_owners(tmp_path):
    folder = open_work_folder(tmp_path / "work", Job("i", "k", "p", "q", 1), print)
    connect(folder.path, "100MB", 1).close()
    inner = [folder.path, folder.parts, folder.grouped, folder.shares, folder.path / "spilled"]
    assert [mode(path) for path in inner] == [0o700] * len(inner)
    folder.remove()
