"""The profile of the leukaemia: its line, the facts with their dates, what is missing and what is not settled, risk groups."""

from decimal import Decimal

import pytest

from service.logic.fact import Gap
from service.logic.interval import Interval
from tests.unit.cards.topics import PROFILE, by_topic, resource_of


def test_the_profile_is_one_line_of_at_most_ninety_characters(write, consultation):
    summary = by_topic(write(consultation), PROFILE)["summary"]
    assert summary == "B-ALL, Ph−, first relapse, CD19+, CD22 ?, MRD 0.5 %, 34 y, NCI HR"
    assert len(summary) <= 90


@pytest.mark.parametrize(
    ("state", "word"), [("relapsed", "relapsed"), ("refractory", "refractory"), ("remission", "in remission")]
)
def test_where_the_kind_of_relapse_is_open_the_line_still_tells_the_state(write, consultation, make, state, word):
    told = {"relapse_status": make.unknown(Gap.NOT_RECORDED, "prior_allo_hsct"), "disease_state": make.known(state)}
    summary = by_topic(write(make.replace(consultation, facts={**consultation.facts, **told})), PROFILE)["summary"]
    assert summary.startswith(f"B-ALL, Ph−, {word}, CD19+")


def test_a_state_that_the_kind_of_relapse_tells_is_not_said_twice(write, consultation, make):
    told = {"relapse_status": make.known("refractory"), "disease_state": make.known("refractory")}
    summary = by_topic(write(make.replace(consultation, facts={**consultation.facts, **told})), PROFILE)["summary"]
    assert summary.startswith("B-ALL, Ph−, refractory, CD19+")


def test_the_profile_dates_its_facts_and_names_what_was_not_found(write, consultation):
    detail = by_topic(write(consultation), PROFILE)["detail"]
    assert "- CD19: positive; CD19 97 % of blasts (2031-04-02)" in detail
    assert "- Disease: B-cell precursor ALL; B-ALL (2030-01-02)" in detail
    assert "**Not found in the data received**: CD22" in detail


@pytest.mark.parametrize(
    ("gap", "why"),
    [
        (Gap.AMBIGUOUS, "found, but not clear enough to decide"),
        (Gap.UNREADABLE, "found, but not readable"),
        (Gap.TOO_OLD, "found, but too old"),
        (Gap.STALE_AFTER_THERAPY, "found, but from before the last therapy that can change it"),
        (Gap.NOT_ASSESSABLE, "cannot be assessed from the data received"),
    ],
)
def test_what_was_found_and_is_not_settled_is_told_with_what_was_read_not_as_missing(write, consultation, make, gap, why):
    unsettled = make.unknown(gap, "cd19", evidence=consultation.facts["cd19"].evidence)
    detail = by_topic(write(make.replace(consultation, facts={**consultation.facts, "cd19": unsettled})), PROFILE)["detail"]
    assert f"**Found, but not settled**\n\n- CD19: {why}; CD19 97 % of blasts (2031-04-02)" in detail
    assert "**Not found in the data received**: CD22" in detail
    assert "- CD19: positive" not in detail


def test_what_was_not_received_in_full_is_not_told_as_found(write, consultation, make):
    facts = {**consultation.facts, "cd19": make.unknown(Gap.NOT_RECEIVED, "cd19")}
    detail = by_topic(write(make.replace(consultation, facts=facts)), PROFILE)["detail"]
    assert "**Not found in the data received**: CD19, CD22" in detail
    assert "not settled" not in detail


def test_a_decided_nci_group_can_be_recorded(write, consultation, make):
    (suggestion,) = by_topic(write(consultation), PROFILE)["suggestions"]
    assert resource_of(suggestion) == {
        "resourceType": "Observation",
        "status": "preliminary",
        "code": {"coding": [{"system": "urn:all-cds:facts", "code": "risk-group"}], "text": "NCI risk group HR"},
        "subject": {"reference": "Patient/p"},
        "effectiveDateTime": "2031-05-06",
        "component": [
            {
                "code": {"coding": [{"system": "urn:all-cds:facts", "code": "system"}]},
                "valueCodeableConcept": {"coding": [{"system": "urn:all-cds:facts", "code": "NCI"}]},
            },
            {
                "code": {"coding": [{"system": "urn:all-cds:facts", "code": "group"}]},
                "valueCodeableConcept": {"coding": [{"system": "urn:all-cds:facts", "code": "HR"}]},
            },
        ],
        "derivedFrom": [{"reference": "Observation/4"}],
    }


@pytest.mark.parametrize("state", ["open", "reported", "not-applicable", "not-encoded"])
def test_a_group_that_is_not_decided_is_not_offered_for_recording(write, consultation, make, state):
    other = make.replace(
        consultation, risk_groups=(make.risk(state, None if state == "open" else "HR", ("SR", "HR"), ("wbc_at_diagnosis",)),)
    )
    assert "suggestions" not in by_topic(write(other), PROFILE)


def test_an_open_group_names_the_groups_and_what_would_decide(write, consultation, make):
    other = make.replace(consultation, risk_groups=(make.risk("open", None, ("SR", "HR"), ("wbc_at_diagnosis",)),))
    assert "- NCI: open (SR, HR); would be decided by: Leukocytes at diagnosis" in by_topic(write(other), PROFILE)["detail"]


def test_what_was_only_computed_says_so(write, consultation, make):
    facts = {**consultation.facts, "disease_state": make.known("relapsed", flags=("computed", "engineering"))}
    detail = by_topic(write(make.replace(consultation, facts=facts)), PROFILE)["detail"]
    assert "- State of the disease: relapsed (computed, not stated by a clinician)" in detail
    assert "engineering" not in detail


@pytest.mark.parametrize(
    ("interval", "shown"),
    [
        pytest.param(Interval(Decimal(0), Decimal("0.01"), high_inclusive=False), r"\< 0.01 %", id="censored below"),
        pytest.param(Interval(Decimal(5), None), "≥ 5 %", id="censored above"),
        pytest.param(Interval(Decimal(1), Decimal(2)), "1–2 %", id="range"),
        pytest.param(Interval.point(Decimal("0.0000010")), "0.000001 %", id="never in powers of ten"),
    ],
)
def test_numbers_are_shown_as_they_are_known(write, consultation, make, interval, shown):
    facts = {**consultation.facts, "mrd_percent": make.known(interval, unit="%")}
    assert f"- MRD: {shown}" in by_topic(write(make.replace(consultation, facts=facts)), PROFILE)["detail"]
