"""What was not received is no absence, and no trial takes it for one (CH-F-07, CH-F-24)."""

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
