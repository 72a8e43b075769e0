"""Days asked about many times: the same answers as looking at each of them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.facts.days import Days, Newest
from service.logic.dates import PartialDate
from service.logic.truth import Truth

YES = Truth.YES
TEXTS = st.one_of(
    st.dates(date(2024, 1, 1), date(2025, 12, 31)).map(str),
    st.dates(date(2024, 1, 1), date(2025, 12, 31)).map(lambda day: str(day)[:7]),
    st.sampled_from(["2024", "2025"]),
)


def date_of(text: str) -> PartialDate:
    """The date of a text that is one."""
    found = PartialDate.parse(text)
    assert found is not None
    return found


DATES = TEXTS.map(date_of)


@given(st.lists(DATES), DATES, DATES)
def test_days_answer_as_if_each_were_looked_at(dates, one, other):
    days = Days.of([*dates, None])
    assert days.any_before(one) is any(day.before(one) is YES for day in dates)
    between = any(one.before(day) is YES and day.before(other) is YES for day in dates)
    until = any(one.before(day) is YES and day.on_or_before(other) is YES for day in dates)
    assert days.any_between(one, other) is between
    assert days.any_after_until(one, other) is until


@pytest.mark.parametrize(
    ("first", "last", "found"), [(10, 20, True), (11, 20, False), (10, 19, False), (1, 9, False), (21, 30, False), (30, 40, True)]
)
def test_a_span_lies_wholly_between_two_days_or_not(first, last, found):
    assert Days([(10, 20), (5, 35), (30, 31)]).any_within(first, last) is found


def test_of_no_days_nothing_is_so():
    assert Days([]).any_within(1, 3_000_000) is False
    assert Days([]).any_before(date_of("2026")) is False


@given(st.lists(DATES), st.lists(DATES))
def test_the_newest_is_the_one_of_the_latest_beginning_that_is_over(dates, asked):
    newest: Newest[PartialDate] = Newest()
    for day in dates:
        newest.add(day, day)
    for when in sorted(asked, key=lambda day: day.low):
        over = [day for day in dates if day.before(when) is YES]
        found = newest.before(when)
        assert (found is None) is (not over)
        if found is not None:
            assert (found.low, found.high) == max((day.low, day.high) for day in over)


def test_a_rank_decides_before_the_date():
    newest: Newest[str] = Newest()
    newest.add(date_of("2026-01-02"), "first told", (1,))
    newest.add(date_of("2026-01-01"), "last told", (2,))
    assert newest.over_by(date(2026, 1, 1).toordinal()) == "last told"
    assert newest.over_by(date(2026, 1, 2).toordinal()) == "last told"
