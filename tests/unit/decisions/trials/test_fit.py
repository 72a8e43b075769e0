"""Fit in three values: what fails, alternatives, arms, who asks, what was verified."""

import pytest

from service.errors import KnowledgeError
from service.logic.fact import known
from service.logic.truth import Truth
from tests.unit.decisions.trials.asked import CAR_T, DAY, POSITIVE, number, seen, truths


@pytest.mark.parametrize(
    ("cd19", "count", "fit", "failing"),
    [
        ("positive", 1, "fits", ()),
        ("negative", 1, "does-not-fit", ("X1",)),
        (None, 1, "needs-data", ()),
        (None, 2, "does-not-fit", ("X2",)),
        ("negative", 2, "does-not-fit", ("X1", "X2")),
    ],
)
def test_one_failing_criterion_decides_and_all_of_them_are_told(make, judge, cd19, count, fit, failing):
    row = make.trial(make.trial_criterion("X1", POSITIVE), make.trial_criterion("X2", {"fact": "relapse_count", "is": 1}))
    given = {"cd19": known(cd19)} if cd19 else {}
    verdict = judge(row, relapse_count=known(number(count)), **given)
    assert (verdict.fit, verdict.failing) == (fit, failing)
    assert verdict.needs == (("cd19",) if fit == "needs-data" else ())


def test_an_exclusion_is_in_the_patients_favour_when_it_does_not_apply(make, judge):
    row = make.trial(make.trial_criterion("X1", CAR_T, kind="exclusion"))
    assert truths(judge(row, prior_cd19_car_t=known(value=True))) == {"X1": "no"}
    assert truths(judge(row, prior_cd19_car_t=known(value=False))) == {"X1": "yes"}
    assert truths(judge(row)) == {"X1": "unknown"}


def test_what_only_a_human_can_judge_does_not_enter_the_fit(make, judge):
    verdict = judge(make.trial(make.trial_criterion("X1", POSITIVE), make.trial_criterion("H1")), cd19=known("positive"))
    assert verdict.fit == "fits"
    assert verdict.confirm() == (("H1", "H1"),)


# ---------------------------------------------------------------- alternatives


ALTERNATIVES = (
    ("X1a", POSITIVE, {"any_of": "X1"}),
    ("X1b", {"fact": "cd22", "is": "positive"}, {"any_of": "X1"}),
)


@pytest.mark.parametrize(
    ("cd19", "cd22", "fit", "failing", "needs"),
    [
        ("positive", None, "fits", (), ()),
        ("negative", "positive", "fits", (), ()),
        ("negative", "negative", "does-not-fit", ("X1a", "X1b"), ()),
        ("negative", None, "needs-data", (), ("cd22",)),
        (None, None, "needs-data", (), ("cd19", "cd22")),
    ],
)
def test_alternatives_fail_together_or_not_at_all(make, judge, cd19, cd22, fit, failing, needs):
    row = make.trial(*(make.trial_criterion(name, test, **more) for name, test, more in ALTERNATIVES))
    given = {name: known(value) for name, value in (("cd19", cd19), ("cd22", cd22)) if value}
    verdict = judge(row, **given)
    assert (verdict.fit, verdict.failing, verdict.needs) == (fit, failing, needs)


# ---------------------------------------------------------------- arms


def arm(name, *criteria, **more):
    return {"id": name, "name": name, "text": name, "provenance": "K", "criteria": list(criteria), **more}


def test_a_patient_may_fit_the_trial_and_not_its_arm(make, judge):
    row = make.trial(
        make.trial_criterion("X1", {"fact": "kmt2a_r", "is": True}),
        arms=[arm("A1", make.trial_criterion("A1a", POSITIVE), otherwise="treated without it")],
    )
    verdict = judge(row, kmt2a_r=known(value=True), cd19=known("negative"))
    assert verdict.fit == "fits"
    assert [(a.arm.id, a.fit, a.judged.failing) for a in verdict.arms] == [("A1", "does-not-fit", ("A1a",))]


@pytest.mark.parametrize(
    ("cd19", "cd22", "fit", "failing", "needs"),
    [
        ("positive", "negative", "fits", (), ()),
        ("negative", "negative", "does-not-fit", ("A1a", "A2a"), ()),
        ("negative", None, "needs-data", (), ("cd22",)),
    ],
)
def test_where_an_arm_is_required_one_that_fits_must_be_left(make, judge, cd19, cd22, fit, failing, needs):
    row = make.trial(
        make.trial_criterion("X1", {"fact": "kmt2a_r", "is": True}),
        arms=[
            arm("A1", make.trial_criterion("A1a", POSITIVE)),
            arm("A2", make.trial_criterion("A2a", {"fact": "cd22", "is": "positive"})),
        ],
        arms_required=True,
    )
    given = {name: known(value) for name, value in (("cd19", cd19), ("cd22", cd22)) if value}
    verdict = judge(row, kmt2a_r=known(value=True), **given)
    assert (verdict.fit, verdict.failing, verdict.needs) == (fit, failing, needs)


