"""Open, closed, not yet, stale, unknown: every word of the registry, fresh and old."""

from datetime import date, timedelta

import pytest

from service.decisions.recruitment import open_word, sites_by_nearness
from service.knowledge.registry import Site

AS_OF = date(2026, 11, 22)
LIMIT = 45  # days: assessment.md, recruitment.open

# trials.md 2.1: the enum of overallStatus, and what each word means while the sighting is fresh and after that
WORDS = [
    ("RECRUITING", "yes", "stale"),
    ("NOT_YET_RECRUITING", "not-yet", "stale"),
    ("ENROLLING_BY_INVITATION", "no", "stale"),  # 2.3: not open to referral
    ("ACTIVE_NOT_RECRUITING", "no", "no"),
    ("COMPLETED", "no", "no"),
    ("SUSPENDED", "no", "no"),
    ("TERMINATED", "no", "no"),
    ("WITHDRAWN", "no", "no"),
    ("AVAILABLE", "yes", "stale"),
    ("NO_LONGER_AVAILABLE", "no", "no"),
    ("TEMPORARILY_NOT_AVAILABLE", "no", "no"),
    ("APPROVED_FOR_MARKETING", "no", "no"),
    ("WITHHELD", "unknown", "unknown"),
    ("UNKNOWN", "unknown", "unknown"),
    ("", "unknown", "unknown"),
    ("Recruiting", "unknown", "unknown"),  # not a word of the registry
]


@pytest.mark.parametrize(("status", "fresh", "old"), WORDS)
@pytest.mark.parametrize("age", [0, 1, LIMIT])
def test_a_sighting_is_fresh_to_the_last_day_of_the_limit(status, fresh, old, age):
    assert open_word(status, AS_OF - timedelta(days=age), AS_OF, LIMIT) == fresh


@pytest.mark.parametrize(("status", "fresh", "old"), WORDS)
@pytest.mark.parametrize("age", [LIMIT + 1, 4 * 365])
def test_from_the_next_day_an_open_word_is_stale_and_a_closed_one_stays(status, fresh, old, age):
    assert open_word(status, AS_OF - timedelta(days=age), AS_OF, LIMIT) == old


@pytest.mark.parametrize(("status", "fresh", "old"), WORDS)
def test_without_a_day_it_is_as_if_old(status, fresh, old):
    assert open_word(status, None, AS_OF, LIMIT) == old


@pytest.mark.parametrize(("status", "fresh", "old"), WORDS)
def test_what_was_seen_later_says_nothing_of_this_day(status, fresh, old):
    assert open_word(status, AS_OF + timedelta(days=1), AS_OF, LIMIT) == "unknown"


def test_the_limit_is_an_argument():
    day = AS_OF - timedelta(days=8)
    assert (open_word("RECRUITING", day, AS_OF, 7), open_word("RECRUITING", day, AS_OF, 8)) == ("stale", "yes")


BARCELONA = (41.3888, 2.159)


def site(city, status="", place=(None, None)):
    return Site(f"Hospital of {city}", city, "ES", "Spain", status, *place)


def test_the_nearest_site_that_itself_recruits_comes_first():
    # trials.md 2.1: a city's only site may be closed in a study that recruits
    near = sites_by_nearness(
        [
            site("Barcelona", "COMPLETED", BARCELONA),
            site("Nowhere", "RECRUITING"),
            site("Madrid", "RECRUITING", (40.4165, -3.7026)),
            site("Valencia", "RECRUITING", (39.4698, -0.3774)),
            site("Sevilla", "", (37.3828, -5.9732)),
        ],
        BARCELONA,
    )
    assert [found.site.city for found in near] == ["Valencia", "Madrid", "Nowhere", "Barcelona", "Sevilla"]
    assert [found.kilometres is None for found in near] == [False, False, True, False, False]
    assert near[3].kilometres == 0


@pytest.mark.parametrize("place", [None, BARCELONA])
def test_without_places_the_order_is_that_of_names(place):
    near = sites_by_nearness([site("Valencia"), site("Madrid"), site("Soria", "RECRUITING")], place)
    assert [(found.site.city, found.kilometres) for found in near] == [("Soria", None), ("Madrid", None), ("Valencia", None)]


def test_half_a_coordinate_is_none():
    (near,) = sites_by_nearness([site("Madrid", "RECRUITING", (40.4, None))], BARCELONA)
    assert near.kilometres is None
