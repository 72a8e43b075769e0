"""Trials on invented criteria: fit in three values, what fails, what is missing, arms, and recruitment kept apart."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from service.decisions.needs import rank_missing
from service.decisions.predicate import Looks
from service.decisions.trials import judge_trials
from service.decisions.trials_on_file import recruitment_of, text_changed
from service.errors import KnowledgeError
from service.facts.received import RESTS_ON
from service.knowledge.registry import NOTHING_SEEN, Registry, RegistryRecord, Seen, Site
from service.logic.dates import Age, PartialDate
from service.logic.fact import Evidence, Gap, conflicting, known, unknown
from service.logic.interval import Interval
from service.logic.truth import Truth

DAY = date(2031, 5, 6)
POSITIVE = {"fact": "cd19", "is": "positive"}
CAR_T = {"fact": "prior_cd19_car_t", "is": True}


def number(value):
    return Interval.point(Decimal(value))


def seen(day, text="seen", reference="Observation/1"):
    return (Evidence(reference, "value", PartialDate.parse(day) if day else None, text),)


@pytest.fixture
def judge(bound, facts):
    """The verdict on the one trial of these rows; keyword arguments are facts."""

    def make(*rows, country="", site_group="", registry=NOTHING_SEEN, as_of=DAY, known_by=DAY, **given):
        rules = bound(*rows)
        looks = Looks({**facts, **given, **rules.whereabouts.told(country, site_group)})
        verdicts = judge_trials(looks, rules, registry, as_of, known_by, 45)
        return verdicts[0] if len(verdicts) == 1 else verdicts

    return make


def truths(verdict):
    return {row.id: row.truth.word for row in verdict.judged.results()}


# ---------------------------------------------------------------- fit


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


# ---------------------------------------------------------------- absence


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


# ---------------------------------------------------------------- the age of results


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


# ---------------------------------------------------------------- texts and days


def version(seen_on, minimum, recorded=date(2031, 1, 2)):
    test = {"fact": "age_days", "at_least": minimum}
    return {"seen": seen_on, "recorded": recorded, "criteria": [{"id": "X1", "text": "age", "provenance": "K", "test": test}]}


def test_the_text_seen_last_by_the_day_holds(make, judge):
    row = make.trial(versions=[version(date(2030, 1, 1), 18), version(date(2031, 3, 1), 12)])
    for as_of, fit in ((date(2031, 2, 28), "does-not-fit"), (date(2031, 3, 1), "fits"), (date(2029, 1, 1), "does-not-fit")):
        assert judge(row, as_of=as_of, age_days=known(number(15))).fit == fit


def test_a_text_written_down_later_is_not_known(make, judge):
    row = make.trial(versions=[version(None, 18), version(date(2031, 3, 1), 12, recorded=date(2031, 4, 1))])
    assert judge(row, known_by=date(2031, 3, 31), age_days=known(number(15))).fit == "does-not-fit"
    assert judge(row, known_by=date(2031, 4, 1), age_days=known(number(15))).fit == "fits"
    assert judge(row, known_by=date(2031, 1, 1)) == ()


def test_a_control_is_never_listed(make, judge):
    assert judge(make.trial(make.trial_criterion("X1", POSITIVE), listed=False, outside="another disease")) == ()


def test_those_that_fit_stand_first_and_of_them_the_open_ones(make, judge):
    def row(name, status):
        sighting = {"status": status, "seen": DAY, "recorded": date(2031, 1, 2), "verification": "V2", "sources": ["label"]}
        return make.trial(make.trial_criterion("X1", POSITIVE), name=name, sightings=[sighting])

    failing = make.trial(make.trial_criterion("X1", {"fact": "cd19", "is": "negative"}), name="NCT99990001")
    open_one, closed = row("NCT99990003", "RECRUITING"), row("NCT99990002", "COMPLETED")
    needs = make.trial(make.trial_criterion("X1", {"fact": "cd22", "is": "positive"}), name="NCT99990004")
    found = judge(failing, closed, open_one, needs, cd19=known("positive"))
    assert [verdict.id for verdict in found] == ["NCT99990003", "NCT99990002", "NCT99990004", "NCT99990001"]


# ---------------------------------------------------------------- recruitment


def sighting(status, day, **more):
    return {"status": status, "seen": day, "recorded": date(2031, 1, 2), "verification": "V2", "sources": ["label"], **more}


def record(status, criteria="Inclusion: adults"):
    return RegistryRecord("NCT99990001", "synthetic", status, criteria=criteria, sites=(Site("Clinic", "Town", "ES", "Spain"),))


def recruitment(make, bound, *sightings, registry=NOTHING_SEEN, as_of=DAY, known_by=DAY):
    row = make.trial(make.trial_criterion("X1", POSITIVE), sightings=list(sightings))
    rules = bound(row)
    return recruitment_of(row, rules, registry, as_of, known_by, 45)


def test_the_newest_sighting_by_the_day_is_shown_with_its_day(make, bound):
    rows = (sighting("RECRUITING", date(2031, 4, 1)), sighting("SUSPENDED", date(2031, 5, 1)))
    found = recruitment(make, bound, *rows)
    assert (found.status, found.seen, found.open) == ("SUSPENDED", date(2031, 5, 1), "no")
    before = recruitment(make, bound, *rows, as_of=date(2031, 4, 30))
    assert (before.status, before.open) == ("RECRUITING", "yes")


def test_what_was_seen_after_the_day_or_not_written_down_is_unknown(make, bound):
    row = sighting("RECRUITING", date(2031, 4, 1))
    assert recruitment(make, bound, row, as_of=date(2031, 3, 31)).open == "unknown"
    assert recruitment(make, bound, row, known_by=date(2031, 1, 1)).open == "unknown"
    assert recruitment(make, bound).status == ""


def test_an_undated_sighting_counts_only_where_none_has_a_date(make, bound):
    undated = sighting("RECRUITING", None)
    assert (recruitment(make, bound, undated).seen, recruitment(make, bound, undated).open) == (None, "stale")
    assert recruitment(make, bound, undated, sighting("COMPLETED", date(2031, 4, 1))).open == "no"


def test_a_status_of_one_country_stands_beside_and_not_for_all(make, bound):
    rows = (sighting("RECRUITING", date(2031, 5, 1)), sighting("COMPLETED", date(2031, 5, 2), country="DE"))
    found = recruitment(make, bound, *rows)
    assert (found.status, found.countries) == ("RECRUITING", (("DE", "COMPLETED"),))


def test_the_registry_itself_counts_from_the_day_it_was_asked(make, bound):
    registry = Registry.of([Seen(date(2031, 5, 5), record("RECRUITING"), "https://registry.example")])
    old = sighting("COMPLETED", date(2031, 4, 1))
    found = recruitment(make, bound, old, registry=registry)
    assert (found.status, found.seen, found.source) == ("RECRUITING", date(2031, 5, 5), "https://registry.example")
    assert len(found.sites) == 1
    assert recruitment(make, bound, old, registry=registry, as_of=date(2031, 5, 4)).status == "COMPLETED"
    newer = sighting("SUSPENDED", date(2031, 5, 6))
    assert recruitment(make, bound, newer, registry=registry).status == "SUSPENDED"


def test_a_changed_text_in_the_registry_is_told(make, judge):
    first, later = record("RECRUITING", "Adults"), record("RECRUITING", "Adults and children")
    registry = Registry.of([Seen(date(2031, 5, 1), first, "r"), Seen(date(2031, 5, 5), later, "r")])
    row = make.trial(make.trial_criterion("X1", POSITIVE))
    assert "text-changed" in judge(row, registry=registry).flags
    assert "text-changed" not in judge(row, registry=registry, as_of=date(2031, 5, 4)).flags
    same = row.versions[0].model_copy(update={"text_hash": later.criteria_hash})
    assert not text_changed(same, registry, "NCT99990001", DAY)
    assert not text_changed(row.versions[0], NOTHING_SEEN, "NCT99990001", DAY)


def test_truth_of_a_criterion_is_the_one_of_its_test_where_nothing_is_assumed(make, judge):
    verdict = judge(make.trial(make.trial_criterion("X1", POSITIVE)), cd19=known("positive", seen("2031-01-01")))
    result = verdict.judged.results()[0]
    assert (result.truth, result.evidence, result.needs, result.flags) == (Truth.YES, ("Observation/1",), (), ())


# ---------------------------------------------------------------- facts at diagnosis


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
