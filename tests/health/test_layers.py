"""The floors hold, and the tool that says so does notice a broken one."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")


def lint_imports(folder):
    assert LINT_IMPORTS.is_file(), "lint-imports is missing from the environment: it comes with the development lock (make test)"
    return subprocess.run([LINT_IMPORTS, "--no-cache"], cwd=folder, check=False, capture_output=True, text=True)


@pytest.fixture
def empty_house(root, tmp_path):
    """Every room the contracts name, with nothing in it, free to be broken."""
    shutil.copy(root / "pyproject.toml", tmp_path)
    contracts = tomllib.loads((tmp_path / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    (layers,) = [contract["layers"] for contract in contracts if contract["type"] == "layers"]
    rooms = {room.strip(" ()") for layer in layers for room in layer.split("|")}
    for folder in ["service", "cds_hooks", *(f"service/{room}" for room in rooms)]:
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / "__init__.py").touch()
    return tmp_path


def test_imports_go_down_only(root):
    result = lint_imports(root)
    assert result.returncode == 0, result.stdout + result.stderr


def test_an_empty_house_keeps_every_contract(empty_house):
    # Without this, a broken configuration would look like a noticed import below.
    (empty_house / "service/record/strict.py").write_text("import fhir.resources\n", encoding="utf-8")
    result = lint_imports(empty_house)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        pytest.param("service/logic/broken.py", "import service.decisions", "The house has floors", id="upward import"),
        pytest.param(
            "service/terminology/broken.py", "import service.record", "The house has floors", id="between two rooms of one floor"
        ),
        pytest.param("service/utils.py", "", "The house has floors", id="a room nobody planned"),
        pytest.param(
            "service/facts/broken.py", "import flask", "The medicine knows no protocol", id="web framework in the medicine"
        ),
        pytest.param(
            "service/decisions/broken.py", "import sqlite3", "The medicine knows no protocol", id="database in the medicine"
        ),
        pytest.param(
            "service/facts/fhir_reader.py",
            "import fhir.resources",
            "The FHIR library stays",
            id="FHIR library above the record",
        ),
        pytest.param(
            "cds_hooks/broken.py", "import service.errors", "The protocol knows no medicine", id="medicine in the protocol"
        ),
    ],
)
def test_a_broken_floor_is_noticed(empty_house, file, line, contract):
    (empty_house / file).write_text(f"{line}\n", encoding="utf-8")
    result = lint_imports(empty_house)
    broken = [report for report in result.stdout.splitlines() if report.startswith(contract) and report.endswith("BROKEN")]
    assert result.returncode != 0
    assert broken, result.stdout + result.stderr
