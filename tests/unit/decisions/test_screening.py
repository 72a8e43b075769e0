"""Studies of the registry without a file of ours: four fields compared, never said to fit. All records are synthetic."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from service.decisions.screening import screen_studies, studies_on_file
from service.knowledge.registry import Registry, RegistryRecord, Seen, StudyDrug
from service.knowledge.screening import Screening
from service.logic.dates import Age, PartialDate
from service.logic.fact import Evidence, known, unknown

DAY = date(2031, 5, 6)
WORDS = Screening(
    conditions={"bcp-all": ("lymphoblastic leukemia", "b-all"), "t-all": ("lymphoblastic leukemia", "t-all")},
    wide=("leukemia",),
    interventions=("examplomab", "car"),
    texts={"age": "Age"},
)
BORN = PartialDate.of_day(date(2013, 5, 6))  # 18 on the day
STUDY = RegistryRecord(
    "NCT99990009",
    "synthetic",
    "RECRUITING",
    conditions=("B-ALL",),
    interventions=(StudyDrug("DRUG", "Examplomab"),),
    minimum_age="18 Years",
    maximum_age="25 Years",
    sex="ALL",
    criteria="Inclusion Criteria: synthetic",
)


@pytest.fixture
def screen(bound, facts, make):
    """The studies shown for a patient of 18 with B-cell precursor ALL."""

    def give(*records, curated=(), as_of=DAY, told="", **given):
        rules = bound(*curated)
        rules = replace(rules, library=replace(rules.library, screening=WORDS))
        patient = {"age_years": known(Age(BORN, PartialDate.of_day(DAY))), "disease": known("bcp-all"), "sex": known("female")}
        registry = Registry.of([Seen(date(2031, 5, 1), record, "r", told) for record in records])
        return screen_studies({**facts, **patient, **given}, rules, registry, as_of, DAY, 45)

    return give


def words(study):
    return {row.id: row.truth.word for row in study.criteria}


def test_four_fields_that_agree_never_make_a_fit(screen):
    (study,) = screen(STUDY)
    assert study.fit == "needs-data"
    assert words(study) == {"registry-age": "yes", "registry-sex": "yes", "registry-condition": "yes"}
    assert (study.failing, study.needs, study.recruitment.open) == ((), (), "yes")


@pytest.mark.parametrize(("as_of", "word"), [(date(2031, 5, 16), "yes"), (date(2031, 5, 17), "stale")])
def test_a_study_is_as_fresh_as_the_data_of_the_copy_in_which_it_was_seen(screen, as_of, word):
    (study,) = screen(STUDY, as_of=as_of, told="2031-04-01T09:00:00")  # 45 days after the first of April is the 16th of May
    assert (study.recruitment.open, study.recruitment.seen) == (word, date(2031, 5, 1))


@pytest.mark.parametrize(
    ("change", "failing"),
    [
        ({"minimum_age": "19 Years"}, ("registry-age",)),
        ({"maximum_age": "17 Years"}, ("registry-age",)),
        ({"sex": "MALE"}, ("registry-sex",)),
        ({"sex": "FEMALE"}, ()),
        ({"sex": ""}, ()),
        ({"conditions": ("Lymphoma",)}, ("registry-condition",)),
        ({"conditions": ("T-ALL",)}, ("registry-condition",)),
        ({"conditions": ("T-ALL", "Leukemia")}, ()),
        ({"conditions": ()}, ()),
        ({"minimum_age": "", "maximum_age": ""}, ()),
    ],
)
def test_a_field_that_differs_excludes(screen, change, failing):
    (study,) = screen(replace(STUDY, **change))
    assert study.failing == failing
    assert study.fit == ("does-not-fit" if failing else "needs-data")


def test_a_wide_condition_or_none_leaves_it_open(screen):
    assert words(screen(replace(STUDY, conditions=("Leukemia",)))[0])["registry-condition"] == "unknown"
    assert words(screen(replace(STUDY, conditions=()))[0])["registry-condition"] == "unknown"
    assert words(screen(replace(STUDY, conditions=("Lymphoma",)), disease=known("mpal"))[0])["registry-condition"] == "unknown"
    assert words(screen(replace(STUDY, conditions=(), keywords=("b-all",)))[0])["registry-condition"] == "yes"


def test_what_is_not_known_of_the_patient_is_asked_for(screen):
    (study,) = screen(replace(STUDY, sex="MALE"), age_years=unknown(), sex=unknown(), disease=unknown())
    assert study.needs == ("age_years", "sex", "disease")
    assert study.fit == "needs-data"


def test_evidence_is_that_of_the_fact(screen):
    seen = (Evidence("Condition/1", "code", None, "B-ALL"),)
    (study,) = screen(STUDY, disease=known("bcp-all", seen))
    assert study.criteria[2].evidence == ("Condition/1",)


def test_a_study_without_one_of_our_treatments_is_not_shown(screen):
    assert screen(replace(STUDY, interventions=(StudyDrug("DRUG", "Carmustine"),))) == ()
    assert len(screen(replace(STUDY, interventions=(StudyDrug("DRUG", "X", ("Examplomab",)),)))) == 1
    assert screen(replace(STUDY, interventions=())) == ()


def test_a_study_with_a_file_of_ours_is_not_shown_twice(screen, make):
    own = make.trial(make.trial_criterion("X1", {"fact": "cd19", "is": "positive"}), name="NCT99990009")
    assert screen(STUDY, curated=(own,)) == ()
    european = make.trial(
        make.trial_criterion("X1", {"fact": "cd19", "is": "positive"}),
        name="2031-500000-10",
        numbers=[{"registry": "eu-ct", "number": "2031-500000-10", "verification": "B"}],
    )
    assert screen(replace(STUDY, secondary_ids=(("CTIS", "2031-500000-10"),)), curated=(european,)) == ()


def test_a_study_seen_later_is_not_known_on_the_day(screen):
    assert screen(STUDY, as_of=date(2031, 4, 30)) == ()


def test_those_that_may_suit_stand_first(screen):
    other = replace(STUDY, nct_id="NCT99990001", sex="MALE")
    assert [study.id for study in screen(other, STUDY)] == ["NCT99990009", "NCT99990001"]


def test_the_studies_of_a_day_are_put_together_once_until_the_registry_is_another(bound):
    rules = bound()
    rules = replace(rules, library=replace(rules.library, screening=WORDS))
    one, other = (
        Registry.of([Seen(date(2031, 5, 1), replace(STUDY, status=status), "r")]) for status in ("RECRUITING", "COMPLETED")
    )
    first = studies_on_file(rules, one, DAY, DAY, 45)
    assert studies_on_file(rules, one, DAY, DAY, 45) is first
    ((_, open_one),), ((_, closed_one),) = first, studies_on_file(rules, other, DAY, DAY, 45)
    assert (open_one.open, closed_one.open) == ("yes", "no")


def test_many_days_asked_about_show_the_same_studies(bound):
    rules = bound()
    rules = replace(rules, library=replace(rules.library, screening=WORDS))
    registry = Registry.of([Seen(date(2031, 5, 1), STUDY, "r")])
    days = [DAY + timedelta(number) for number in range(50)]
    words = [studies_on_file(rules, registry, day, day, 45)[0][1].open for day in (*days, *days)]
    assert words == [*["yes"] * 41, *["stale"] * 9] * 2  # the 45th day after 1 May is 15 June
