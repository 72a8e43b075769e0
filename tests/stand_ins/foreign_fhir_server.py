"""A FHIR server that is not ours, as a process on this machine: Medplum's store and search, in a small shell (medplum/)."""

import subprocess
from contextlib import contextmanager
from pathlib import Path

FOLDER = Path(__file__).with_name("medplum")


@contextmanager
def foreign_fhir_server(bundle, token):
    """Give the base address of a server that holds the resources of the bundle file and answers who brings the token."""
    assert (FOLDER / "node_modules").is_dir(), "run `make pytest`, which installs it; or `npm ci` in tests/stand_ins/medplum"
    process = subprocess.Popen(
        ["node", "server.mjs", str(bundle), token], cwd=FOLDER, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert address, process.communicate()[1]
        yield address
    finally:
        process.terminate()
        process.communicate(timeout=60)
