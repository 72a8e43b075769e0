"""Sightings: the newest up to a day, merged numbers, numbers of the EU registers, what speaks last."""

from datetime import date, timedelta

import pytest

from service.knowledge.registry import NOTHING_SEEN, Registry, RegistryRecord, Seen, Sighting, eu_number, last_sighting
from service.knowledge.registry_curated import curated_numbers, curated_studies
from service.knowledge.trial_rows import Trial

AS_OF = date(2026, 11, 22)
OLD, NEW, OTHER = "NCT99990001", "NCT99990002", "NCT99990003"


def seen(number, day, status="RECRUITING", stamp="", **members):
    return Seen(day, RegistryRecord(number, "SYNTHETIC", status, **members), "http://registry.example", stamp)


def test_the_newest_sighting_up_to_a_day_counts():
    rows = [seen(OLD, date(2026, 2, 1)), seen(OLD, date(2026, 1, 1), "NOT_YET_RECRUITING")]
    registry = Registry.of(rows)
    assert registry.latest(OLD, date(2025, 12, 31)) is None
    assert registry.latest(OLD, date(2026, 1, 31)) is rows[1]
    assert registry.latest(OLD, date(2026, 2, 1)) is rows[0]
    assert registry.latest(OTHER, AS_OF) is None
    assert list(registry.all_latest(date(2026, 1, 31))) == [rows[1]]
    assert list(registry.all_latest(date(2025, 12, 31))) == []
    assert list(NOTHING_SEEN.all_latest(AS_OF)) == []


def test_a_merged_number_finds_what_was_seen_last_under_either():
    before, after = seen(OLD, date(2026, 1, 1)), seen(NEW, date(2026, 3, 1), "COMPLETED", aliases=(OLD,))
    registry = Registry.of([before, after])
    assert registry.latest(OLD, date(2026, 2, 1)) is before
    assert registry.latest(OLD, date(2026, 3, 1)) is after
    assert list(registry.all_latest(AS_OF)) == [after]
    assert registry.seen_as(OLD, AS_OF) == (before, after)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("2017-002116-14", "2017-002116-14"),
        ("EudraCT 2017-002116-14", "2017-002116-14"),
        ("2025-520982-39-00", "2025-520982-39"),
        ("EU CT 2025-520982-39", "2025-520982-39"),
        ("NL59901.078.17", ""),
        ("12017-002116-14", ""),
        ("2017-002116-145", ""),
        ("", ""),
    ],
)
def test_numbers_of_the_eu_registers(text, number):
    assert eu_number(text) == number


def test_eu_numbers_are_joined_by_secondary_ids_only():
    ids = (("EUDRACT_NUMBER", "2017-002116-14"), ("OTHER", "EU-CT 2025-520982-39-01"), ("OTHER", "AALL1721"))
    registry = Registry.of(
        [seen(NEW, AS_OF, secondary_ids=ids), seen(OTHER, AS_OF, secondary_ids=(("REGISTRY", "2025-520982-39-00"),))]
    )
    assert registry.studies_of("2017-002116-14") == (NEW,)
    assert registry.studies_of("2025-520982-39-00") == (NEW, OTHER)
    assert registry.studies_of("2099-000000-00") == ()
    assert registry.studies_of("AALL1721") == ()


@pytest.mark.parametrize(
    ("stamp", "true_on"),
    [
        ("", date(2026, 11, 22)),
        ("2026-09-04T09:00:06", date(2026, 9, 4)),
        ("2026-11-22T09:00:06", date(2026, 11, 22)),
        ("2026-11-23T09:00:06", date(2026, 11, 22)),  # ahead of our day: zones
        ("2026-13-40", date(2026, 11, 22)),
        ("yesterday", date(2026, 11, 22)),
    ],
)
def test_a_copy_that_lags_behind_speaks_for_its_own_day(stamp, true_on):
    assert seen(OLD, AS_OF, stamp=stamp).true_on == true_on


def shipped(status, day):
    return Sighting.shipped(status, day, "file")


