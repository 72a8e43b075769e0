"""The installed command as an operator starts it: it answers, counts over all its processes, and stops when told to."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from cds_hooks.conformance.__main__ import main as try_conformance
from tests.contract.stored import FIXTURES, HOOK, stored_request
from tests.stand_ins.served import HOST, free_port, served


@pytest.fixture(scope="module")
def address():
    with served("--workers", "2", installed=True) as server:
        yield f"http://{HOST}:{server.port}"
    assert "OPEN: no authentication, so for made-up patients only" in server.said
    assert "Traceback" not in server.said


def test_the_served_hook_answers_with_cards(address):
    body = stored_request("adult-first-relapse-patient-view")
    answer = requests.post(f"{address}{HOOK}", data=body, headers={"Content-Type": "application/json"}, timeout=30)
    assert answer.status_code == 200
    assert answer.json()["cards"]


def test_metrics_are_those_of_all_processes_together(address):
    def seen():
        lines = [
            line
            for line in requests.get(f"{address}/metrics", timeout=30).text.splitlines()
            if line.startswith('all_cds_requests_total{route="/cds-services"')
        ]
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines)

    before = seen()
    for _ in range(10):
        requests.get(f"{address}/cds-services", timeout=30)
    assert seen() == before + 10


def test_the_conformance_kit_finds_nothing_wrong(address, capsys):
    patient = FIXTURES / "patients" / "adult-first-relapse-cd22-unknown.json"
    code = try_conformance(["--base", address, "--patient", str(patient), "--strict", "--timeout", "60", "--format", "markdown"])
    table = capsys.readouterr().out
    assert [line for line in table.splitlines() if "| failed |" in line] == []
    assert code == 0
    assert "| CH-C-03 | SHALL |" in table


def test_nothing_but_its_address_takes_orders(tmp_path, monkeypatch):
    """A control socket of the server below would be a second door; without a home, as in a container, it is an error."""
    monkeypatch.setenv("HOME", str(tmp_path))
    with served(installed=True) as server:
        assert server.answer("GET", "/healthz")[0] == 200
        assert [str(path) for path in tmp_path.rglob("*") if path.is_socket()] == []
    assert "ERROR" not in server.said


def test_a_start_that_fails_says_why_and_nothing_else(tmp_path):
    path = tmp_path / "issuers.yaml"
    path.write_text("nonsense: [")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ALL_CDS_")} | {
        "ALL_CDS_AUTH": "required",
        "ALL_CDS_PUBLIC_BASE_URL": "http://localhost:8000",
        "ALL_CDS_ISSUERS": str(path),
    }
    command = [str(Path(sys.executable).with_name("all-cds")), "serve", "--port", str(free_port())]
    ended = subprocess.run(command, check=False, capture_output=True, text=True, env=environment, timeout=120)
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"all-cds: ALL_CDS_ISSUERS={path}: the file of issuers cannot be used")
    assert ended.stderr.count("\n") == 1
