"""Two records of one person that were merged count as one: the person is judged where the record system sends us."""

import json
from dataclasses import replace
from datetime import date

import pytest

from tests.cohort.conftest import QUESTION, write_lines
from tests.cohort.test_bad_input import PATIENT, SECOND, became, leukaemia

BY_THE_OTHER = {"link": [{"other": {"reference": "Patient/b"}, "type": "replaced-by"}]}


@pytest.mark.parametrize(
    ("members", "first"),
    [
        (BY_THE_OTHER, "replaced"),
        (BY_THE_OTHER | {"active": False}, "replaced"),
        (BY_THE_OTHER | {"deceasedBoolean": True}, "replaced"),
        ({"link": [{"other": {"reference": "Patient/b"}, "type": "seealso"}]}, "judged"),
        ({"link": [{"other": {"reference": "Patient/b"}, "type": "replaces"}]}, "judged"),
        ({"link": "Patient/b"}, "judged"),
        ({"active": False}, "judged"),
        ({}, "judged"),
    ],
)
def test_who_was_replaced_has_no_verdicts(screened, folder, members, first):
    write_lines(folder / "one.ndjson", [PATIENT | members, SECOND, leukaemia("a"), leukaemia("b")])
    report, rows = screened(folder)
    assert became(rows) == {"a": first, "b": "judged"}
    judged = {row["patient"] for row in rows if row["kind"] == "therapy"}
    assert judged == ({"Patient/b"} if first == "replaced" else {"Patient/a", "Patient/b"})
    assert report.counts.patients["2026-11-22", "judged"] == len(judged)


def test_of_another_day_too(screened, folder):
    write_lines(folder / "one.ndjson", [PATIENT | BY_THE_OTHER, leukaemia("a")])
    report, _ = screened(folder, other=replace(QUESTION, as_of=date(2020, 1, 1)))
    assert set(report.counts.patients) == {("2026-11-22", "replaced"), ("2020-01-01", "replaced")}


def test_it_is_told_where_one_patient_is_asked_about(service):
    entries = [{"resource": one} for one in (PATIENT | BY_THE_OTHER, leukaemia("a"))]
    found = service.consult_bundle(json.dumps({"resourceType": "Bundle", "entry": entries}).encode(), QUESTION)
    assert [(problem.severity, problem.code, problem.where) for problem in found.problems] == [
        ("warning", "replaced", "Patient/a link")
    ]
    assert found.concerns_all
