"""What is derived of made-up patients against what is true of them: no unsafe error, and nearly everything decidable decided."""

from __future__ import annotations

from itertools import islice

import pytest

from service.assembly import build_service
from service.synth.export import made_up
from service.synth.truth import FACTS
from tests.synth.compare import judge, measure

PATIENTS, SEED = 300, 20261122
LIMITS = {"low": 0, "high": 0.01, "lowInclusive": True, "highInclusive": False}
AT_LEAST_1 = {"low": 1, "high": None, "lowInclusive": True, "highInclusive": True}


@pytest.fixture(scope="module")
def cohort():
    return list(made_up(PATIENTS, SEED))


@pytest.fixture(scope="module")
def accuracy(cohort):
    return measure(build_service(), cohort)


def test_no_derived_fact_says_what_is_not_true(accuracy):
    assert not accuracy.unsafe, "\n".join((accuracy.table(), *accuracy.unsafe))


def test_at_least_99_percent_of_what_a_record_tells_is_decided(accuracy):
    assert accuracy.share_decided >= 0.99, "\n".join((accuracy.table(), *accuracy.open))


def test_every_fact_of_the_truth_was_compared_for_every_patient(accuracy):
    assert set(accuracy.by_fact) == set(FACTS)
    assert {sum(row.values()) for row in accuracy.by_fact.values()} == {PATIENTS}


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
        "aml",
        "cml",
        "burkitt",
        "no-leukaemia",
    }
    others = sum(kind in {"aml", "cml", "burkitt", "no-leukaemia"} for kind in kinds)
    assert 0.2 < others / PATIENTS < 0.4  # 30 percent are drawn
    for name in FACTS:
        told = {str(made.truth.told[name]) for made in cohort}
        assert name in {"sex", "age_years"} or "unknown" in told, name
        assert told != {"unknown"}, name


@pytest.mark.parametrize(
    ("told", "real", "found", "verdict"),
    [
        ("positive", "positive", "positive", "decided"),
        ("positive", "positive", "negative", "unsafe"),
        ("positive", "positive", "unknown", "undecided"),
        ("unknown", None, "unknown", "silent"),
        ("unknown", None, "positive", "unsafe"),  # nothing in the record supports it
        ("unknown", None, False, "unsafe"),  # silence is no no
        ("unknown", "negative", "negative", "right-though-silent"),
        ("unknown", "negative", "positive", "unsafe"),
        (1, 1, True, "unsafe"),  # a number is no yes
        (2, 2, 2, "decided"),
        (2, 2, AT_LEAST_1, "wider"),
        (0, 0, AT_LEAST_1, "unsafe"),
        (LIMITS, 0.004, LIMITS, "decided"),
        (LIMITS, 0.01, LIMITS, "unsafe"),  # the limit itself does not belong to them
        (LIMITS, 0.004, {**LIMITS, "high": 0.1}, "wider"),
        (LIMITS, 0.004, 0.004, "decided"),
        (AT_LEAST_1, 2, 2, "decided"),
        (AT_LEAST_1, 2, 1, "unsafe"),
    ],
)
def test_what_a_derived_value_is_beside_the_truth(told, real, found, verdict):
    assert judge(told, real, found) == verdict


def test_a_patient_is_the_same_whatever_else_is_made(cohort):
    alone = list(islice(made_up(3, SEED), 3))
    assert [one.story.resources for one in alone] == [one.story.resources for one in cohort[:3]]
    assert [one.truth_line() for one in alone] == [one.truth_line() for one in cohort[:3]]
    assert [one.story.resources for one in made_up(3, SEED + 1)] != [one.story.resources for one in alone]
