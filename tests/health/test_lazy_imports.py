"""What only few need is not loaded by all: a start of the service and a call of the hook stay light."""

import os
import subprocess
import sys

import pytest

HEAVY = (
    "sqlalchemy",
    "alembic",
    "psycopg",
    "pycountry",
    "tqdm",
    "requests",
    "jwt",
    "cryptography",
    "opentelemetry",
    "duckdb",
    "pyarrow",
    "pyspark",
)

SERVICE = """
from service.assembly import build_service, load_registry
from service.settings import Settings
from service.web.app import create_app
import service.web.registry_watch, service.web.serve, service.cli
settings = Settings(store={store!r})
app = create_app(build_service(settings))
watch = service.web.registry_watch.RegistryWatch.of(settings, ())
watch.start()
assert not watch.current().sightings
assert not load_registry(settings).sightings
call = open({call!r}, "rb").read()
answer = app.test_client().post("/cds-services/all-immunotherapy", data=call, content_type="application/json")
assert answer.status_code == 200, answer.data
"""
LOOK = "\nimport sys; print(*[name for name in {heavy!r} if name in sys.modules])\n"


@pytest.fixture
def loaded(root, tmp_path):
    """Which of the heavy packages a program loads."""

    def run(program):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ALL_CDS_")}
        said = subprocess.run(
            [sys.executable, "-c", program + LOOK.format(heavy=HEAVY)],
            cwd=root,
            env=environment | {"PYTHONPATH": str(root)},
            check=False,
            capture_output=True,
            text=True,
        )
        assert said.returncode == 0, said.stderr
        return said.stdout.split()

    return run


def test_a_service_without_a_store_loads_no_database_and_no_client(loaded, root, tmp_path):
    call = root / "fixtures" / "requests" / "adult-first-relapse-patient-view.json"
    assert loaded(SERVICE.format(store=str(tmp_path / "none.db"), call=str(call))) == []
    assert list(tmp_path.iterdir()) == []


def test_the_search_does_see_what_is_loaded(loaded):
    assert loaded("import service.stores.database, service.clients.registry") == ["sqlalchemy", "alembic", "requests"]
    assert loaded("import cds_hooks.jwt") == ["jwt", "cryptography"]


def test_every_folder_of_python_files_is_a_package_and_is_shipped(package_files):
    folders = {path.parent for path in package_files}
    assert [str(folder) for folder in sorted(folders) if folder / "__init__.py" not in set(package_files)] == []
