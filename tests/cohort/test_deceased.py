"""Who is recorded as deceased is counted as that, and not among those whom a label or a trial would suit."""

from dataclasses import replace
from datetime import date

import pytest

from tests.cohort.conftest import QUESTION, write_lines
from tests.cohort.test_bad_input import PATIENT, became, leukaemia

PERSONS: dict[str, dict[str, object]] = {
    "alive": {},
    "before": {"deceasedDateTime": "2026-11-21"},
    "that-day": {"deceasedDateTime": "2026-11-22"},
    "later": {"deceasedDateTime": "2026-11-23"},
    "told": {"deceasedBoolean": True},
}
STATES = {"alive": "judged", "before": "deceased", "that-day": "deceased", "later": "judged", "told": "deceased"}


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "export"
    place.mkdir()
    write_lines(place / "Patient.ndjson", [{**PATIENT, "id": name, **members} for name, members in PERSONS.items()])
    write_lines(place / "Condition.ndjson", [leukaemia(name) for name in PERSONS])
    return place


def test_the_deceased_have_a_state_of_their_own_and_no_verdicts(screened, folder):
    report, rows = screened(folder)
    assert became(rows) == STATES
    assert {row["patient"] for row in rows if row["kind"] != "patient"} == {"Patient/alive", "Patient/later"}
    assert report.counts.patients == {("2026-11-22", "judged"): 2, ("2026-11-22", "deceased"): 3}
    judged = {key: number for key, number in report.counts.verdicts.items() if key[1:3] == ("therapy", "EMA/blinatumomab")}
    assert sum(judged.values()) == 2
    assert {told["patients"] for told in report.counts.needs.values()} == {2}


def test_on_the_day_before_they_were_judged_and_the_change_is_counted(screened, folder):
    other = replace(QUESTION, as_of=date(2026, 11, 21))
    report, rows = screened(folder, other=other)
    then = {row["patient"]: row["verdict"] for row in rows if row["kind"] == "patient" and row["as_of"] == "2026-11-21"}
    assert then == {
        "Patient/alive": "judged",
        "Patient/before": "deceased",
        "Patient/that-day": "judged",
        "Patient/later": "judged",
        "Patient/told": "deceased",
    }
    changes = {key[2:]: number for key, number in report.counts.changes.items() if key[:2] == ("therapy", "EMA/blinatumomab")}
    ((verdict, _),) = [pair for pair in changes if pair[1] == "not-judged"]
    assert changes == {(verdict, "not-judged"): 1, (verdict, verdict): 2}


def test_another_disease_of_the_deceased_stays_that(screened, folder):
    cold = leukaemia("before", code={"text": "a cold"})
    write_lines(folder / "Condition.ndjson", [leukaemia("alive"), cold])
    assert became(screened(folder)[1])["before"] == "disease-unknown"
