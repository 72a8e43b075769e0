"""The image is built as we promise to operators: linted, pinned, not root, able to say whether it is well."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from service.errors import RequestError
from service.settings import read_settings
from service.web.safe_start import refuse_unsafe

HADOLINT = Path(sys.executable).with_name("hadolint")


@pytest.fixture(scope="module")
def instructions(root):
    """(instruction, rest of the line), comments gone and continued lines joined."""
    text = re.sub(r"^#.*\n", "", (root / "Dockerfile").read_text(encoding="utf-8"), flags=re.MULTILINE).replace("\\\n", " ")
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in text.splitlines() if line.strip())]


def all_of(instructions, word):
    return [rest for found, rest in instructions if found == word]


def test_hadolint_has_nothing_to_say(root):
    assert HADOLINT.is_file(), "hadolint is missing from the environment: it comes with the development lock (make test)"
    result = subprocess.run([HADOLINT, "--no-color", "Dockerfile"], cwd=root, check=False, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_stage_starts_from_an_image_with_a_full_version_and_python_is_the_same_in_all(instructions):
    images = {line.split()[0] for line in all_of(instructions, "FROM")}
    assert all(re.fullmatch(r"(python:3|node:\d+)\.\d+\.\d+(-slim-[a-z]+|-[a-z]+-slim)", image) for image in images)
    assert len({image for image in images if image.startswith("python:")}) == 1
    assert all_of(instructions, "FROM")[-1] in images  # what runs is Python alone


def test_browser_packages_come_by_the_lock_and_run_no_script_of_theirs(instructions):
    installs = [line for line in all_of(instructions, "RUN") if "npm" in line]
    assert installs == ["npm ci --ignore-scripts --omit=dev"]


def test_the_service_runs_as_a_number_that_is_not_root(instructions):
    assert [re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", user) is not None for user in all_of(instructions, "USER")] == [True]


def test_packages_are_installed_by_hash_and_nothing_else_is_downloaded(instructions):
    installs = [command for line in all_of(instructions, "RUN") for command in line.split("&&") if "pip install" in command]
    assert installs
    assert all("--require-hashes" in command or "--no-deps --no-build-isolation ." in command for command in installs)


def test_health_is_asked_with_the_python_that_is_there_anyway(instructions):
    (check,) = all_of(instructions, "HEALTHCHECK")
    command = json.loads(check.partition("CMD ")[2])
    assert command[:2] == ["python", "-c"]
    assert ":8000/health" in command[2]
    compile(command[2], "HEALTHCHECK", "exec")


def test_the_command_serves_on_every_address_of_the_container(instructions):
    (command,) = all_of(instructions, "CMD")
    assert json.loads(command) == ["all-cds", "serve", "--host", "0.0.0.0", "--port", "8000"]


def test_ch_j_01_the_image_refuses_to_start_as_it_comes(instructions):
    (set_here,) = all_of(instructions, "ENV")[1:]
    given = dict(pair.split("=", 1) for pair in set_here.split() if pair.startswith("ALL_CDS_"))
    assert given == {"ALL_CDS_PROFILE": "production"}
    with pytest.raises(RequestError) as raised:
        refuse_unsafe(read_settings(given))
    assert "ALL_CDS_AUTH=required" in raised.value.hint


def test_what_the_image_copies_is_let_through_by_the_ignore_file(root, instructions):
    ignore_lines = (root / ".dockerignore").read_text(encoding="utf-8").splitlines()
    copied = {source.rstrip("/") for line in all_of(instructions, "COPY") if "--from" not in line for source in line.split()[:-1]}
    assert "*" in ignore_lines
    copied = {source for source in copied if not source.startswith("service/")}  # stands inside a folder that is copied whole
    assert copied == {line.removeprefix("!").rstrip("/") for line in ignore_lines if line.startswith("!")}
