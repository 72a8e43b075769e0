"""Laws that hold for all values, not only for those somebody thought of."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import assume, example, given
from hypothesis import strategies as st

from service.logic.dates import Age, PartialDate, Span, add_months, completed_years, reached
from service.logic.interval import Interval
from service.logic.truth import Truth, all_of, any_of

truths = st.sampled_from(Truth)
numbers = st.decimals(min_value=-1000, max_value=1000, places=2)
days = st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 12, 31))
ages = st.builds(Span, months=st.integers(0, 1300), days=st.integers(0, 40))


@given(truths, truths, truths)
def test_and_and_or_are_commutative_associative_and_distributive(one, two, three):
    assert (one & two) is (two & one)
    assert (one | two) is (two | one)
    assert ((one & two) & three) is (one & (two & three))
    assert ((one | two) | three) is (one | (two | three))
    assert (one & (two | three)) is ((one & two) | (one & three))
    assert (one | (two & three)) is ((one | two) & (one | three))


@given(truths, truths)
def test_de_morgan_holds(one, other):
    assert ~(one & other) is (~one | ~other)
    assert ~(one | other) is (~one & ~other)


@given(truths)
def test_the_opposite_of_the_opposite_is_the_same(truth):
    assert ~~truth is truth


@given(truths, truths)
def test_absorption_and_neutral_elements(one, other):
    assert (one & (one | other)) is one
    assert (one | (one & other)) is one
    assert (one & Truth.YES) is one
    assert (one | Truth.NO) is one


@given(st.lists(truths))
def test_all_of_and_any_of_are_dual(many):
    assert ~all_of(many) is any_of(~truth for truth in many)


@given(st.lists(truths, min_size=1), st.data())
def test_learning_what_was_unknown_never_reverses_a_decided_answer(many, data):
    learnt = [data.draw(truths) if truth is Truth.UNKNOWN else truth for truth in many]
    for combined in (all_of, any_of):
        before, after = combined(many), combined(learnt)
        assert before is Truth.UNKNOWN or before is after


@given(st.tuples(numbers, numbers, numbers), numbers, st.booleans(), st.booleans())
def test_a_comparison_agrees_with_every_number_of_the_interval(three, bound, low_in, high_in):
    low, inside, high = sorted(three)
    assume((low < inside or low_in) and (inside < high or high_in))
    interval = Interval(low, high, low_in, high_in)
    for answer, holds in (
        (interval.at_least(bound), inside >= bound),
        (interval.above(bound), inside > bound),
        (interval.below(bound), inside < bound),
        (interval.at_most(bound), inside <= bound),
        (interval.equals(bound), inside == bound),
    ):
        assert answer is Truth.UNKNOWN or (answer is Truth.YES) is holds


@given(numbers, numbers, numbers, st.booleans(), st.booleans())
def test_a_comparison_is_decided_wherever_it_can_be(one, two, bound, low_in, high_in):
    low, high = sorted((one, two))
    assume(low < high)
    interval = Interval(low, high, low_in, high_in)
    some_below = low < bound
    some_at_least = bound < high or (high_in and bound == high)
    assert (interval.at_least(bound) is Truth.UNKNOWN) is (some_below and some_at_least)


@given(numbers, numbers)
def test_a_single_number_compares_as_numbers_do(value, bound):
    point = Interval.point(value)
    assert (point.at_least(bound) is Truth.YES) is (value >= bound)
    assert (point.above(bound) is Truth.YES) is (value > bound)
    assert (point.equals(bound) is Truth.YES) is (value == bound)
    assert Truth.UNKNOWN not in {point.at_least(bound), point.above(bound), point.equals(bound)}


@given(numbers, numbers, numbers)
def test_dividing_by_a_positive_number_changes_no_answer(one, two, bound):
    low, high = sorted((one, two))
    divisor = Decimal(1000)
    assert Interval(low, high).divided(divisor).at_least(bound / divisor) is Interval(low, high).at_least(bound)


@given(days, st.integers(0, 1200))
@example(date(2026, 1, 31), 1)
@example(date(2024, 1, 31), 1)
@example(date(2024, 2, 29), 12)
def test_month_steps_land_in_the_month_that_was_counted_to(start, months):
    end = add_months(start, months)
    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == months
    # the same day of the month, or the last day of a shorter one
    assert end.day == start.day or (end.day < start.day and (end + timedelta(days=1)).month != end.month)


@given(days, days, st.integers(0, 1200))
def test_who_is_born_later_never_reaches_an_age_earlier(one, other, months):
    earlier, later = sorted((one, other))
    assert add_months(earlier, months) <= add_months(later, months)


@given(days, ages)
@example(date(2008, 2, 29), Span(216, 0))
@example(date(2026, 1, 31), Span(1, 0))
def test_an_age_is_not_reached_the_day_before_and_reached_on_the_day(birth, span):
    assume(span != Span(0, 0))
    on = span.after(birth)
    born = PartialDate.of_day(birth)
    assert Age(born, PartialDate.of_day(on)).at_least(span) is Truth.YES
    assert Age(born, PartialDate.of_day(on - timedelta(days=1))).at_least(span) is Truth.NO


@given(days, st.integers(0, 100))
@example(date(2008, 2, 29), 18)
def test_completed_years_and_year_spans_say_the_same(birth, years):
    on = add_months(birth, 12 * years)
    assert completed_years(birth, on) == years
    assert completed_years(birth, on - timedelta(days=1)) == years - 1


@given(st.dates(min_value=date(1950, 1, 1), max_value=date(2049, 12, 31)), st.integers(0, 400), days, ages)
def test_an_imprecise_birth_date_agrees_with_every_day_that_it_can_mean(low, width, on, span):
    high = low + timedelta(days=width)
    today = PartialDate.of_day(on)
    answer = reached(PartialDate(low, high, ""), span, today)
    for birth in (low, low + timedelta(days=width // 2), high):
        exact = reached(PartialDate.of_day(birth), span, today)
        assert answer is Truth.UNKNOWN or answer is exact


@given(st.integers(1900, 2100), st.integers(1, 12), days)
def test_a_month_and_a_year_hold_each_of_their_days(year, month, day):
    of_month, of_year = PartialDate.parse(f"{year:04}-{month:02}"), PartialDate.parse(f"{year:04}")
    assert of_month is not None
    assert of_year is not None
    assert (of_month.low <= day <= of_month.high) is ((day.year, day.month) == (year, month))
    assert (of_year.low <= day <= of_year.high) is (day.year == year)
