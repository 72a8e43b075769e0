"""Sealed assessments and the end of what is kept, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from service.errors import StoreError
from service.stores import database as module
from service.stores.answers import AnswerTables
from service.stores.assessments import AssessmentTable
from service.stores.database import open_database, read_database
from service.stores.kept import GivenFeedback, Purged, SealedAssessment, ShownCard

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ONE = timedelta(microseconds=1)
END = NOON + timedelta(hours=72)
KEPT = SealedAssessment("a" * 64, NOON, END, "sha256:x", "https://ehr.example/α", b"\x00\xffsealed")
EVER = datetime(1, 1, 1, tzinfo=UTC)
LONG_AGO = EVER


@pytest.fixture
def database(address):
    return open_database(address)


@pytest.fixture
def table(database):
    return AssessmentTable(database)


@pytest.fixture
def answers(database):
    return AnswerTables(database)


def shown(card, at=NOON):
    return ShownCard(card, (), ("rule",), "topic", "svc", "patient-view", "sha256:x", "open", at)


def told(card, at=NOON, **more):
    return GivenFeedback(card, "overridden", at, "open", at, **more)


def test_an_assessment_comes_back_as_it_was_put_in(table):
    table.add([KEPT, replace(KEPT, digest="b" * 64, sealed=b"other")])
    assert table.find(KEPT.digest, NOON) == KEPT
    assert table.find("c" * 64, NOON) is None


def test_an_assessment_is_kept_once_and_stays_as_it_was(table):
    table.add([KEPT])
    table.add([replace(KEPT, sealed=b"later"), replace(KEPT, digest="b" * 64)])
    assert table.find(KEPT.digest, NOON) == KEPT
    assert table.find("b" * 64, NOON) is not None


def test_a_batch_is_kept_altogether_or_not_at_all(table):
    nothing: bytes = None  # type: ignore[assignment] # what the column does not take
    with pytest.raises(StoreError):
        table.add([KEPT, replace(KEPT, digest="b" * 64, sealed=nothing)])
    assert table.find(KEPT.digest, NOON) is None


@pytest.mark.parametrize(("now", "found"), [(END - ONE, True), (END, False), (END + ONE, False)])
def test_ch_j_22_what_has_expired_is_not_served_though_it_is_still_there(table, database, now, found):
    table.add([KEPT])
    assert (table.find(KEPT.digest, now) is not None) is found
    assert (table.find(KEPT.digest, now.astimezone(timezone(timedelta(hours=9)))) is not None) is found
    with database.transaction() as connection:
        assert connection.execute(sa.text("select count(*) from assessments")).scalar() == 1


@pytest.mark.parametrize(("now", "gone"), [(END - ONE, 0), (END, 1)])
def test_ch_j_22_what_has_expired_is_deleted(answers, table, now, gone):
    answers.add_assessments([KEPT, replace(KEPT, digest="b" * 64, expires_at=END + timedelta(days=1))])
    assert answers.purge(now, LONG_AGO) == Purged(gone, 0, 0)
    assert (table.find(KEPT.digest, NOON) is None) is bool(gone)
    assert table.find("b" * 64, NOON) is not None


@pytest.mark.parametrize(("oldest", "gone"), [(NOON - ONE, 0), (NOON, 1)])
def test_ch_j_22_cards_and_feedback_are_deleted_up_to_a_moment(answers, oldest, gone):
    answers.add_shown([shown("old"), shown("young", NOON + ONE)])
    answers.add_feedback([told("old"), told("young", NOON + ONE), told("strange")])
    assert answers.purge(EVER, oldest) == Purged(0, gone, 2 * gone)
    assert [story.card for story in answers.stories(EVER)] == ["old", "young"][gone:]
    assert answers.orphans(EVER) == 1 - gone


def test_feedback_goes_with_its_card_and_makes_no_orphan(answers):
    answers.add_shown([shown("old")])
    answers.add_feedback([told("old", NOON + timedelta(days=30))])
    assert answers.purge(EVER, NOON) == Purged(0, 1, 1)
    assert answers.orphans(EVER) == 0


def test_nothing_is_purged_twice(answers):
    answers.add_assessments([KEPT])
    answers.add_shown([shown("old")])
    assert answers.purge(END, NOON) == Purged(1, 1, 0)
    assert answers.purge(END, NOON) == Purged(0, 0, 0)


def test_processes_that_purge_together_delete_each_row_once(answers, address):
    answers.add_shown([shown(f"card-{number}") for number in range(200)])
    answers.add_feedback([told(f"card-{number}") for number in range(200)])
    with ThreadPoolExecutor(4) as threads:
        gone = list(threads.map(lambda _: AnswerTables(open_database(address)).purge(END, NOON), range(4)))
    assert (sum(one.cards for one in gone), sum(one.feedback for one in gone)) == (200, 200)


def test_ch_b_12_words_are_kept_sealed_and_read_only_where_they_are_asked_for(answers):
    first = told("a", suggestions=("s1", "s2"), commented=True, comment=b"sealed-a")
    answers.add_shown([shown("a")])
    answers.add_feedback([told("b", NOON - ONE, commented=True, comment=b"sealed-b"), first, told("c")])
    assert [(row.card, row.comment) for row in answers.comments(EVER)] == [("b", b"sealed-b"), ("a", b"sealed-a")]
    assert [row.card for row in answers.comments(NOON)] == ["a"]
    assert [item.comment for story in answers.stories(EVER) for item in story.feedback] == [b"", b""]


def config_for(connection):
    config = Config()
    config.set_main_option("script_location", str(module.MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def test_a_store_from_before_is_read_as_it_is_and_brought_up_to_date_by_the_next_writer(answers, database, address):
    answers.add_shown([shown("a")])
    answers.add_feedback([told("a")])
    with database.transaction() as connection:
        command.downgrade(config_for(connection), "0003")
    reader = read_database(address)
    assert reader is not None
    assert AssessmentTable(reader).find(KEPT.digest, NOON) is None
    assert AnswerTables(reader).comments(EVER) == ()
    assert [len(story.feedback) for story in AnswerTables(reader).stories(EVER)] == [1]
    later = AnswerTables(open_database(address))
    later.add_assessments([KEPT])
    assert later.add_feedback([told("a", NOON + ONE, comment=b"x")]) == 0
    assert [len(story.feedback) for story in later.stories(EVER)] == [2]
    assert AssessmentTable(reader).find(KEPT.digest, NOON) == KEPT


def test_records_of_sightings_that_were_replaced_are_still_there(database):
    from service.knowledge.registry import RegistryRecord, Seen  # noqa: PLC0415 - for this test alone

    day = NOON.date()
    first, second = (RegistryRecord("NCT99990001", "SYNTHETIC", status) for status in ("RECRUITING", "COMPLETED"))
    database.save([Seen(day, first, "http://registry.example")])
    database.save([Seen(day, second, "http://registry.example")])
    assert sorted(record.status for record in database.records().values()) == ["COMPLETED", "RECRUITING"]
