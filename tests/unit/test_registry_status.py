"""The list of trials: what is open, closed or stale, and which text has changed."""

from datetime import date

import pytest

from service.knowledge.registry import Registry, RegistryRecord, Seen, Sighting
from service.knowledge.registry_curated import CuratedStudy
from service.registry_status import status_rows

AS_OF = date(2026, 11, 22)
LIMIT = 45
NUMBER, MERGED = "NCT99990001", "NCT99990002"


def seen(status, day, number=NUMBER, stamp="", **members):
    return Seen(day, RegistryRecord(number, "SYNTHETIC", status, **members), "registry", stamp)


def rows(*sightings, curated=()):
    found = status_rows(Registry.of(sightings), {study.number: study for study in curated}, AS_OF, LIMIT)
    return [(row.number, row.open, row.text) for row in found]


@pytest.mark.parametrize(
    ("sighting", "word"),
    [
        (seen("RECRUITING", date(2026, 10, 8)), "yes"),  # 45 days
        (seen("RECRUITING", date(2026, 10, 7)), "stale"),  # 46 days
        (seen("RECRUITING", AS_OF, stamp="2026-10-08T09:00:06"), "yes"),
        (seen("RECRUITING", AS_OF, stamp="2026-10-07T09:00:06"), "stale"),  # a copy of old data, seen today
        (seen("COMPLETED", date(2020, 1, 1)), "no"),
        (seen("UNKNOWN", AS_OF, last_known_status="RECRUITING"), "unknown"),
    ],
)
def test_the_word_follows_from_status_and_age(sighting, word):
    assert rows(sighting) == [(NUMBER, word, "not compared")]


def test_an_encoded_trial_that_was_never_seen_stands_in_the_list():
    assert rows(curated=[CuratedStudy(NUMBER)]) == [(NUMBER, "unknown", "not compared")]


def test_without_a_store_the_shipped_sightings_answer():
    # trials.md 1A: CART19-BE-02, RECRUITING seen on 2022-07-28: stale, never open
    study = CuratedStudy(NUMBER, sightings=(Sighting.shipped("RECRUITING", date(2022, 7, 28), "S53"),))
    assert rows(curated=[study]) == [(NUMBER, "stale", "not compared")]


def test_a_text_that_has_changed_since_it_was_encoded_is_found():
    sighting = seen("RECRUITING", AS_OF, criteria="Age 12 years or older")
    encoded = sighting.record.criteria_hash
    before = RegistryRecord(NUMBER, "", "", criteria="Age 18 years or older").criteria_hash
    assert rows(sighting, curated=[CuratedStudy(NUMBER, criteria_hash=encoded)]) == [(NUMBER, "yes", "same")]
    assert rows(sighting, curated=[CuratedStudy(NUMBER, criteria_hash=before)]) == [(NUMBER, "yes", "changed")]
    # without a text there is nothing to compare
    assert rows(seen("RECRUITING", AS_OF), curated=[CuratedStudy(NUMBER, criteria_hash=encoded)]) == [
        (NUMBER, "yes", "not compared")
    ]


def test_where_nobody_noted_the_text_the_first_one_fetched_stands_for_it():
    first = seen("RECRUITING", date(2026, 11, 1), criteria="Age 18 years or older")
    same = seen("RECRUITING", AS_OF, criteria="Age 18  years or older")
    other = seen("RECRUITING", AS_OF, criteria="Age 12 years or older")
    curated = [CuratedStudy(NUMBER)]
    assert rows(first, same, curated=curated) == [(NUMBER, "yes", "as first fetched")]
    assert rows(first, other, curated=curated) == [(NUMBER, "yes", "changed")]
    assert rows(first, other) == [(NUMBER, "yes", "not compared")]  # nobody has encoded it


def test_a_merged_record_stands_under_the_number_of_the_encoded_trial():
    merged = seen("COMPLETED", AS_OF, MERGED, aliases=(NUMBER,))
    assert rows(merged, curated=[CuratedStudy(NUMBER)]) == [(NUMBER, "no", "not compared")]
    assert rows(merged) == [(MERGED, "no", "not compared")]
