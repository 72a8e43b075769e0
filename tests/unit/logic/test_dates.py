"""Dates as precise as they were written, and calendar-exact ages: both sides of each boundary."""

from datetime import date

import pytest

from service.logic.dates import Age, PartialDate, Span, add_months, completed_years, days_of_age, reached, times_of_day
from service.logic.truth import Truth

NO, UNKNOWN, YES = Truth.NO, Truth.UNKNOWN, Truth.YES


def day(text):
    """The partial date of a text that is one."""
    parsed = PartialDate.parse(text)
    assert parsed is not None, text
    return parsed


@pytest.mark.parametrize(
    ("text", "low", "high", "precision"),
    [
        ("2026-10-02", date(2026, 10, 2), date(2026, 10, 2), "day"),
        ("2026-10", date(2026, 10, 1), date(2026, 10, 31), "month"),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29), "month"),
        ("2023-02", date(2023, 2, 1), date(2023, 2, 28), "month"),
        ("2015", date(2015, 1, 1), date(2015, 12, 31), "year"),
    ],
)
def test_a_date_spans_every_day_that_it_can_mean(text, low, high, precision):
    parsed = day(text)
    assert (parsed.low, parsed.high, parsed.precision) == (low, high, precision)
    assert (parsed.text, parsed.moment) == (text, "")


@pytest.mark.parametrize(
    ("start", "end", "low", "high", "text", "precision"),
    [
        ("2026-10-02", "2026-10-02", date(2026, 10, 2), date(2026, 10, 2), "2026-10-02", "day"),
        ("2026-10-02", "2026-10-01", date(2026, 10, 2), date(2026, 10, 2), "2026-10-02", "day"),
        ("2026-10-02", "2026-10-03", date(2026, 10, 2), date(2026, 10, 3), "2026-10-02/2026-10-03", "month"),
        ("2026-10", "2026-10", date(2026, 10, 1), date(2026, 10, 31), "2026-10", "month"),
        ("2026-10", "2026-10-01", date(2026, 10, 1), date(2026, 10, 1), "2026-10-01", "day"),
        ("2026-10-31", "2026-11-01", date(2026, 10, 31), date(2026, 11, 1), "2026-10-31/2026-11-01", "year"),
        ("2025-12-31", "2026-01-01", date(2025, 12, 31), date(2026, 1, 1), "2025-12-31/2026-01-01", "year"),
        ("2025-10-02", "2026-10", date(2025, 10, 2), date(2026, 10, 31), "2025-10-02/2026-10", "year"),
    ],
)
def test_a_period_is_any_day_of_it_as_precise_as_it_holds(start, end, low, high, text, precision):
    found = PartialDate.within(day(start), day(end))
    assert (found.low, found.high, found.text, found.precision) == (low, high, text, precision)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("2026-10", "2026-10-01", True),
        ("2026-10", "2026-10-31", True),
        ("2026-10", "2026-11-01", False),
        ("2026-10", "2026-09-30", False),
        ("2026", "2026-10", True),
        ("2026-10", "2026", False),
        ("2026-10-02", "2026-10-02", False),
    ],
)
def test_a_less_precise_date_may_be_a_more_precise_one(one, other, expected):
    assert day(one).may_be(day(other)) is expected


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-10-02T23:30:00+02:00", "23:30:00+02:00"),
        ("2026-10-02T00:15:00.123Z", "00:15:00.123Z"),
        ("2026-10-02T23:59:59-11:00", "23:59:59-11:00"),
        ("2026-10-02 08:00", "08:00"),
    ],
)
def test_the_day_is_the_day_as_written_in_every_time_zone(text, moment):
    parsed = day(text)
    assert (parsed.low, parsed.high, parsed.text, parsed.moment) == (date(2026, 10, 2), date(2026, 10, 2), "2026-10-02", moment)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2023-02-29",
        "2026-13",
        "2026-00-10",
        "2026-1-2",
        "02.10.2026",
        "0000",
        "0000-01-01",
        "20261002",
        "2026-10-021",
    ],
)
def test_what_is_no_date_is_none(text):
    assert PartialDate.parse(text) is None


def test_a_known_day_is_written_as_iso():
    assert PartialDate.of_day(date(2026, 11, 22)) == day("2026-11-22")


@pytest.mark.parametrize(
    ("one", "other", "on_or_before", "before"),
    [
        ("2026-10-01", "2026-10-02", YES, YES),
        ("2026-10-02", "2026-10-02", YES, NO),
        ("2026-10-03", "2026-10-02", NO, NO),
        ("2026-09", "2026-10", YES, YES),
        ("2026-10", "2026-10-31", YES, UNKNOWN),
        ("2026-10", "2026-10-15", UNKNOWN, UNKNOWN),
        ("2026-10-01", "2026-10", YES, UNKNOWN),
        ("2026-11", "2026-10-31", NO, NO),
        ("2026", "2026-06-15", UNKNOWN, UNKNOWN),
        ("2027", "2026", NO, NO),
    ],
)
def test_the_order_of_two_dates_is_sure_only_where_every_day_agrees(one, other, on_or_before, before):
    assert day(one).on_or_before(day(other)) is on_or_before
    assert day(one).before(day(other)) is before


