"""Comparisons with one fact, and their groups: three-valued, with what is missing and which flags."""

from datetime import date
from decimal import Decimal

import pytest

from service.decisions.comparisons import Aged, Compared, Has, OneOf
from service.decisions.predicate import Group, Looks, Undecided
from service.logic.dates import Age, PartialDate, Span
from service.logic.fact import Evidence, Gap, conflicting, known, unknown
from service.logic.interval import Interval
from service.logic.truth import Truth

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN


def between(low, high):
    return Interval(None if low is None else Decimal(low), None if high is None else Decimal(high))


def one_of(*numbers):
    return OneOf("n", frozenset(), tuple(Decimal(number) for number in numbers))


@pytest.mark.parametrize(
    ("node", "value", "truth"),
    [
        (OneOf("n", frozenset({"a", "b"}), ()), "a", YES),
        (OneOf("n", frozenset({"a", "b"}), ()), "c", NO),
        (OneOf("n", frozenset({True}), ()), False, NO),
        (one_of(1), between(1, 1), YES),
        (one_of(1), between(1, 2), UNKNOWN),
        (one_of(1), between(2, None), NO),
        (one_of(1, 2), between(1, 2), YES),  # whichever of the two it is, it is one of them
        (one_of(2, 1), between(2, 3), UNKNOWN),
        (one_of(1, 2), between(3, None), NO),
        (one_of(0, 2), between(0, 0), YES),
        (one_of(0, 2), between(0, 2), UNKNOWN),  # it may be 1
        (one_of(0, 2), between(1, 1), NO),
        (Has("n", "a"), ("a", "b"), YES),
        (Has("n", "c"), ("a", "b"), UNKNOWN),  # what is not on the list was not asked for
        (Has("n", "a"), "a", UNKNOWN),
        (Compared("n", "at_least", Decimal(5)), between(5, 6), YES),
        (Compared("n", "above", Decimal(5)), between(5, 6), UNKNOWN),
        (Compared("n", "below", Decimal(5)), between(5, 6), NO),
        (Compared("n", "at_most", Decimal(5)), between(4, 5), YES),
        (Compared("n", "at_most", Decimal(5)), "5", UNKNOWN),
        (Aged("n", Span(216, 0), below=False), "18", UNKNOWN),
    ],
)
def test_a_known_value_is_compared_as_a_whole(node, value, truth):
    assert node.truth({"n": known(value)}) is truth


@pytest.mark.parametrize(("on", "at_least", "below"), [(date(2008, 6, 14), NO, YES), (date(2008, 6, 15), YES, NO)])
def test_an_age_is_reached_on_the_birthday(on, at_least, below):
    facts = {"n": known(Age(PartialDate.of_day(date(1990, 6, 15)), PartialDate.of_day(on)))}
    assert Aged("n", Span.parse("18 a"), below=False).truth(facts) is at_least
    assert Aged("n", Span.parse("18 a"), below=True).truth(facts) is below


@pytest.mark.parametrize("fact", [unknown(), conflicting(()), unknown(Gap.UNREADABLE, "n")])
def test_what_is_not_known_is_never_more_than_unknown(fact):
    assert OneOf("n", frozenset({"a"}), ()).truth({"n": fact}) is UNKNOWN


def test_a_decided_comparison_needs_nothing_and_an_open_one_its_fact_or_what_that_needs():
    node = OneOf("n", frozenset({"a"}), ())
    assert node.needs({"n": known("b")}) == ()
    assert node.needs({"n": unknown()}) == ("n",)
    assert node.needs({"n": unknown(Gap.NOT_RECORDED, "other", "third")}) == ("other", "third")


def test_a_group_answers_as_kleene_does():
    yes, no, open_ = (OneOf(name, frozenset({"a"}), ()) for name in ("yes", "no", "open"))
    facts = {"yes": known("a"), "no": known("b"), "open": unknown()}
    answers = [
        ("all", (yes, open_), UNKNOWN),
        ("all", (no, open_), NO),
        ("any", (yes, open_), YES),
        ("any", (no, open_), UNKNOWN),
        ("none", (yes, open_), NO),
        ("none", (no, open_), UNKNOWN),
        ("none", (no,), YES),
    ]
    for how, parts, truth in answers:
        node = Group(how, parts)
        assert node.truth(facts) is truth, (how, parts)
        assert node.needs(facts) == (("open",) if truth is UNKNOWN else ()), (how, parts)


def test_a_group_shows_the_flags_of_the_parts_that_are_open_or_hold():
    flagged, against = known("a").flagged("stale"), known("b").flagged("computed")
    node = Group("any", (OneOf("one", frozenset({"a"}), ()), OneOf("two", frozenset({"a"}), ()), Undecided("who knows", "date")))
    assert node.flags({"one": flagged, "two": against}) == ("stale", "date")
    assert node.fact_names == ("one", "two")


@pytest.mark.parametrize(
    ("one", "two", "flags"),
    [("a", "a", ("date",)), ("a", None, ()), (None, "a", ()), ("a", "b", ())],
)
def test_what_the_text_leaves_open_is_flagged_where_all_beside_it_holds(one, two, flags):
    parts = (OneOf("one", frozenset({"a"}), ()), OneOf("two", frozenset({"a"}), ()), Undecided("who knows", "date"))
    facts = {name: unknown() if value is None else known(value) for name, value in (("one", one), ("two", two))}
    assert Group("all", parts).flags(facts) == flags
    assert Group("all", parts[2:]).flags(facts) == ("date",)


def test_what_the_text_leaves_open_asks_for_no_datum():
    node = Undecided("who knows", "")
    assert (node.truth({}), node.needs({}), node.flags({}), node.fact_names) == (UNKNOWN, (), (), ())
    assert node.reasons({}) == ("who knows",)


def test_a_group_that_the_text_leaves_open_says_why():
    first, told = OneOf("one", frozenset({"a"}), ()), {"one": known("a")}
    why = Group("all", (first, Undecided("who knows", "")))
    assert why.reasons(told) == ("who knows",)
    assert Group("any", (OneOf("one", frozenset({"b"}), ()), why)).reasons(told) == ("who knows",)
    assert why.reasons({"one": known("b")}) == ()  # decided


def test_a_reason_beside_a_missing_datum_is_not_given_but_that_of_another_part_is():
    nothing = {"one": unknown(Gap.NOT_RECORDED, "one"), "two": known("a")}
    beside = Group("any", (OneOf("one", frozenset({"a"}), ()), Undecided("not by the central laboratory", "")))
    other = Group("all", (OneOf("two", frozenset({"a"}), ()), Undecided("who knows", "")))
    assert beside.reasons(nothing) == ()
    assert Group("all", (beside, other)).reasons(nothing) == ("who knows",)


def test_a_look_shows_each_resource_once_and_is_taken_once():
    seen = Evidence("Observation/1", "value", None, "seen")
    node = OneOf("n", frozenset({"a"}), ())
    looks = Looks({"n": known("a", (seen, seen))})
    assert looks.at(node).evidence == ("Observation/1",)
    assert looks.at(node) is looks.at(node)
