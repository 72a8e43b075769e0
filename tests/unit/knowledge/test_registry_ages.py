"""The registry's ages, both sides of each limit."""

from datetime import date

import pytest

from service.knowledge.registry_ages import minimum_span, span_past_maximum, within_ages
from service.logic.dates import Age, PartialDate, Span
from service.logic.truth import Truth

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN


def age(birth, on):
    born = PartialDate.parse(birth)
    assert born is not None
    return Age(born, PartialDate.of_day(on))


@pytest.mark.parametrize(
    ("text", "least", "past"),
    [
        ("18 Years", Span(216, 0), Span(228, 0)),
        ("1 Year", Span(12, 0), Span(24, 0)),
        ("6 Months", Span(6, 0), Span(7, 0)),
        ("1 Month", Span(1, 0), Span(2, 0)),
        ("2 Weeks", Span(0, 14), Span(0, 21)),
        ("365 Days", Span(0, 365), Span(0, 366)),
        ("0 Days", Span(0, 0), Span(0, 1)),
        (" 1 day ", Span(0, 1), Span(0, 2)),
        ("12 Hours", Span(0, 0), Span(0, 2)),  # 13 hours end on the next day at the latest
        ("36 Hours", Span(0, 1), Span(0, 3)),  # 37 hours: born at the end of day 0, over in the morning of day 2, surely on day 3
        ("47 Hours", Span(0, 1), Span(0, 3)),  # 48 hours
        ("48 Hours", Span(0, 2), Span(0, 4)),  # 49 hours
        ("30 Minutes", Span(0, 0), Span(0, 2)),
    ],
)
def test_each_unit(text, least, past):
    assert (minimum_span(text), span_past_maximum(text)) == (least, past)


@pytest.mark.parametrize("text", ["", "  "])
def test_no_text_is_no_limit(text):
    assert (minimum_span(text), span_past_maximum(text)) == (None, None)
    assert within_ages(age("1900-01-01", date(2026, 11, 22)), text, text) is YES


@pytest.mark.parametrize("text", ["18", "Years", "18 Fortnights", "-1 Years", "18 Years old", "N/A", "1.5 Years", "999999 Days"])
def test_what_is_no_age_is_refused_and_leaves_the_answer_open(text):
    for read in (minimum_span, span_past_maximum):
        with pytest.raises(ValueError, match="not an age"):
            read(text)
    born = age("2000-01-01", date(2026, 11, 22))
    assert within_ages(born, text, "") is UNKNOWN
    assert within_ages(born, "", text) is UNKNOWN
    assert within_ages(born, "30 Years", text) is NO  # too young, whatever the other text means


@pytest.mark.parametrize(
    ("birth", "on", "minimum", "maximum", "within"),
    [
        # trials.md 2.1: maximumAge "25 Years" holds through the day before the 26th birthday
        ("2000-11-23", date(2026, 11, 22), "", "25 Years", YES),
        ("2000-11-22", date(2026, 11, 22), "", "25 Years", NO),
        ("2008-11-23", date(2026, 11, 22), "18 Years", "", NO),
        ("2008-11-22", date(2026, 11, 22), "18 Years", "", YES),
        # 2025-11-22 + 365 days is 2026-11-22
        ("2025-11-22", date(2026, 11, 22), "", "365 Days", YES),
        ("2025-11-21", date(2026, 11, 22), "", "365 Days", NO),
        ("2026-05-23", date(2026, 11, 22), "6 Months", "", NO),
        ("2026-05-22", date(2026, 11, 22), "6 Months", "", YES),
        ("2026-04-23", date(2026, 11, 22), "", "6 Months", YES),
        ("2026-04-22", date(2026, 11, 22), "", "6 Months", NO),
        # only the year is known: 17 or 18
        ("2008", date(2026, 11, 22), "18 Years", "", UNKNOWN),
        ("2007", date(2026, 11, 22), "18 Years", "", YES),
        ("2009", date(2026, 11, 22), "18 Years", "", NO),
    ],
)
def test_both_sides_of_each_limit(birth, on, minimum, maximum, within):
    assert within_ages(age(birth, on), minimum, maximum) is within