@pytest.mark.parametrize(
    ("text", "months", "days"),
    [
        ("18 a", 216, 0),
        ("1 mo", 1, 0),
        ("4 wk", 0, 28),
        ("25 a 1 d", 300, 1),
        ("1 a 6 mo", 18, 0),
        ("0 d", 0, 0),
        (" 30 d ", 0, 30),
    ],
)
def test_a_span_is_read_in_months_and_days(text, months, days):
    assert Span.parse(text) == Span(months, days)


@pytest.mark.parametrize("text", ["", "  ", "18", "a", "18 years", "1.5 a", "-1 mo", "1 a, 2 mo", "18 A"])
def test_what_is_no_span_is_refused(text):
    with pytest.raises(ValueError, match="calendar span"):
        Span.parse(text)


# therapies.md 0.3: "same day of next calendar month reached"; steps clamp to the last day of the month.
@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2026, 1, 15), 1, date(2026, 2, 15)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2026, 3, 31), 1, date(2026, 4, 30)),
        (date(2025, 12, 31), 2, date(2026, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2026, 12, 5), 1, date(2027, 1, 5)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2022, 1, 15), 36, date(2025, 1, 15)),  # risk-and-relapse.md 0.2, point 6
    ],
)
def test_month_steps_clamp_to_the_last_day_of_the_month(start, months, end):
    assert add_months(start, months) == end


# therapies.md 0.3. Each bound: the day before, the day itself.
@pytest.mark.parametrize(
    ("birth", "span", "on", "truth"),
    [
        # ">= 1 month" = same day of the next calendar month reached
        ("2026-01-15", "1 mo", "2026-02-14", NO),
        ("2026-01-15", "1 mo", "2026-02-15", YES),
        # born 31 January: one month on 28 or 29 February
        ("2026-01-31", "1 mo", "2026-02-27", NO),
        ("2026-01-31", "1 mo", "2026-02-28", YES),
        ("2024-01-31", "1 mo", "2024-02-28", NO),
        ("2024-01-31", "1 mo", "2024-02-29", YES),
        # born 29 February: birthday on 28 February in other years
        ("2008-02-29", "18 a", "2026-02-27", NO),
        ("2008-02-29", "18 a", "2026-02-28", YES),
        ("2008-02-29", "16 a", "2024-02-28", NO),
        ("2008-02-29", "16 a", "2024-02-29", YES),
        # adult: from the 18th birthday
        ("2008-11-23", "18 a", "2026-11-22", NO),
        ("2008-11-22", "18 a", "2026-11-22", YES),
        # "up to and including 25 years" = below the 26th birthday; "26 years and above" begins there, without gap or overlap
        ("2000-11-23", "26 a", "2026-11-22", NO),
        ("2000-11-22", "26 a", "2026-11-22", YES),
        # "> 25 years": undisputed from the 26th birthday, the day after the 25th birthday is the first that can be meant
        ("2001-11-22", "25 a 1 d", "2026-11-22", NO),
        ("2001-11-21", "25 a 1 d", "2026-11-22", YES),
        # ">= 1 year"
        ("2025-11-23", "1 a", "2026-11-22", NO),
        ("2025-11-22", "1 a", "2026-11-22", YES),
        # risk-and-relapse.md 0.2, point 5: 9 years 364 days is below 10
        ("2016-11-23", "10 a", "2026-11-22", NO),
        # born on a day that is not known
        ("2008-11", "18 a", "2026-11-22", UNKNOWN),
        ("2008-11", "18 a", "2026-10-31", NO),
        ("2008-11", "18 a", "2026-11-30", YES),
        ("2008", "18 a", "2026-11-22", UNKNOWN),
        ("2007", "18 a", "2026-01-01", YES),
        ("2009", "18 a", "2026-12-31", NO),
        # asked for a day that is not known
        ("2008-11-22", "18 a", "2026-11", UNKNOWN),
        ("2008-11-22", "18 a", "2026-12", YES),
    ],
)
def test_an_age_is_reached_on_the_day_of_the_calendar(birth, span, on, truth):
    age = Age(day(birth), day(on))
    assert age.at_least(Span.parse(span)) is truth
    assert reached(day(birth), Span.parse(span), day(on)) is truth


@pytest.mark.parametrize(
    ("birth", "on", "years"),
    [
        (date(2000, 11, 23), date(2026, 11, 22), 25),
        (date(2000, 11, 22), date(2026, 11, 22), 26),
        (date(2008, 2, 29), date(2026, 2, 27), 17),
        (date(2008, 2, 29), date(2026, 2, 28), 18),
        (date(2026, 11, 22), date(2026, 11, 22), 0),
    ],
)
def test_completed_years_change_on_the_birthday(birth, on, years):
    assert completed_years(birth, on) == years


