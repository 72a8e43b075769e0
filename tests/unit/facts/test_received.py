"""What was not received is no absence, and no trial takes it for one (CH-F-07, CH-F-24)."""

import json
from dataclasses import replace
from datetime import date

import pytest

from service.decisions.numbered import not_recorded
from service.facts.derived import derive_facts
from service.facts.received import RESTS_ON, as_received
from service.logic.fact import Evidence, Gap, known, unknown
from service.record.reader import read_bundle

DAY = date(2026, 11, 22)
PATIENT = b'{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Patient","id":"p","birthDate":"1990-01-01"}}]}'


@pytest.fixture
def facts_without(rules):
    """The facts of a record that holds a patient and nothing else, while these kinds could not be had."""

    def derive(*kinds):
        record = replace(read_bundle(PATIENT, rules.vocabulary, DAY), unavailable=frozenset(kinds))
        return derive_facts(record, rules.limits_on(DAY, DAY), DAY).facts

    return derive


@pytest.mark.parametrize(("name", "kind"), [(name, kind) for name, kinds in RESTS_ON.items() for kind in sorted(kinds)])
def test_a_fact_that_a_missing_kind_could_have_told_is_not_said_to_be_unrecorded(facts_without, name, kind):
    assert facts_without(kind)[name].gap is Gap.NOT_RECEIVED
    assert facts_without()[name].gap is not Gap.NOT_RECEIVED
    assert facts_without("Specimen")[name].gap is not Gap.NOT_RECEIVED


@pytest.fixture
def facts_with(rules):
    """The facts of a record that holds a patient and one resource."""

    def derive(**members):
        entries = [json.loads(PATIENT)["entry"][0], {"resource": members}]
        body = json.dumps({"resourceType": "Bundle", "entry": entries}).encode()
        return derive_facts(read_bundle(body, rules.vocabulary, DAY), rules.limits_on(DAY, DAY), DAY).facts

    return derive


GIVEN = {"resourceType": "MedicationAdministration", "status": "completed"}
OTHER = {"medicationCodeableConcept": {"text": "paracetamol"}}


def test_a_broken_resource_of_which_nobody_knows_what_it_was_about_is_no_absence(facts_with):
    for broken in ({"medicationCodeableConcept": "blinatumomab"}, {"medicationCodeableConcept": {"text": 1}}):
        facts = facts_with(**GIVEN, **broken)
        assert facts["prior_blinatumomab"].gap is Gap.UNREADABLE
        assert facts["gilbert_syndrome"].gap is Gap.NOT_RECORDED  # no drug tells of it
    facts = facts_with(resourceType="Procedure", id=1, status="completed", code="x")  # not even its type is looked at
    assert facts["prior_blinatumomab"].gap is facts["gilbert_syndrome"].gap is Gap.UNREADABLE


def test_a_broken_resource_that_is_about_something_else_leaves_an_absence(facts_with):
    assert facts_with(**GIVEN, **OTHER, effectiveDateTime="yesterday")["prior_blinatumomab"].gap is Gap.NOT_RECORDED
    assert facts_with(**GIVEN, **OTHER)["prior_blinatumomab"].gap is Gap.NOT_RECORDED


@pytest.mark.parametrize(
    "fact",
    [
        known(value=True),
        unknown(Gap.TOO_OLD, "prior_tki"),
        unknown(Gap.AMBIGUOUS, "prior_tki", evidence=(Evidence("Procedure/1", "", None, "seen"),)),
    ],
)
def test_what_was_found_stays_as_it_is(fact):
    assert as_received("prior_tki", fact, frozenset({"Procedure"})) is fact


def test_every_absence_that_a_shipped_trial_gives_a_meaning_to_says_what_it_rests_on(rules):
    given = {name for trial in rules.library.trials.values() for row in rows_of(trial) for name in row.absence_means}
    assert given
    assert given <= set(RESTS_ON)


def rows_of(trial):
    return [row for version in trial.versions for part in (version, *version.arms) for row in part.criteria]


def test_a_trial_takes_no_absence_from_what_was_not_received(facts_without):
    def assumed(*kinds):
        facts = facts_without(*kinds)
        return {name for name in RESTS_ON if not_recorded(facts[name])}

    assert "prior_blinatumomab" in assumed()
    assert "prior_blinatumomab" not in assumed("MedicationAdministration")
    assert "prior_blinatumomab" not in assumed("Procedure")
    assert "gilbert_syndrome" in assumed("Procedure")
