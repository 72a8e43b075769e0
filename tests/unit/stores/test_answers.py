"""Answers and feedback on both databases: written once however often they come, and read as they were written."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import count
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from service.errors import StoreError
from service.knowledge.registry import RegistryRecord, Seen
from service.stores.answers import AnswerTables
from service.stores.database import open_database, read_database
from service.stores.kept import CardStory, GivenFeedback, ShownCard
from service.stores.tables import METADATA

CARD, OTHER, STRANGE = (f"{digit}0000000-0000-4000-8000-000000000000" for digit in "123")
ONE, TWO = "s1", "s2"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
NOTHING: Any = None  # what no column takes
EVER = datetime(1, 1, 1, tzinfo=UTC)

SHOWN = ShownCard(
    CARD, (ONE, TWO), ("E-BLI-2a", "NCT99990001"), "allblinatumomab", "svc", "patient-view", "sha256:x", "open", NOON
)
OVERRIDDEN = GivenFeedback(
    card=CARD,
    outcome="overridden",
    given_at=NOON + timedelta(minutes=1),
    client="https://ehr.example/α",
    received_at=NOON + timedelta(hours=5),
    reason_code="patient-refuses",
    reason_system="http://terminology.example/reasons",
    reason_text="Refused – twice",
    commented=True,
)
ACCEPTED = replace(OVERRIDDEN, outcome="accepted", suggestions=(ONE,), reason_code="", reason_system="", reason_text="")


@pytest.fixture
def store(address):
    return AnswerTables(open_database(address))


def told(store):
    return [item for story in store.stories(EVER) for item in story.feedback]


def test_a_card_comes_back_with_what_was_told_of_it(store):
    store.add_shown([SHOWN, replace(SHOWN, card=OTHER, rules=(), suggestions=())])
    assert store.add_feedback([OVERRIDDEN]) == 0
    assert store.stories(EVER) == (
        CardStory(CARD, SHOWN.rules, SHOWN.topic, SHOWN.client, (OVERRIDDEN,)),
        CardStory(OTHER, (), SHOWN.topic, SHOWN.client),
    )


def test_a_card_is_kept_once_and_stays_as_it_was_first_told(store):
    store.add_shown([SHOWN, SHOWN])
    store.add_shown([replace(SHOWN, topic="other"), replace(SHOWN, card=OTHER)])
    assert [(story.card, story.topic) for story in store.stories(EVER)] == [(CARD, SHOWN.topic), (OTHER, SHOWN.topic)]


def test_ch_b_08_the_same_feedback_is_kept_once(store):
    store.add_shown([SHOWN])
    for _ in range(2):
        store.add_feedback([OVERRIDDEN, OVERRIDDEN])
    store.add_feedback([replace(OVERRIDDEN, received_at=NOON + timedelta(days=1), client="other")])
    assert told(store) == [OVERRIDDEN]


@pytest.mark.parametrize(
    "later",
    [
        replace(OVERRIDDEN, given_at=OVERRIDDEN.given_at + timedelta(microseconds=1)),
        replace(OVERRIDDEN, outcome="accepted"),
        replace(OVERRIDDEN, suggestions=(TWO,)),
    ],
    ids=["time", "outcome", "suggestion"],
)
def test_ch_b_08_what_differs_in_time_outcome_or_suggestion_is_history(store, later):
    store.add_shown([SHOWN])
    store.add_feedback([OVERRIDDEN])
    store.add_feedback([later])
    assert len(told(store)) == 2


def test_ch_b_08_a_moment_is_the_same_in_every_zone(store):
    store.add_shown([SHOWN])
    elsewhere = OVERRIDDEN.given_at.astimezone(timezone(timedelta(hours=2)))
    store.add_feedback([OVERRIDDEN, replace(OVERRIDDEN, given_at=elsewhere)])
    assert told(store) == [OVERRIDDEN]


def test_each_suggestion_that_was_accepted_is_a_row(store):
    store.add_shown([SHOWN])
    store.add_feedback([replace(ACCEPTED, suggestions=(TWO, ONE))])
    store.add_feedback([ACCEPTED])  # told again, of one of them
    assert told(store) == [ACCEPTED, replace(ACCEPTED, suggestions=(TWO,))]


def test_ch_b_09_a_card_that_is_none_of_ours_is_kept_and_counted(store):
    store.add_shown([SHOWN])
    strange = replace(OVERRIDDEN, card=STRANGE)
    later = replace(strange, given_at=NOON + timedelta(minutes=2))
    assert store.add_feedback([OVERRIDDEN, strange, later]) == 1
    assert store.orphans(EVER) == 1
    assert told(store) == [OVERRIDDEN]


def test_ch_b_09_feedback_that_comes_before_its_card_is_joined_to_it(store):
    # the answer may still be waiting for the store
    assert store.add_feedback([OVERRIDDEN]) == 1
    store.add_shown([SHOWN])
    assert store.orphans(EVER) == 0
    assert told(store) == [OVERRIDDEN]


@pytest.mark.parametrize(("since", "cards"), [(NOON, 1), (NOON + timedelta(microseconds=1), 0)])
def test_cards_since_a_moment_with_their_feedback_whenever_it_came(store, since, cards):
    store.add_shown([SHOWN])
    store.add_feedback([OVERRIDDEN])
    assert [len(story.feedback) for story in store.stories(since)] == [1] * cards


@pytest.mark.parametrize(("since", "orphans"), [(NOON, 1), (NOON + timedelta(microseconds=1), 0)])
def test_strange_cards_since_a_moment_by_when_they_were_told(store, since, orphans):
    store.add_feedback([replace(OVERRIDDEN, received_at=NOON)])
    assert store.orphans(since) == orphans


def test_more_cards_than_one_question_may_have_are_asked_for_in_parts(store):
    cards = [replace(SHOWN, card=f"card-{number}") for number in range(1201)]
    store.add_shown(cards)
    items = [replace(OVERRIDDEN, card=shown.card) for shown in cards]
    assert store.add_feedback([*items, replace(OVERRIDDEN, card=STRANGE)]) == 1
    assert len(told(store)) == 1201


def test_nothing_is_nothing(store):
    store.add_shown([])
    assert store.add_feedback([]) == 0
    assert store.stories(EVER) == ()


def test_a_batch_is_kept_altogether_or_not_at_all(store):
    store.add_shown([SHOWN])
    with pytest.raises(StoreError) as raised:
        store.add_feedback([OVERRIDDEN, replace(ACCEPTED, commented=NOTHING)])
    assert told(store) == []
    assert "patient-refuses" not in f"{raised.value} {raised.value.where}"


def test_what_is_read_is_not_written(store, address):
    store.add_shown([SHOWN])
    database = read_database(address)
    assert database is not None
    reader = AnswerTables(database)
    assert reader.has_answers()
    assert reader.stories(EVER) == store.stories(EVER)


def test_the_migrations_lead_to_the_tables_that_the_code_knows(address):
    with open_database(address).transaction() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, METADATA) == []
        assert context.get_current_revision() == "0004"


def test_a_store_without_these_tables_says_so(address):
    database = open_database(address)
    with database.transaction() as connection:
        connection.execute(sa.text("drop table answers"))
    assert not AnswerTables(database).has_answers()


def test_what_was_seen_of_trials_is_kept_on_both_databases_too(address):
    database = open_database(address)
    seen = Seen(date(2026, 1, 1), RegistryRecord("NCT99990001", "SYNTHETIC", "RECRUITING"), "http://registry.example", "stamp")
    assert database.save([seen, seen]) == 1
    assert open_database(address).all().latest("NCT99990001", date(2026, 1, 1)) == seen
    assert database.claim_refresh(NOON, timedelta(hours=24))
    assert not database.claim_refresh(NOON, timedelta(hours=24))


def at_once(action):
    """What the same action answers in four threads that begin together."""
    together = Barrier(4)

    def run(_number):
        together.wait(timeout=60)
        return action()

    with ThreadPoolExecutor(4) as threads:
        return list(threads.map(run, range(4)))


def test_processes_that_begin_together_all_find_the_tables(address):
    assert [database.has_tables() for database in at_once(lambda: open_database(address))] == [True] * 4


def test_of_processes_that_ask_together_one_refreshes(address):
    open_database(address)
    moments = count()
    claims = at_once(lambda: open_database(address).claim_refresh(NOON + timedelta(seconds=next(moments)), timedelta(hours=24)))
    assert sorted(claims) == [False, False, False, True]


def test_two_batches_that_hold_the_same_cards_are_both_kept_once(store):
    items = [replace(OVERRIDDEN, card=f"card-{number}") for number in range(50)]
    store.add_shown([replace(SHOWN, card=item.card) for item in items])
    order = count()
    assert at_once(lambda: store.add_feedback(items if next(order) % 2 else items[::-1])) == [0] * 4
    assert len(told(store)) == 50
