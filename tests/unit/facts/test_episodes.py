"""Facts of one episode: which are asked as they were at diagnosis, and what is left alone."""

import pytest

from service.decisions.risk_tables import GROUP
from service.facts.catalogue import CATALOGUE
from service.facts.episodes import facts_at_diagnosis, facts_since_relapse
from service.logic.dates import PartialDate
from service.logic.fact import Evidence, known
from tests.case_runners.knowledge import shipped_rules

# Facts that stand for the first treatment whatever comes after it, or are no part of the leukaemia.
OF_THE_FIRST_TREATMENT = {
    "age_at_diagnosis_years",
    "wbc_at_diagnosis",
    "steroid_pretreatment",
    "prednisone_response",
    "remission_at_end_of_induction",
    "mrd_day8_blood_percent",
    "mrd_day15_percent",
    "mrd_end_of_induction_percent",
    "mrd_end_of_consolidation_percent",
    "mrd_pcr_unavailable",
    "down_syndrome",
    "disease",
}


def test_whatever_a_risk_system_of_the_first_treatment_asks_is_asked_as_it_was_at_diagnosis():
    rules = shipped_rules()
    asked: set[str] = set()
    for name, system in rules.risk_systems.items():
        if rules.library.risk_systems[name].dated_by == "diagnosis":
            for version in system.versions:
                asked.update(version.table.fact_names, version.applies.fact_names if version.applies else ())
            asked.update(fact for overlay in system.overlays for fact in overlay.node.fact_names)
    marked = {name for name, spec in CATALOGUE.items() if spec.at_diagnosis}
    assert asked - {GROUP} - OF_THE_FIRST_TREATMENT <= marked
    assert OF_THE_FIRST_TREATMENT.isdisjoint(marked)


def told(view, **facts):
    """The view with facts of one piece of evidence each: a value and the day of the evidence."""
    every = dict.fromkeys(CATALOGUE, known(value=False))
    for name, (value, day) in facts.items():
        when = PartialDate.parse(day) if day else None
        every[name] = known(value, (Evidence("Observation/9", "", when, "seen"),), rule="stated")
    view.facts = every
    return view


@pytest.mark.parametrize("day", ["2024-01-01", "2022-01-01", None])
def test_a_record_without_relapse_has_the_same_facts_at_all_times(view_of, day):
    view = told(view_of(), cns_status=("CNS3", day))
    assert (facts_since_relapse(view), facts_at_diagnosis(view)) == ({}, {})


@pytest.fixture
def relapsed(view_of):
    """A view with CNS3 of a day, after or before a relapse of 2023-08-15."""

    def make(day):
        relapse = PartialDate.parse("2023-08-15")
        return told(view_of(), cns_status=("CNS3", day), relapse_told_by=(relapse, "2023-08-15"))

    return make


@pytest.mark.parametrize(
    ("day", "turned_now", "turned_then"),
    [
        ("2022-01-15", True, False),
        ("2023-07-31", True, False),
        ("2023-08-01", False, True),
        ("2023-09-01", False, True),
        ("2023", True, True),  # some day of that year
        (None, True, False),
    ],
)
def test_evidence_turns_only_what_is_asked_of_the_other_time(relapsed, day, turned_now, turned_then):
    view = relapsed(day)
    now, then = facts_since_relapse(view), facts_at_diagnosis(view)
    assert ("cns_status" in now, "cns_status" in then) == (turned_now, turned_then)
    assert not any(fact.is_known for fact in (*now.values(), then.get("cns_status", known(value=False))) if fact.evidence)


def test_what_is_supposed_is_taken_as_given(relapsed):
    assert facts_since_relapse(relapsed("2022-01-15"), {"cns_status"}) == {}
    assert "cns_status" not in facts_at_diagnosis(relapsed("2023-09-01"), {"cns_status"})


def test_a_female_has_no_testicular_disease_at_any_time(relapsed):
    view = relapsed("2023-09-01")
    seen = (Evidence("Patient/p", "gender", None, "female"),)
    view.facts["testicular_disease"] = known(value=False, evidence=seen, rule="sex")
    assert facts_since_relapse(view) == {}
