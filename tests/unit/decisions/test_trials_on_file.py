"""The trials of a day are put together once, for the registry as it was seen; what the caller tells is no fact of a record."""

from datetime import date, timedelta
from typing import cast

from service.decisions.context import CONTEXT
from service.decisions.trials_on_file import trials_on_file
from service.facts.catalogue import View
from service.knowledge.registry import NOTHING_SEEN, Registry, RegistryRecord, Seen
from service.logic.fact import State

DAY = date(2031, 5, 6)
POSITIVE = {"fact": "cd19", "is": "positive"}


def test_the_trials_of_a_day_are_the_same_until_the_registry_is_another(make, bound):
    rules = bound(make.trial(make.trial_criterion("X1", POSITIVE)))
    first = trials_on_file(rules, NOTHING_SEEN, DAY, DAY, 45)
    assert trials_on_file(rules, NOTHING_SEEN, DAY, DAY, 45) is first
    other = Registry.of([Seen(DAY, RegistryRecord("NCT99990001", "synthetic", "RECRUITING"), "r")])
    (row,) = trials_on_file(rules, other, DAY, DAY, 45)
    assert (first[0].recruitment.open, row.recruitment.open) == ("unknown", "yes")


def test_many_days_asked_about_are_answered_alike(make, bound):
    sighting = {"status": "RECRUITING", "seen": DAY, "recorded": date(2031, 1, 2), "verification": "V2", "sources": ["label"]}
    rules = bound(make.trial(make.trial_criterion("X1", POSITIVE), sightings=[sighting]))
    days = [DAY + timedelta(number) for number in range(50)]
    words = [trials_on_file(rules, NOTHING_SEEN, day, day, 45)[0].recruitment.open for day in (*days, *days)]
    assert words == [*(["yes"] * 46), *(["stale"] * 4)] * 2


def test_the_facts_of_a_trial_are_those_of_its_criteria_and_arms(make, bound):
    rows = [make.trial_criterion("A1", {"fact": "cd22", "is": "positive"})]
    arm = {"id": "A", "name": "A", "text": "A", "provenance": "K", "criteria": rows}
    rules = bound(make.trial(make.trial_criterion("X1", POSITIVE), arms=[arm]))
    assert rules.trials["NCT99990001"][0].fact_names == ("cd19", "cd22")


def test_a_record_does_not_tell_where_the_caller_is():
    for spec in CONTEXT.values():
        assert spec.derive(cast("View", None)).state is State.UNKNOWN
