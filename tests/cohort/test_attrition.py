"""Five patients before E-BLI-2a, counted by hand: who is lost where, and of whom it is not known."""

import csv
import json
from datetime import date

import pytest

from service.cohort.judging import Judge
from service.cohort.told import targets_of, told
from service.consultation import Question
from service.errors import RequestError
from service.knowledge.registry import NOTHING_SEEN
from tests.case_runners.statements import bundle_of

DAY = date(2026, 11, 22)
BEFORE_THE_ROW = date(2020, 12, 21)  # E-BLI-2a is in force from 2020-12-22
EMA = Question(as_of=DAY, known_by=DAY, regulators=("EMA",))

RELAPSED = {"disease": "bcp-all", "disease_state": "relapsed"}
PATIENTS = {
    "all-met": RELAPSED | {"birth": "1996-01-01", "cd19": "positive", "ph": "negative"},
    "child": RELAPSED | {"birth": "2016-01-01", "cd19": "positive", "ph": "negative"},
    "ph-positive": RELAPSED | {"birth": "1996-01-01", "cd19": "unknown", "ph": "positive"},
    "cd19-negative": RELAPSED | {"birth": "1996-01-01", "cd19": "negative", "ph": "negative"},
    "ph-unknown": RELAPSED | {"birth": "1996-01-01", "cd19": "positive", "ph": "unknown"},
}


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "bundles"
    place.mkdir()
    for name, given in PATIENTS.items():
        text = json.dumps(bundle_of(given, DAY))
        (place / f"{name}.json").write_text(
            text.replace('"Patient/p"', f'"Patient/{name}"').replace('"id": "p"', f'"id": "{name}"')
        )
    return place


def test_losses_and_unknowns_at_each_criterion(screened, folder, tmp_path):
    screened(folder, question=EMA)
    with (tmp_path / "out.attrition.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["row"] == "E-BLI-2a 2020-12-22"]
    columns = ("criterion", "entered", "lost", "unknown", "met", "met_so_far", "fails_anywhere", "unknown_anywhere")
    assert [tuple(row[name] for name in columns) for row in rows] == [
        ("DIAGNOSIS", "5", "0", "0", "5", "5", "0", "0"),
        ("AGE", "5", "1", "0", "4", "4", "1", "0"),  # the child
        ("CD19", "4", "1", "1", "2", "2", "1", "1"),  # cd19-negative is lost; ph-positive was never tested
        ("PH", "3", "1", "1", "1", "1", "1", "1"),  # of all-met, ph-positive, ph-unknown
        ("STATE", "2", "0", "0", "2", "1", "0", "0"),  # all-met and ph-unknown are relapsed; only the first has met all
    ]


def test_verdicts_and_what_is_missing_for_a_product(screened, folder, service):
    report, _ = screened(folder, question=EMA)
    judge = Judge(service.rules, NOTHING_SEEN, EMA)
    lines = list(told(report, judge, targets_of("E-BLI-2a", service.rules.library)))
    (line,) = [line for line in lines if line.startswith("  indication E-BLI-2a (Adults with CD19-positive, Ph-negative ")]
    assert line.endswith("): 3 no, 1 unknown, 1 yes")  # child, ph-positive, cd19-negative; ph-unknown; all-met
    assert any(
        line.startswith("    E-BLI-2a 2020-12-22 CD19: of 4: 1 lost, 1 unknown, 2 met; 2 met all so far.") for line in lines
    )


def test_the_day_before_the_label_against_the_day_asked_about(screened, folder, tmp_path):
    # statements carry the day before DAY and count for no earlier day; the Condition has no date and counts for both
    other = Question(as_of=BEFORE_THE_ROW, known_by=DAY, regulators=("EMA",))
    report, _ = screened(folder, question=EMA, other=other)
    changes = {key[2:]: number for key, number in report.counts.changes.items() if key[:2] == ("indication", "E-BLI-2a")}
    # On the day before, the row is not in force: nobody was judged by it.
    assert changes == {("not-judged", "yes"): 1, ("not-judged", "unknown"): 1, ("not-judged", "no"): 3}
    days = {day for day, _ in report.counts.patients}
    assert days == {"2026-11-22", "2020-12-21"}


def test_a_name_that_is_on_file_nowhere_is_refused(service):
    with pytest.raises(RequestError, match="no therapy, indication or trial"):
        targets_of("paracetamol", service.rules.library)


def test_a_product_a_trial_and_an_indication_are_found_by_their_names(service):
    library = service.rules.library
    assert ("therapy", "EMA/blinatumomab") in targets_of("BLI", library)
    assert targets_of("e-bli-2a", library) == (("indication", "E-BLI-2a"),)
    assert targets_of("NCT03876769", library)[0][0] == "trial"