@pytest.mark.parametrize(
    ("files", "stored", "status"),
    [
        pytest.param([], None, None, id="nothing"),
        pytest.param([shipped("SUSPENDED", None)], None, "SUSPENDED", id="only one without a day"),
        pytest.param([shipped("SUSPENDED", None), shipped("RECRUITING", date(2025, 6, 27))], None, "RECRUITING", id="a day wins"),
        pytest.param(
            [shipped("SUSPENDED", date(2023, 6, 7)), shipped("COMPLETED", date(2025, 11, 17))], None, "COMPLETED", id="newer"
        ),
        pytest.param([shipped("COMPLETED", date(2026, 11, 23))], None, None, id="later than the day asked about"),
        pytest.param(
            [shipped("RECRUITING", date(2026, 1, 1))],
            seen(OLD, date(2026, 1, 1), "COMPLETED"),
            "COMPLETED",
            id="the store on one day",
        ),
        pytest.param([shipped("COMPLETED", date(2026, 1, 2))], seen(OLD, date(2026, 1, 1)), "COMPLETED", id="the newer file"),
        pytest.param(
            [shipped("COMPLETED", date(2026, 1, 2))],
            seen(OLD, AS_OF, stamp="2025-12-31"),
            "COMPLETED",
            id="a copy that lags behind",
        ),
    ],
)
def test_what_speaks_for_the_latest_day_counts(files, stored, status):
    found = last_sighting(files, stored, AS_OF)
    assert (found.status if found is not None else None) == status


TEXT = RegistryRecord(OLD, "", "", criteria="SYNTHETIC").criteria_hash


def trial(number, kind="nct", **members):
    """An invented trial with two texts, the later one of which nobody hashed."""
    return Trial.model_validate(
        {
            "id": number,
            "name": "SYNTHETIC",
            "title": "SYNTHETIC",
            "numbers": [{"registry": kind, "number": number, "verification": "V"}],
            "interventions": ["examplomab"],
            "exclusions": "curated",
            "versions": [
                {"seen": seen_on, "recorded": seen_on, "text_hash": text, "criteria": [CRITERION]}
                for seen_on, text in ((date(2026, 1, 1), TEXT), (AS_OF, ""))
            ],
            **members,
        }
    )


CRITERION = {"id": "X01", "text": "SYNTHETIC", "ask": "clinician", "provenance": "S"}


def test_encoded_trials_without_a_number_of_this_registry_are_left_out():
    trials = [trial(NEW), trial("2016-004674-17", "eudract"), trial(OLD)]
    assert curated_numbers(trials) == (OLD, NEW)
    assert [study.number for study in curated_studies(trials, AS_OF)] == [NEW, OLD]


@pytest.mark.parametrize(("as_of", "text"), [(AS_OF - timedelta(days=1), TEXT), (AS_OF, "")])
def test_the_text_of_an_encoded_trial_is_that_of_the_day(as_of, text):
    (study,) = curated_studies([trial(OLD)], as_of)
    assert study.criteria_hash == text


def test_sightings_of_one_country_and_those_not_yet_written_down_are_left_out():
    rows = [
        {"status": "RECRUITING", "seen": date(2026, 1, 8), "recorded": date(2026, 2, 1), "verification": "V", "sources": ["S19"]},
        {"status": "COMPLETED", "seen": date(2026, 1, 9), "recorded": date(2026, 2, 1), "verification": "V", "country": "ES"},
        {"status": "COMPLETED", "seen": date(2026, 1, 9), "recorded": AS_OF, "verification": "V"},
    ]
    (study,) = curated_studies([trial(OLD, sightings=rows)], AS_OF - timedelta(days=1))
    assert study.sightings == (Sighting("RECRUITING", date(2026, 1, 8), "S19", date(2026, 1, 8)),)


def test_the_hash_of_the_criteria_forgives_white_space_only():
    texts = ("Age 1 to 21\n\n* Relapse", " Age 1 to 21 * Relapse ", "Age 1 to 20 * Relapse", "")
    hashes = [RegistryRecord(OLD, "", "", criteria=text).criteria_hash for text in texts]
    assert hashes[0] == hashes[1] != hashes[2]
    assert hashes[0].startswith("sha256:")
    assert hashes[3] == ""
