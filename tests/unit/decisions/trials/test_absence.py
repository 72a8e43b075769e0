"""What the absence of a record means to a criterion."""

import pytest

from service.errors import KnowledgeError
from service.facts.received import RESTS_ON
from service.logic.fact import Gap, conflicting, known, unknown
from tests.unit.decisions.trials.asked import CAR_T, POSITIVE, seen

ABSENT = {"kind": "exclusion", "absence_means": {"prior_cd19_car_t": False}}


def test_nothing_recorded_counts_as_the_file_says_and_is_to_be_confirmed(make, judge):
    verdict = judge(make.trial(make.trial_criterion("X1", CAR_T, **ABSENT)), prior_cd19_car_t=unknown(Gap.NOT_RECORDED))
    assert verdict.fit == "fits"
    assert "absence-assumed" in verdict.flags
    assert verdict.confirm() == (("X1", "X1"),)
    assert verdict.judged.results()[0].flags == ("absence-assumed",)


@pytest.mark.parametrize(
    "fact",
    [
        unknown(Gap.AMBIGUOUS, "prior_cd19_car_t"),
        unknown(Gap.UNREADABLE, "prior_cd19_car_t"),
        unknown(Gap.TOO_OLD, "prior_cd19_car_t"),
        unknown(Gap.NOT_RECORDED, "prior_cd19_car_t", evidence=seen("2031-01-01")),
        conflicting(seen("2031-01-01"), "prior_cd19_car_t"),
    ],
)
def test_what_was_recorded_and_cannot_be_used_is_no_absence(make, judge, fact):
    verdict = judge(make.trial(make.trial_criterion("X1", CAR_T, **ABSENT)), prior_cd19_car_t=fact)
    assert (verdict.fit, verdict.needs) == ("needs-data", ("prior_cd19_car_t",))


def test_absence_of_one_fact_leaves_the_others_open(make, judge):
    test = {"any": [CAR_T, {"fact": "pregnant", "is": True}]}
    verdict = judge(make.trial(make.trial_criterion("X1", test, **ABSENT)))
    assert (verdict.fit, verdict.needs) == ("needs-data", ("pregnant",))
    assert judge(make.trial(make.trial_criterion("X1", test, **ABSENT)), pregnant=known(value=True)).fit == "does-not-fit"


def test_absence_may_stand_for_a_word_or_a_number(make, judge, monkeypatch):
    for name in ("treatment_phase", "relapse_count"):  # facts of other kinds than those that say what they rest on today
        monkeypatch.setitem(RESTS_ON, name, frozenset({"Observation"}))
    word = make.trial_criterion(
        "X1", {"fact": "treatment_phase", "is": "pre-treatment"}, absence_means={"treatment_phase": "pre-treatment"}
    )
    count = make.trial_criterion("X2", {"fact": "relapse_count", "is": 0}, absence_means={"relapse_count": 0})
    assert judge(make.trial(word, count)).fit == "fits"


@pytest.mark.parametrize(
    ("absence", "said"),
    [
        ({"prior_blinatumomab": False}, "the test does not read it"),
        ({"prior_cd19_car_t": "negative"}, "cannot be"),
        ({"prior_cd19_cart": False}, "there is no fact 'prior_cd19_cart'"),
    ],
)
def test_a_meaning_of_absence_that_cannot_be_is_a_fault_at_start(make, bound, absence, said):
    row = make.trial(make.trial_criterion("X1", CAR_T, kind="exclusion", absence_means=absence))
    with pytest.raises(KnowledgeError, match=said):
        bound(row)


def test_only_a_fact_that_tells_absence_from_what_was_not_received_may_have_a_meaning_for_it(make, bound):
    # CH-F-07, CH-F-24: what was not received is no absence
    excluded = {"fact": "active_infection", "is": True}
    row = make.trial_criterion("X1", excluded, kind="exclusion", absence_means={"active_infection": False})
    arm = {"id": "A", "name": "A", "text": "A", "provenance": "K", "criteria": [row]}
    plain = make.trial_criterion("X0", POSITIVE)
    for trial in (make.trial(row), make.trial(plain, arms=[arm])):
        with pytest.raises(KnowledgeError) as refused:
            bound(trial)
        (fault,) = refused.value.faults
        assert "absence of 'active_infection' can be given no meaning" in fault.text
        assert "gilbert_syndrome" in fault.hint
    bound(make.trial(make.trial_criterion("X1", CAR_T, **ABSENT)))
