"""What is answered of made-up patients against what is true of them: no wrong answer, and nearly everything decidable decided."""

from __future__ import annotations

from itertools import islice

import pytest

from service.assembly import build_service
from service.settings import Settings
from service.synth.export import made_up
from service.synth.longhand.trials import reads
from service.synth.names import FACTS
from service.synth.verdicts import HIGH_RISK
from tests.synth.accuracy import LEAST_DECIDED
from tests.synth.compare import judge, judge_group, judge_verdict
from tests.synth.tally import KINDS, Tally, count_cohort

PATIENTS, SEED = 300, 20261122
LIMITS = {"low": 0, "high": 0.01, "lowInclusive": True, "highInclusive": False}
AT_LEAST_1 = {"low": 1, "high": None, "lowInclusive": True, "highInclusive": True}


@pytest.fixture(scope="module")
def cohort():
    return list(made_up(PATIENTS, SEED))


@pytest.fixture(scope="module")
def service():
    return build_service(Settings())


@pytest.fixture(scope="module")
def tally(cohort, service):
    return count_cohort(service, cohort)


def test_no_fact_and_no_verdict_says_what_is_not_true_or_was_not_told(tally):
    assert not tally.wrong, tally.report()


def test_nearly_everything_that_a_record_tells_is_derived(tally):
    assert tally.share_of_facts() >= LEAST_DECIDED, tally.report()


@pytest.mark.parametrize("kind", KINDS)
def test_nearly_every_decidable_verdict_is_decided(tally, kind):
    assert tally.share_of_verdicts(kind) >= LEAST_DECIDED, tally.report()


def test_every_fact_of_the_truth_was_compared_for_every_patient(tally):
    assert set(tally.facts) == {*FACTS, HIGH_RISK}
    assert {sum(row.values()) for row in tally.facts.values()} == {PATIENTS}


def test_the_truth_tells_every_fact_that_a_trial_reads(service):
    told_by_the_caller = {"country", "site_group"}
    lists_of_words = {"hypersensitivity"}
    assert reads(service.rules.library) - told_by_the_caller - lists_of_words <= {*FACTS, HIGH_RISK}


def test_the_truth_tells_every_fact_that_a_label_or_a_risk_system_reads(service):
    rules = service.rules
    nodes = [node for name, node in rules.tests.items() if not name.startswith(("caution", "question", "definition", "trial"))]
    tables = [table for system in rules.risk_systems.values() for version in system.versions for table in (version.table,)]
    read = {name for node in nodes for name in node.fact_names} | {name for table in tables for name in table.fact_names}
    assert read <= {*FACTS, HIGH_RISK}


def test_yes_and_no_and_unknown_are_all_among_the_true_verdicts(tally):
    for kind in ("row", "therapy", "trial"):
        cells = {cell for name, row in tally.verdicts.items() if name.startswith(kind) for cell in row}
        assert {("yes", "yes"), ("no", "no"), ("yes", "unknown"), ("no", "unknown")} <= {cell[:2] for cell in cells}, kind


def test_what_two_workers_count_is_what_one_counts(cohort, service):
    parts = (count_cohort(service, cohort[:10]), count_cohort(service, cohort[10:20]))
    merged = Tally()
    for part in parts:
        merged.merge(part)
    assert merged.report() == count_cohort(service, cohort[:20]).report()


def test_the_cohort_holds_every_kind_of_course_and_silence_beside_answers(cohort):
    kinds = [made.kind for made in cohort]
    assert set(kinds) >= {
        "induction",
        "refractory",
        "cr1",
        "relapse-1",
        "relapse-2",
        "cr2",
        "silent",
        "resistant-relapse",
        "aml",
        "cml",
        "burkitt",
        "b-lbl",
        "refuted-all",
        "all-by-mistake",
        "all-in-family",
        "no-leukaemia",
    }
    others = sum(made.truth.told["disease"] in {"unknown", "not-all", "burkitt", "b-lbl"} for made in cohort)
    assert 0.2 < others / PATIENTS < 0.4  # 30 percent are drawn, and a few contradict themselves