def test_an_imprecise_birth_date_gives_the_least_and_the_greatest_age():
    age = Age(day("2008"), day("2026-11-22"))
    assert age.years == (17, 18)
    # 2008-12-31 to 2026-11-22 and 2008-01-01 to 2026-11-22: 365 days lie between the two births of a leap year
    assert age.days[1] - age.days[0] == 365
    assert Age(day("2026-10-23"), day("2026-11-22")).days == (30, 30)


@pytest.mark.parametrize("span", ["1 mo", "1 d", "18 a"])
def test_a_span_past_the_end_of_the_calendar_is_not_reached_and_no_error(span):
    assert reached(PartialDate.of_day(date.max), Span.parse(span), day("2026-11-22")) is NO


@pytest.mark.parametrize("span", ["1 mo", "1 d", "18 a"])
@pytest.mark.parametrize(("on", "truth"), [(date(9999, 12, 31), YES), (date(9999, 12, 30), NO)])
def test_a_span_that_leads_past_the_calendar_is_reached_on_its_last_day(span, on, truth):
    asked = PartialDate.of_day(on)
    assert reached(PartialDate.of_day(date(9999, 12, 30)), Span.parse("1 a"), asked) is truth
    assert reached(PartialDate.of_day(date.max), Span.parse(span), asked) is truth


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("0001-01-01", date(200, 1, 1), date(200, 1, 1)),
        ("0199-12-31T08:00", date(200, 1, 1), date(200, 1, 1)),
        ("0200-01-02", date(200, 1, 2), date(200, 1, 2)),
        ("0199", date(200, 1, 1), date(200, 1, 1)),
        ("9800-12-30", date(9800, 12, 30), date(9800, 12, 30)),
        ("9801-01-01", date(9800, 12, 31), date(9800, 12, 31)),
        ("9999-12", date(9800, 12, 31), date(9800, 12, 31)),
        ("9999-12-31", date(9800, 12, 31), date(9800, 12, 31)),
    ],
)
def test_a_day_at_an_end_of_the_calendar_leaves_room_to_count_and_is_shown_as_written(text, low, high):
    found = day(text)
    assert (found.low, found.high, found.text) == (low, high, text[:10])


@pytest.mark.parametrize(
    ("birth", "years", "until", "days"),
    [
        ("2000-03-01", 26, date(2026, 11, 22), (date(2026, 3, 1), date(2026, 11, 22))),
        ("2000-03-01", 25, date(2026, 11, 22), (date(2025, 3, 1), date(2026, 2, 28))),
        ("2000", 25, date(2026, 11, 22), (date(2025, 1, 1), date(2026, 11, 22))),
        ("2000-03-01", 26, date(2026, 3, 1), (date(2026, 3, 1), date(2026, 3, 1))),
        ("2000-03-01", 26, date(2026, 2, 28), None),
        ("2000-03-01", 27, date(2026, 11, 22), None),
        ("2000-03-01", 10**9, date(2026, 11, 22), None),
    ],
)
def test_an_age_is_of_the_days_until_one_that_it_may_be_of(birth, years, until, days):
    assert days_of_age(day(birth), years, until) == days


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("09:00:00+02:00", "08:00:00Z"),
        ("08:00:00Z", "06:00:01-02:00"),
        ("10:00:00Z", "10:00:00.500Z"),
        ("10:00:00.49Z", "10:00:00.5Z"),
        ("00:30:00+02:00", "00:00:00Z"),  # the evening before in UTC
        ("23:59:59Z", "23:00:00-05:00"),  # the night after in UTC
        ("08:00Z", "08:00:01Z"),
        ("", "00:30:00+14:00"),
        ("", "08:00:00"),
        # one of the two has no zone: as written
        ("08:00:00", "09:00:00+02:00"),
        ("07:59:00+02:00", "08:00:00"),
    ],
)
def test_times_of_one_day_are_ordered_by_their_instant_where_all_have_a_zone(earlier, later):
    first, second = times_of_day([day(f"2026-10-02T{moment}") if moment else day("2026-10-02") for moment in (earlier, later)])
    assert first < second


def test_one_time_without_a_zone_lets_all_be_compared_as_written():
    dates = [day(f"2026-10-02T{moment}") for moment in ("08:00:00Z", "09:00:00+02:00", "08:30:00")]
    first, second, third = times_of_day(dates)
    assert first < third < second


@pytest.mark.parametrize("other", ["12:00:00+02:00", "10:00:00.000Z", "10:00Z", "05:30:00-04:30"])
def test_one_instant_is_one_time_however_it_is_written(other):
    first, second = times_of_day([day("2026-10-02T10:00:00Z"), day(f"2026-10-02T{other}")])
    assert first == second


def test_what_has_no_date_is_before_all_times():
    first, second = times_of_day([None, day("2026-10-02T00:30:00+14:00")])
    assert first < second
