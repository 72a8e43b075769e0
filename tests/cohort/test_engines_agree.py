"""Whatever the way in and however many processes: each patient gets the verdicts of the one bundle."""

import pytest

from tests.cohort.conftest import QUESTION, export


@pytest.fixture(scope="module")
def bundles(request):
    return [path.read_bytes() for path in sorted((request.config.rootpath / "fixtures" / "patients").glob("*.json"))]


@pytest.fixture(scope="module")
def answers(bundles, service):
    return [service.consult_bundle(body, QUESTION) for body in bundles]


@pytest.fixture(scope="module")
def expected(answers):
    """(patient, kind, id) -> verdict, as one bundle at a time is answered."""
    found = {}
    for answer in answers:
        for verdict in answer.therapies:
            found[answer.patient, "therapy", verdict.key] = (verdict.verdict, ";".join(verdict.needs))
        for verdict in answer.trials:
            found[answer.patient, "trial", verdict.id] = (verdict.fit, ";".join(verdict.needs))
        for verdict in answer.risk_groups:
            found[answer.patient, "risk", verdict.system.system] = (verdict.state, ";".join(verdict.needs))
    return found


def verdicts(rows):
    return {(row["patient"], row["kind"], row["id"]): (row["verdict"], row["needs"]) for row in rows if row["kind"] != "patient"}


def test_one_process_over_a_shuffled_export_agrees(screened, bundles, answers, expected, tmp_path):
    report, rows = screened(export(bundles, tmp_path / "export"))
    assert verdicts(rows) == expected
    assert len({row["patient"] for row in rows}) == len(bundles)
    broken = {
        (answer.patient, problem.where) for answer in answers for problem in answer.problems if problem.code == "unreadable"
    }
    assert report.rejected == {"unreadable": len(broken)}
    assert {row["patient"] for row in rows if "unreadable" in row["flags"].split(";")} == {patient for patient, _ in broken}


def test_several_processes_over_another_order_agree(screened, bundles, expected, tmp_path):
    _, rows = screened(export(bundles, tmp_path / "export", seed=8), processes=2)
    assert verdicts(rows) == expected


def test_bundles_agree(screened, expected, request):
    _, rows = screened(request.config.rootpath / "fixtures" / "patients")
    assert verdicts(rows) == expected
