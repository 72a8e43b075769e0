"""In force, possibly in force, not in force: both sides of each of a row's dates."""

from dataclasses import dataclass
from datetime import date

import pytest

from service.logic.dated import Force, force_on


@dataclass(frozen=True)
class Version:
    effective: date = date(2031, 6, 1)
    until: date | None = date(2033, 1, 1)
    uncertain_from: date | None = date(2031, 5, 20)
    recorded: date = date(2031, 6, 10)


LONG_AFTER = date(2040, 1, 1)


@pytest.mark.parametrize(
    ("as_of", "force"),
    [
        (date(2031, 5, 19), Force.NOT_IN_FORCE),
        (date(2031, 5, 20), Force.UNCERTAIN),
        (date(2031, 5, 31), Force.UNCERTAIN),
        (date(2031, 6, 1), Force.IN_FORCE),
        (date(2032, 12, 31), Force.IN_FORCE),
        (date(2033, 1, 1), Force.NOT_IN_FORCE),
    ],
)
def test_a_row_holds_from_its_first_day_to_the_day_before_its_end(as_of, force):
    assert force_on(Version(), as_of, LONG_AFTER) is force


@pytest.mark.parametrize(("known_by", "force"), [(date(2031, 6, 9), Force.NOT_IN_FORCE), (date(2031, 6, 10), Force.IN_FORCE)])
def test_a_row_that_was_not_yet_written_down_does_not_count(known_by, force):
    assert force_on(Version(), date(2031, 7, 1), known_by) is force


def test_an_open_row_holds_for_good():
    assert force_on(Version(until=None), LONG_AFTER, LONG_AFTER) is Force.IN_FORCE


def test_a_row_with_a_known_beginning_is_never_uncertain():
    assert force_on(Version(uncertain_from=None), date(2031, 5, 31), LONG_AFTER) is Force.NOT_IN_FORCE
