"""The installed command as an operator starts it: it answers, counts over all its processes, and stops when told to."""

import pytest
import requests

from cds_hooks.conformance.__main__ import main as try_conformance
from tests.contract.stored import FIXTURES, HOOK, stored_request
from tests.stand_ins.served import HOST, served


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
