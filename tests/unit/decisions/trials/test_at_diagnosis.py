"""Criteria that ask for the disease as it was found at diagnosis."""

import pytest

from service.decisions.needs import rank_missing
from service.decisions.predicate import Looks
from service.decisions.trials import judge_trials
from service.errors import KnowledgeError
from service.knowledge.registry import NOTHING_SEEN
from service.logic.fact import Gap, known, unknown
from tests.unit.decisions.trials.asked import DAY, POSITIVE, seen, truths

CNS3 = {"fact": "cns_status", "is": "CNS3"}


def asked_at_diagnosis(make):
    """CNS3 at diagnosis and none now; the definition that the first uses is taken as of the diagnosis too."""
    return (
        make.definition("cns3", CNS3),
        make.trial(
            make.trial_criterion("X1", {"any": [{"use": "cns3"}, POSITIVE]}, facts_at="diagnosis"),
            make.trial_criterion("X2", {"use": "cns3"}, kind="exclusion"),
        ),
    )


@pytest.mark.parametrize(
    ("now", "then", "found"),
    [
        ("CNS1", "CNS3", {"X1": "yes", "X2": "yes"}),
        ("CNS3", "CNS1", {"X1": "no", "X2": "no"}),
        ("CNS3", None, {"X1": "yes", "X2": "no"}),  # nothing changed since
        ("CNS1", unknown(Gap.NOT_RECORDED, "cns_status"), {"X1": "unknown", "X2": "yes"}),
        (unknown(Gap.TOO_OLD, "cns_status"), "CNS3", {"X1": "yes", "X2": "unknown"}),
    ],
)
def test_a_criterion_that_asks_for_the_diagnosis_reads_the_disease_as_it_was_found_then(bound, facts, make, now, then, found):
    rules = bound(*asked_at_diagnosis(make))

    def fact(value):
        return known(value, seen("2031-05-01", reference=f"Observation/{value}")) if isinstance(value, str) else value

    given = {**facts, "cns_status": fact(now), "cd19": known("negative")}
    looks = Looks(given).of_episodes({}, {"cns_status": fact(then)} if then is not None else {})
    for asked in (looks, rules.own(looks)):
        (verdict,) = judge_trials(asked, rules, NOTHING_SEEN, DAY, DAY, 45)
        assert truths(verdict) == found
        first = next(row for row in verdict.judged.results() if row.id == "X1")
        assert first.facts == ("cns_status", "cd19")  # under its own name
        if isinstance(then, str):
            assert first.evidence == (f"Observation/{then}",)
    assert rules.trials["NCT99990001"][0].fact_names == ("cns_status", "cd19")


@pytest.mark.parametrize(
    ("now", "then", "needs"),
    [
        (None, None, [("cns_status", ("NCT99990001",))]),  # either value decides: CNS3 excludes now, all others fail the first
        ("CNS1", None, [("cns_status", ("NCT99990001",))]),
        (None, "CNS3", [("cns_status", ("NCT99990001",))]),
        (None, "CNS1", []),
    ],
)
def test_a_missing_status_is_tried_for_the_time_of_which_it_is_missing(bound, facts, make, now, then, needs):
    rules = bound(*asked_at_diagnosis(make))

    def fact(value):
        return known(value) if value else unknown(Gap.NOT_RECORDED, "cns_status")

    told = rules.looks({**facts, "cd19": known("negative"), "cns_status": fact(now)})
    looks = told.of_episodes({}, {"cns_status": fact(then)})
    trials = judge_trials(looks, rules, NOTHING_SEEN, DAY, DAY, 45)
    assert [(need.fact, need.trials) for need in rank_missing(looks, rules, (), (), trials)] == needs


@pytest.mark.parametrize("test", [POSITIVE, {"fact": "site_group", "is": "COG"}, {"undecided": "open"}])
def test_a_criterion_that_asks_for_the_diagnosis_and_reads_nothing_that_changes_is_a_fault(bound, make, test):
    with pytest.raises(KnowledgeError, match="reads none that is another one later"):
        bound(make.trial(make.trial_criterion("X1", test, facts_at="diagnosis")))