@pytest.mark.parametrize(
    ("told", "real", "found", "how", "verdict"),
    [
        ("positive", "positive", "positive", "told", "decided"),
        ("positive", "positive", "negative", "told", "unsafe"),
        ("positive", "positive", "unknown", "told", "undecided"),
        ("unknown", None, "unknown", "untold", "silent"),
        ("unknown", None, "positive", "untold", "unsafe"),  # nothing in the record supports it
        ("unknown", None, False, "untold", "unsafe"),  # silence is no no
        ("unknown", "negative", "negative", "untold", "right-though-silent"),
        ("unknown", "negative", "negative", "stale", "unsafe"),  # right by luck
        ("unknown", "negative", "negative", "contradicted", "unsafe"),
        ("unknown", "negative", "positive", "untold", "unsafe"),
        (1, 1, True, "told", "unsafe"),  # a number is no yes
        (2, 2, 2, "told", "decided"),
        (2, 2, AT_LEAST_1, "told", "wider"),
        (0, 0, AT_LEAST_1, "told", "unsafe"),
        (LIMITS, 0.004, LIMITS, "in-part", "decided"),
        (LIMITS, 0.01, LIMITS, "in-part", "unsafe"),  # the limit itself does not belong to them
        (LIMITS, 0.004, {**LIMITS, "high": 0.1}, "in-part", "wider"),
        (LIMITS, 0.004, 0.004, "in-part", "decided"),
        (AT_LEAST_1, 2, 2, "in-part", "decided"),
        (AT_LEAST_1, 2, 1, "in-part", "unsafe"),
        ("2026-05", "2026-05-31", "2026-05", "in-part", "decided"),
        ("2026-05", "2026-05-31", "2026-04", "in-part", "unsafe"),
    ],
)
def test_what_a_derived_value_is_beside_the_truth(told, real, found, how, verdict):
    assert judge(told, real, found, how) == verdict


@pytest.mark.parametrize(
    ("real", "decidable", "answered", "verdict"),
    [
        ("yes", "yes", "yes", "decided"),
        ("no", "no", "no", "decided"),
        ("no", "no", "yes", "unsafe"),
        ("no", "unknown", "yes", "unsafe"),
        ("yes", "unknown", "yes", "unsafe"),  # true, and nothing in the record says so
        ("unknown", "unknown", "yes", "unsafe"),
        ("yes", "yes", "no", "denied"),
        ("yes", "unknown", "no", "denied"),
        ("no", "unknown", "no", "right-though-not-told"),
        ("unknown", "unknown", "no", "right-though-not-told"),
        ("yes", "yes", "unknown", "missed"),
        ("no", "no", "unknown", "missed"),
        ("yes", "unknown", "unknown", "silent"),
        ("not-approved", "not-approved", "not-approved", "decided"),
        ("no such verdict", "no such verdict", "yes", "unsafe"),
    ],
)
def test_what_a_verdict_is_beside_the_truth(real, decidable, answered, verdict):
    assert judge_verdict(real, decidable, answered) == verdict


@pytest.mark.parametrize(
    ("real", "decidable", "answered", "possible", "verdict"),
    [
        ("HR", "HR", "HR", ("HR",), "decided"),
        ("HR", "HR", "SR", ("SR",), "unsafe"),
        ("HR", "open", "HR", ("HR",), "unsafe"),  # nothing in the record decides it
        ("HR", "HR", "open", ("HR", "SR"), "missed"),
        ("HR", "open", "open", ("HR", "SR"), "silent"),
        ("HR", "open", "open", ("SR",), "denied"),  # the true group is left out
        ("HR", "open", "open", ("HR?", "SR"), "silent"),
        ("HR", "open", "not-applicable", (), "denied"),
        ("not-applicable", "not-applicable", "not-applicable", (), "decided"),
        ("not-applicable", "not-applicable", "HR", ("HR",), "unsafe"),
        ("not-encoded", "not-encoded", "not-encoded", (), "silent"),
    ],
)
def test_what_a_risk_group_is_beside_the_truth(real, decidable, answered, possible, verdict):
    assert judge_group(real, decidable, answered, possible) == verdict


def test_a_patient_is_the_same_whatever_else_is_made(cohort):
    alone = list(islice(made_up(3, SEED), 3))
    assert [one.story.resources for one in alone] == [one.story.resources for one in cohort[:3]]
    assert [one.truth_line() for one in alone] == [one.truth_line() for one in cohort[:3]]
    assert [one.story.resources for one in made_up(3, SEED + 1)] != [one.story.resources for one in alone]
