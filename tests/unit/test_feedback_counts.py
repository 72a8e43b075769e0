"""What became of cards, counted by hand: both sides of the limits, one card of several rules, reasons once a card."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from service.feedback_counts import TooOften, count, fate_of, subjects_of
from service.stores.kept import CardStory, GivenFeedback

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
TODAY = date(2026, 11, 22)
NEVER = TooOften(Decimal(50), 1000)
SUBJECTS = {"E-1": "one", "A-1": "one", "E-2": "two", "NCT99990001": "NCT99990001"}


def told(outcome, *suggestions, code="", text="", commented=False, minute=0):
    moment = NOON + timedelta(minutes=minute)
    return GivenFeedback(
        "card", outcome, moment, "open", moment, suggestions, reason_code=code, reason_text=text, commented=commented
    )


def story(*feedback, rules=("E-1",), client="open", topic="t"):
    return CardStory("card", rules, topic, client, feedback)


ACCEPTED, OVERRIDDEN = told("accepted", "s"), told("overridden")


@pytest.mark.parametrize(
    ("feedback", "fate"),
    [
        ((), "untold"),
        ((ACCEPTED,), "accepted"),
        ((OVERRIDDEN,), "overridden"),
        ((OVERRIDDEN, OVERRIDDEN), "overridden"),
        ((ACCEPTED, OVERRIDDEN), "accepted"),  # what is left of a card that was used is put away
        ((OVERRIDDEN, ACCEPTED), "accepted"),
    ],
)
def test_what_became_of_a_card(feedback, fate):
    assert fate_of(feedback) == fate


def test_every_card_is_counted_once_in_total_and_ch_b_07_silence_is_neither():
    stories = [story(ACCEPTED), story(OVERRIDDEN, rules=("E-2",)), story(), story(told("accepted"))]
    total = count(stories, SUBJECTS, NEVER).total
    assert (total.shown, total.accepted, total.unnamed, total.overridden, total.untold) == (4, 2, 1, 1, 1)


def test_a_card_of_several_rules_counts_for_each_and_once_for_their_product():
    counts = count([story(OVERRIDDEN, rules=("E-1", "A-1", "E-2", "NCT99990001"))], SUBJECTS, NEVER)
    assert {name: tally.overridden for name, tally in counts.rules.items()} == {"E-1": 1, "A-1": 1, "E-2": 1, "NCT99990001": 1}
    assert {name: tally.shown for name, tally in counts.subjects.items()} == {"one": 1, "two": 1, "NCT99990001": 1}
    assert counts.total.overridden == 1


def test_a_card_without_rules_stands_under_its_topic_and_a_rule_about_no_product_under_itself():
    counts = count([story(rules=(), topic="allconflict"), story(rules=("cd22",))], SUBJECTS, NEVER)
    assert list(counts.rules) == ["cd22", "topic allconflict"]
    assert counts.subjects == {}


def test_most_shown_first_then_by_name():
    stories = [story(rules=(name,), client=client) for name, client in [("b", "y"), ("c", "x"), ("c", "y"), ("a", "y")]]
    counts = count(stories, SUBJECTS, NEVER)
    assert list(counts.rules) == ["c", "a", "b"]
    assert [(name, tally.shown) for name, tally in counts.clients.items()] == [("y", 3), ("x", 1)]


def test_reasons_are_counted_once_a_card_and_only_where_it_was_overridden():
    stories = [
        story(told("overridden", code="a"), told("overridden", code="a", minute=1), told("overridden", code="b", minute=2)),
        story(told("overridden", text="Site reason", commented=True)),
        story(told("overridden", commented=True)),
        story(OVERRIDDEN),
        story(OVERRIDDEN, told("overridden", code="a", minute=1)),
        story(told("overridden", code="c"), ACCEPTED),
    ]
    reasons = count(stories, SUBJECTS, NEVER).total.reasons
    assert reasons == {"a": 2, "b": 1, "Site reason": 1, "own words": 1, "no reason": 1}


@pytest.mark.parametrize(
    ("shown", "overridden", "often"),
    [
        (20, 10, True),  # limits/feedback.yaml: 50 % of at least 20
        (20, 9, False),
        (19, 19, False),
        (21, 10, False),
        (21, 11, True),
    ],
)
def test_the_limits_of_the_knowledge_files_say_what_is_too_often(rules, shown, overridden, often):
    stories = [story(OVERRIDDEN) for _ in range(overridden)] + [story() for _ in range(shown - overridden)]
    assert count(stories, SUBJECTS, TooOften.of(rules.library, TODAY)).too_often == (("E-1",) if often else ())


def test_what_a_rule_is_about_comes_from_the_knowledge_files(rules):
    subjects = subjects_of(rules.library)
    assert subjects["E-BLI-2a"] == "blinatumomab"
    assert subjects["ino-vod-history"] == "inotuzumab-ozogamicin"
    trial = next(iter(rules.library.trials))
    assert subjects[trial] == trial
    assert "cd22" not in subjects
