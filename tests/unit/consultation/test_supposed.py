"""What may be supposed: every value is checked against the catalogue of facts; ages follow from dates."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from service.consultation import Question
from service.consultation.supposed import NOTHING_SUPPOSED, changeable, read_changes
from service.decisions.bind import LimitsOn
from service.errors import RequestError
from service.facts.catalogue import Kind
from service.knowledge.loader import load_library
from service.logic.fact import Gap, State
from service.logic.truth import Truth

DAY = date(2026, 11, 22)
PRODUCTS = ("blinatumomab", "tisagenlecleucel")
LIMITS = LimitsOn(load_library(), DAY, DAY)


def supposed(name, value):
    return read_changes([(name, value)], DAY, PRODUCTS, LIMITS, DAY).facts[name]


@pytest.mark.parametrize(
    ("name", "sent", "value"),
    [
        ("cd22", "positive", "positive"),
        ("prior_blinatumomab", True, True),
        ("prior_blinatumomab", False, False),
        ("prior_blinatumomab", "true", True),
        ("prior_blinatumomab", "false", False),
        ("hypersensitivity", ["blinatumomab"], ("blinatumomab",)),
        ("hypersensitivity", "blinatumomab, tisagenlecleucel", ("blinatumomab", "tisagenlecleucel")),
    ],
)
def test_words_and_truths_are_taken_as_the_catalogue_has_them(name, sent, value):
    fact = supposed(name, sent)
    assert (fact.state, fact.value, fact.rule, fact.evidence) == (State.KNOWN, value, "supposed", ())


@pytest.mark.parametrize("sent", [0.1, "0.1", " 0.10 "])
def test_a_number_is_exactly_what_was_written(sent):
    fact = supposed("mrd_percent", sent)
    assert fact.value.exact == Decimal("0.1")
    assert fact.unit == "%"


@pytest.mark.parametrize(
    ("sent", "at_least", "below"),
    [
        ("< 0.01", Truth.NO, Truth.YES),
        ("≤0.01", Truth.UNKNOWN, Truth.UNKNOWN),
        (">= 0.01", Truth.YES, Truth.NO),
        ("> 0.01", Truth.YES, Truth.NO),
    ],
)
def test_a_number_may_be_a_limit(sent, at_least, below):
    value = supposed("mrd_percent", sent).value
    assert (value.at_least(Decimal("0.01")), value.below(Decimal("0.01"))) == (at_least, below)


# limits/possible.yaml: shares from 0 to 100, no amount below nothing, and what is told there of some
MOST = [
    *(("mrd_percent", "0", "100"), ("marrow_blasts_percent", "0", "100"), ("karnofsky", "10", "100"), ("lansky", "10", "100")),
    *(("ecog", "0", "4"), ("weight_kg", "0", "1000"), ("body_surface_m2", "0", "10"), ("qtc_ms", "100", "1000")),
    *(("lvef_percent", "5", "100"), ("spo2_percent", "5", "100")),
]


@pytest.mark.parametrize(("name", "least", "most"), MOST)
def test_a_number_from_the_least_to_the_greatest_that_can_be_is_taken(name, least, most):
    for sent in (least, f"<= {least}", most, f"<= {most}", f"< {most}", f">= {most}", f"> {Decimal(most) - 1}"):
        assert supposed(name, sent).state is State.KNOWN
    assert supposed(name, most).value.exact == Decimal(most)


@pytest.mark.parametrize(("name", "least", "most"), MOST)
def test_a_number_beyond_what_can_be_is_refused_with_what_can_be(name, least, most):
    for sent in (f"{most}.01", f"> {most}", f">= {most}.01", f"< {least}", "99999"):
        with pytest.raises(RequestError) as caught:
            supposed(name, sent)
        assert (caught.value.where, caught.value.message) == ("changes[0].value", "the fact cannot have this value")
        assert f"from {least} to {most}" in caught.value.hint


@pytest.mark.parametrize("name", ["wbc_at_diagnosis", "alt_xuln", "blood_blasts_per_ul"])
def test_what_has_no_greatest_number_is_taken_however_great_it_is_and_never_below_nothing(name):
    assert supposed(name, "99999").value.exact == 99999
    with pytest.raises(RequestError) as caught:
        supposed(name, "< 0")
    assert "from 0, such as" in caught.value.hint


@pytest.mark.parametrize(("sent", "precision"), [("2026-05-01", "day"), ("2026-05", "month"), ("2026", "year")])
def test_a_date_is_as_precise_as_it_was_written(sent, precision):
    assert supposed("relapse_date", sent).value.precision == precision


def born(*changes):
    birth = read_changes(changes, DAY, PRODUCTS, LIMITS, DAY).birth
    assert birth is not None
    return birth


def test_null_supposes_that_a_fact_is_not_known():
    fact = supposed("cd22", None)
    assert (fact.state, fact.gap, fact.needs) == (State.UNKNOWN, Gap.NOT_RECORDED, ("cd22",))


@pytest.mark.parametrize(
    ("name", "sent", "hint"),
    [
        ("cd22", "perhaps", "one of positive, negative"),
        ("cd22", True, "one of positive, negative"),
        ("cd22", ["positive"], "one of positive, negative"),
        ("prior_blinatumomab", "yes", "true or false"),
        ("prior_blinatumomab", 1, "true or false"),
        ("prior_blinatumomab", [], "true or false"),
        ("mrd_percent", "a lot", "a number in %"),
        ("mrd_percent", True, "a number in %"),
        ("mrd_percent", -1, "a number in %"),
        ("mrd_percent", "NaN", "a number in %"),
        ("mrd_percent", "9" * 40, "a number in %"),
        ("mrd_percent", {"low": 1}, "a number in %"),
        ("relapse_count", 1.5, "a whole number"),
        ("relapse_count", "> 1", "a whole number"),
        ("relapse_count", "two", "a whole number"),
        ("relapse_date", "22.11.2026", "a date such as"),
        ("relapse_date", "2026-02-30", "a date such as"),
        ("relapse_date", 2026, "a date such as"),
        ("hypersensitivity", [], "a list of"),
        ("hypersensitivity", ["water"], "a list of"),
        ("hypersensitivity", 5, "a list of"),
    ],
)
def test_any_other_value_is_refused_with_what_may_be_written(name, sent, hint):
    with pytest.raises(RequestError) as caught:
        supposed(name, sent)
    assert caught.value.where == "changes[0].value"
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("cd2", "facts are listed"),
        ("", "facts are listed"),
        ("age_days", "change age_years or birth_date"),
        ("age_at_diagnosis_years", "change age_years or birth_date"),
        ("relapse_interval", "change the dates"),
    ],
)
def test_what_is_no_fact_or_follows_from_others_is_refused(name, hint):
    with pytest.raises(RequestError) as caught:
        read_changes([("cd19", "positive"), (name, "5")], DAY, PRODUCTS, LIMITS, DAY)
    assert caught.value.where == "changes[1].fact"
    assert hint in caught.value.hint


def test_one_thing_is_changed_once():
    with pytest.raises(RequestError) as caught:
        read_changes([("cd22", "positive"), ("cd22", "negative")], DAY, PRODUCTS, LIMITS, DAY)
    assert caught.value.where == "changes[1].fact"
    with pytest.raises(RequestError) as caught:
        read_changes([("age_years", 5), ("birth_date", "1990-01-01")], DAY, PRODUCTS, LIMITS, DAY)
    assert caught.value.hint == "one follows from the other"


def test_an_age_is_a_birthday_on_the_day_asked_about_whichever_comes_first():
    assert born(("age_years", 26)).low == date(2000, 11, 22)
    both = [("age_years", "26"), ("as_of", "2027-01-31")]
    assert born(*both).low == date(2001, 1, 31)
    assert read_changes(both, DAY, PRODUCTS, LIMITS, DAY).as_of == date(2027, 1, 31)


@pytest.mark.parametrize("sent", [-1, "1.5", "> 5", 123, "old", None])
def test_what_is_no_age_is_refused(sent):
    with pytest.raises(RequestError, match="not an age"):
        read_changes([("age_years", sent)], DAY, PRODUCTS, LIMITS, DAY)


def test_the_oldest_and_the_youngest_age():
    assert born(("age_years", 0)).low == DAY
    assert born(("age_years", 122)).low == date(1904, 11, 22)


def test_a_birth_date_may_be_partial_and_never_lies_after_the_day():
    assert born(("birth_date", "2019-05")).precision == "month"
    assert born(("birth_date", "2026-11-22")).low == DAY
    for sent in ("2026-11-23", "May 2019", None):
        with pytest.raises(RequestError, match="not a birth date"):
            read_changes([("birth_date", sent)], DAY, PRODUCTS, LIMITS, DAY)


@pytest.mark.parametrize("sent", ["2026-11", "tomorrow", None])
def test_another_day_is_a_whole_date(sent):
    with pytest.raises(RequestError, match="not a day"):
        read_changes([("as_of", sent)], DAY, PRODUCTS, LIMITS, DAY)


def test_without_changes_nothing_is_supposed():
    found = read_changes([], DAY, PRODUCTS, LIMITS, DAY)
    assert (dict(found.facts), found.birth, found.as_of) == ({}, None, None)
    record: Any = object()
    question: Any = object()
    assert NOTHING_SUPPOSED.record(record) is record
    assert NOTHING_SUPPOSED.question(question) is question


def test_ages_cannot_be_changed_by_themselves():
    assert Kind.AGE not in {spec.kind for spec in changeable()}


@pytest.mark.parametrize(
    ("asked_is_past", "supposed_day", "is_past"),
    [
        (False, DAY - timedelta(days=1), True),
        (False, DAY, False),
        (False, DAY + timedelta(days=1), False),
        (True, DAY - timedelta(days=1), True),
        (True, DAY, False),  # the record is of today again, whatever day was asked about before
        (True, DAY + timedelta(days=1), False),
        (True, None, True),
        (False, None, False),
    ],
)
def test_a_day_that_is_supposed_may_be_over(asked_is_past, supposed_day, is_past):
    asked = Question(DAY - timedelta(days=9), DAY, ("EMA",), is_past=asked_is_past)
    changes = [] if supposed_day is None else [("as_of", supposed_day.isoformat())]
    assert read_changes(changes, asked.as_of, PRODUCTS, LIMITS, DAY).question(asked).is_past is is_past
