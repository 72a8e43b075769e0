"""The trials of the index: each has its file, each criterion both sides, and recruitment is what was seen, and when.

Ids, days and words are those of the compilation of 2026-11-22 from stored copies (clinical matter of trials, parts 1A and 1C).
"""

from datetime import date, timedelta

import pytest

from service.decisions.trials_on_file import recruitment_of
from service.knowledge.registry import NOTHING_SEEN
from service.logic.dates import PartialDate
from service.logic.fact import Evidence, known
from tests.case_runners import trials_of_index as index
from tests.case_runners.case_files import case_files
from tests.case_runners.knowledge import shipped_rules

SIGHTINGS = {row["trial"]: row for _, file in case_files("trials_of_index") for row in file.get("index", ())}
DAYS = [row for _, file in case_files("trials_of_index") for row in file.get("recruitment", ())]


def _each(cases):
    return [pytest.param(content, id=name) for name, content in cases]


@pytest.mark.parametrize("content", _each(index.trial_cases()))
def test_who_fits(content):
    assert not index.differences(*content)


@pytest.mark.parametrize("content", _each(index.age_cases()))
def test_both_sides_of_every_age(content):
    trial, criterion, of, age, expected = content
    given = {"age": age} if of == "age_years" else {of: age}
    assert index.truth_of(trial, criterion, given) == expected


@pytest.mark.parametrize("trial", SIGHTINGS)
def test_every_row_of_the_index_has_one_file_and_what_was_seen_of_it(trial):
    row, file = SIGHTINGS[trial], shipped_rules().library.trials[trial]
    registered = [number for number in file.numbers if number.registry != "group"]  # a study group's own name is no registration
    assert {number.number for number in registered} == set(row.get("numbers", ()))
    recalled = {number.number for number in registered if number.verification.value == "B"}
    assert recalled == set(row.get("recalled", ()))
    found = [" ".join((s.status, str(s.seen or "undated"), *([s.country] if s.country else []))) for s in file.sightings]
    assert found == row.get("seen", [])
    assert [s.enrolment for s in file.sightings if s.enrolment] == ([row["n"]] if "n" in row else [])


def test_no_number_stands_in_two_files():
    numbers = [number.number for file in shipped_rules().library.trials.values() for number in file.numbers]
    assert len(numbers) == len(set(numbers))


def test_every_file_is_a_row_of_the_index_and_every_row_has_its_file():
    assert set(shipped_rules().library.trials) == set(SIGHTINGS)


def test_every_row_without_a_detailed_part_has_cases_here():
    named = {content[0] for _, content in index.trial_cases()} | {content[0] for _, content in index.age_cases()}
    assert named == {row["trial"] for row in SIGHTINGS.values() if not row.get("detailed")}


@pytest.mark.parametrize("row", DAYS, ids=lambda row: f"{row['trial']} on {row['on']}")
def test_whether_patients_are_taken_depends_on_the_day_of_the_sighting(row):
    rules = shipped_rules()
    found = recruitment_of(
        rules.library.trials[row["trial"]], rules, NOTHING_SEEN, row["on"], date(2026, 11, 22), index.STALE_DAYS
    )
    assert found.open == row["open"]


def test_recruitment_on_the_day_of_the_compilation():
    found = {name: verdict.recruitment.open for name, verdict in index.verdicts({}).items()}
    expected = {name: row["open"] for name, row in SIGHTINGS.items() if "open" in row}
    assert {name: found[name] for name in expected} == expected


def test_no_trial_counts_as_open_by_what_was_seen():
    # the newest sighting is nine months old
    assert not [name for name, verdict in index.verdicts({}).items() if verdict.recruitment.open in {"yes", "not-yet"}]


@pytest.mark.parametrize(
    ("row", "homes"),
    [
        ("C2", {"NCT02003222", "NCT03523429"}),  # ECOG, PETHEMA
        ("C3", {"NCT02744768", "NCT03263572"}),  # D-ALBA, MD Anderson
        ("C4", {"NCT03739814", "NCT07153796"}),  # Alliance; less chemotherapy plus blinatumomab
        ("C5", {"2016-004674-17"}),  # infants
        ("C6", {"NCT02101853", "NCT02393859"}),  # blinatumomab with chemotherapy
        ("C7", {"NCT04785547", "NCT04746209", "NCT04044560"}),  # after transplant
        ("C9", {"NCT02003222", "NCT02744768", "NCT07153796"}),  # consolidation, no chemotherapy, less chemotherapy
    ],
)
def test_rows_of_the_talk_have_a_home_here(row, homes):
    assert homes <= {name for name, trial in shipped_rules().library.trials.items() if row in trial.talk}


@pytest.mark.parametrize(("days", "fit"), [(90, "fits"), (91, "needs-data")])
def test_an_old_performance_status_is_asked_for_again(days, fit):
    typical = next(
        given for name, (trial, given, _) in index.trial_cases() if trial == "NCT02013167" and name.endswith("typical")
    )
    day = PartialDate.of_day(index.DAY - timedelta(days=days))
    old = known(index.facts_given(typical)["ecog"].value, (Evidence("Observation/1", "valueInteger", day, "ECOG 2"),))
    verdict = index.verdicts(typical, {"ecog": old})["NCT02013167"]
    assert (verdict.fit, verdict.needs) == (fit, () if fit == "fits" else ("ecog",))


def test_before_the_day_of_the_compilation_no_trial_was_on_file():
    day = date(2026, 11, 22)
    assert index.verdicts({}, known_by=day)
    assert not index.verdicts({}, known_by=day - timedelta(days=1))


def test_a_trial_of_another_disease_is_judged_and_never_shown():
    patient = {"age": "25 a", "disease": "t-all", "disease_state": "relapsed", "prior_lines": 2}
    assert index.truth_of("OC-1", "CD02", patient) == "yes"
    assert index.truth_of("OC-1", "CD02", {**patient, "disease": "bcp-all"}) == "no"
    assert index.truth_of("OC-1", "CD04", patient) == "yes"
    assert index.truth_of("OC-1", "CD04", {**patient, "prior_lines": 1}) == "no"
    assert index.truth_of("OC-1", "CD05", {"lvef_percent": 45}) == "yes"
    assert index.truth_of("OC-1", "CD05", {"lvef_percent": 44}) == "no"
    assert index.truth_of("OC-1", "CD07", {"hbv": True}) == "no"
    assert index.truth_of("OC-1", "CD08", {"pregnant": True}) == "no"
    assert "OC-1" not in index.verdicts(patient)


def test_a_relapsed_t_all_fits_no_trial():
    # T-ALL relapsed at 25 years: no trial of B-cell precursor ALL, and no CAR-T against CD7 or CD1a
    patient = {"age": "25 a", "disease": "t-all", "disease_state": "relapsed", "relapse_count": 1, "ph": "negative"}
    fits = {name: verdict.fit for name, verdict in index.verdicts({**patient, "age_at_diagnosis_years": "24 a"}).items()}
    assert not [name for name, fit in fits.items() if fit != "does-not-fit"]
