"""Results that are too old for a criterion are asked for again, and exclude nobody."""

from datetime import date, timedelta

import pytest

from service.logic.dates import Age, PartialDate
from service.logic.fact import known
from tests.unit.decisions.trials.asked import DAY, number, seen

WINDOW = {"fact": "alt_xuln", "at_most": 5}


@pytest.mark.parametrize(("days", "fit"), [(89, "fits"), (90, "fits"), (91, "needs-data")])
def test_an_old_result_is_asked_for_again(make, judge, days, fit):
    row = make.trial(make.trial_criterion("X1", WINDOW, window="organ_window"))
    evidence = seen((DAY - timedelta(days)).isoformat())
    verdict = judge(row, make.limit("organ_window", 90), alt_xuln=known(number(1), evidence))
    assert verdict.fit == fit
    assert verdict.needs == (("alt_xuln",) if fit == "needs-data" else ())
    assert verdict.judged.undecidable == ()


def test_an_undated_result_is_old_and_an_old_one_does_not_exclude(make, judge):
    row = make.trial(make.trial_criterion("X1", WINDOW, window="organ_window"))
    limit = make.limit("organ_window", 90)
    assert judge(row, limit, alt_xuln=known(number(1), seen(None))).fit == "needs-data"
    assert judge(row, limit, alt_xuln=known(number(9), seen("2030-01-01"))).fit == "needs-data"
    assert judge(row, limit, alt_xuln=known(number(9), seen("2031-05-01"))).fit == "does-not-fit"
    assert judge(row, limit, alt_xuln=known(number(1))).fit == "fits"
    assert judge(row, limit).needs == ("alt_xuln",)


def test_an_old_result_leaves_its_criterion_open_beside_one_that_fails(make, judge):
    rows = (
        make.trial_criterion("X1", WINDOW, window="organ_window"),
        make.trial_criterion("X2", {"fact": "cd22", "is": "positive"}),
    )
    given = {"alt_xuln": known(number(9), seen("2030-01-01")), "cd22": known("negative")}
    verdict = judge(make.trial(*rows), make.limit("organ_window", 90), **given)
    assert (verdict.fit, verdict.failing) == ("does-not-fit", ("X2",))
    assert [row.truth.word for row in verdict.judged.results()] == ["unknown", "no"]


def test_what_the_caller_tells_does_not_grow_old(make, judge):
    test = {"all": [{"fact": "country", "is": "ES"}, WINDOW]}
    row = make.trial(make.trial_criterion("X1", test, window="organ_window"), countries=["ES"])
    alt = known(number(1), seen("2031-05-01"))
    assert judge(row, make.limit("organ_window", 90), country="ES", alt_xuln=alt).fit == "fits"


@pytest.mark.parametrize(
    ("lvef", "day", "fit", "needs"),
    [
        (50, "2031-05-01", "fits", ()),
        (40, "2031-05-01", "needs-data", ("lvsf_percent",)),
        (50, "2030-01-01", "needs-data", ("lvef_percent", "lvsf_percent")),
    ],
)
def test_an_old_result_matters_only_where_the_fresh_ones_do_not_decide(make, judge, lvef, day, fit, needs):
    test = {"any": [{"fact": "lvef_percent", "at_least": 45}, {"fact": "lvsf_percent", "at_least": 28}]}
    row = make.trial(make.trial_criterion("X1", test, window="organ_window"))
    old = known(number(30), seen("2030-01-01"))
    verdict = judge(row, make.limit("organ_window", 90), lvef_percent=known(number(lvef), seen(day)), lvsf_percent=old)
    assert (verdict.fit, verdict.needs) == (fit, needs)


@pytest.mark.parametrize(("day", "fit"), [("2031-05-01", "does-not-fit"), ("2030-01-01", "needs-data")])
def test_an_old_result_does_not_exclude_where_an_absence_is_given_a_meaning_either(make, judge, day, fit):
    test = {"any": [WINDOW, {"fact": "prior_cd19_car_t", "is": True}]}
    absent = {"prior_cd19_car_t": False}
    row = make.trial(make.trial_criterion("X1", test, window="organ_window", absence_means=absent))
    verdict = judge(row, make.limit("organ_window", 90), alt_xuln=known(number(9), seen(day)))
    assert verdict.fit == fit
    assert verdict.needs == (("alt_xuln",) if fit == "needs-data" else ())


@pytest.mark.parametrize(("measured", "fit", "needs"), [("2031-05-01", "fits", ()), ("2030-01-01", "needs-data", ("alt_xuln",))])
def test_an_age_or_a_sex_beside_a_result_is_never_old(make, judge, measured, fit, needs):
    # the day of birth is the evidence of an age, and a sex has no day
    test = {"all": [{"fact": "age_years", "at_least": "13 a"}, {"fact": "sex", "is": "male"}, WINDOW]}
    given = {
        "age_years": known(
            Age(PartialDate.of_day(date(2010, 1, 1)), PartialDate.of_day(DAY)), seen("2010-01-01", reference="Patient/1")
        ),
        "sex": known("male", seen(None, reference="Patient/1")),
        "alt_xuln": known(number(1), seen(measured)),
    }
    row = make.trial(make.trial_criterion("X1", test, window="organ_window"))
    verdict = judge(row, make.limit("organ_window", 90), **given)
    assert (verdict.fit, verdict.needs) == (fit, needs)
