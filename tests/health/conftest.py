"""The files of the project, as git sees them: tracked ones and those about to be."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def root():
    return ROOT


@pytest.fixture(scope="session")
def project_files():
    """Paths relative to the root. Files that git still lists but that are gone from the disk are left out."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return sorted(Path(name) for name in set(listing.split("\0")) if name and (ROOT / name).is_file())


@pytest.fixture(scope="session")
def package_files(project_files):
    """The Python files of the two packages we ship, relative to the root."""
    return [path for path in project_files if path.suffix == ".py" and path.parts[0] in {"service", "cds_hooks"}]