@pytest.mark.parametrize(
    ("cd19", "cd22", "required", "taking"),
    [
        ("positive", "positive", True, "yes"),  # the other arm takes patients
        ("positive", None, True, "yes"),  # and may fit
        ("positive", "negative", True, "no"),
        ("positive", "negative", False, "yes"),
        ("negative", "negative", True, "yes"),  # does not fit, which is told apart from recruitment
    ],
)
def test_an_open_trial_takes_nobody_whose_required_arms_have_closed(make, judge, cd19, cd22, required, taking):
    row = make.trial(
        make.trial_criterion("X1", {"fact": "kmt2a_r", "is": True}),
        arms=[
            arm("A1", make.trial_criterion("A1a", POSITIVE), open="closed"),
            arm("A2", make.trial_criterion("A2a", {"fact": "cd22", "is": "positive"})),
        ],
        arms_required=required,
        sightings=[{"status": "RECRUITING", "seen": DAY, "recorded": DAY, "verification": "V"}],
    )
    given = {name: known(value) for name, value in (("cd19", cd19), ("cd22", cd22)) if value}
    verdict = judge(row, kmt2a_r=known(value=True), **given)
    assert (verdict.recruitment.status, verdict.recruitment.open) == ("RECRUITING", taking)
    assert verdict.fit == ("does-not-fit" if cd19 == "negative" and required else "fits")


# ---------------------------------------------------------------- who asks


def test_the_study_group_of_the_centre_is_asked_for_where_it_decides(make, judge):
    test = {"any": [{"fact": "site_group", "is": "COG"}, CAR_T]}
    row = make.trial(make.trial_criterion("X1", test), site_groups=["COG", "ALLTogether"])
    assert judge(row, site_group="cog").fit == "fits"
    assert judge(row, site_group="ALLTogether", prior_cd19_car_t=known(value=False)).fit == "does-not-fit"
    assert judge(row, site_group="another", prior_cd19_car_t=known(value=False)).fit == "does-not-fit"
    assert judge(row, prior_cd19_car_t=known(value=False)).needs == ("site_group",)


def test_the_country_is_compared_by_its_code(make, judge):
    row = make.trial(make.trial_criterion("X1", {"fact": "country", "in": ["ES", "DK"]}), countries=["ES", "DK"])
    assert [judge(row, country=code).fit for code in ("ES", "US", "")] == ["fits", "does-not-fit", "needs-data"]


def test_words_of_the_caller_are_no_facts_of_labels(make, bound):
    with pytest.raises(KnowledgeError, match="there is no fact 'country'"):
        bound(make.therapy(make.criterion("C1", {"fact": "country", "is": "ES"})))


# ---------------------------------------------------------------- verification


def test_a_verdict_that_rests_on_what_nobody_read_says_so(make, judge):
    read = make.trial_criterion("X1", POSITIVE, provenance="S", sources=["label"])
    recalled = make.trial_criterion("X2", {"fact": "cd22", "is": "positive"})
    both = make.trial(read, recalled)
    assert "rests-on-unverified" in judge(both, cd19=known("positive"), cd22=known("negative")).flags
    assert "rests-on-unverified" in judge(both, cd19=known("positive"), cd22=known("positive")).flags
    assert "rests-on-unverified" not in judge(both, cd19=known("negative"), cd22=known("negative")).flags
    assert "rests-on-unverified" not in judge(make.trial(read), cd19=known("positive")).flags


def test_exclusions_that_are_not_curated_are_told(make, judge):
    row = make.trial(make.trial_criterion("X1", POSITIVE), exclusions="not-curated")
    assert "exclusions-not-curated" in judge(row, cd19=known("positive")).flags


def test_what_the_text_leaves_open_no_datum_decides(make, judge):
    row = make.trial(make.trial_criterion("X1", {"undecided": "The threshold is not known."}))
    verdict = judge(row)
    assert (verdict.fit, verdict.needs, verdict.judged.undecidable) == ("needs-data", (), ("X1",))


def test_truth_of_a_criterion_is_the_one_of_its_test_where_nothing_is_assumed(make, judge):
    verdict = judge(make.trial(make.trial_criterion("X1", POSITIVE)), cd19=known("positive", seen("2031-01-01")))
    result = verdict.judged.results()[0]
    assert (result.truth, result.evidence, result.needs, result.flags) == (Truth.YES, ("Observation/1",), (), ())
