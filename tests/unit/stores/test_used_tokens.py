"""Each token of a caller is used once, whichever process it comes to, and is forgotten when it could not be used any more."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from alembic import command
from alembic.config import Config

from service.errors import StoreError
from service.stores import database as module
from service.stores.database import open_database

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
UNTIL = NOW + timedelta(minutes=6)
ISSUER = "https://ehr.example/oauth2"


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "store.db")


@pytest.fixture
def store(path):
    return open_database(path)


def rows(path):
    connection = sqlite3.connect(path)
    try:
        return connection.execute("select * from used_tokens").fetchall()
    finally:
        connection.close()


def test_ch_j_12_the_first_use_is_one_and_no_other(store):
    assert store.use_token(ISSUER, "j", UNTIL, NOW)
    assert not store.use_token(ISSUER, "j", UNTIL, NOW)
    assert not store.use_token(ISSUER, "j", UNTIL + timedelta(hours=1), UNTIL)  # the very last moment


def test_ch_j_12_an_id_is_that_of_its_issuer(store):
    assert store.use_token(ISSUER, "j", UNTIL, NOW)
    assert store.use_token("https://other.example", "j", UNTIL, NOW)
    assert store.use_token(ISSUER, "k", UNTIL, NOW)


def test_ch_j_12_another_process_sees_the_use(store, path):
    assert store.use_token(ISSUER, "j", UNTIL, NOW)
    assert not open_database(path).use_token(ISSUER, "j", UNTIL, NOW)


def test_ch_j_12_of_many_that_come_at_once_one_is_the_first(store, path):
    stores = [open_database(path) for _ in range(4)]
    with ThreadPoolExecutor(4) as several:
        first = list(several.map(lambda place: stores[place % 4].use_token(ISSUER, "j", UNTIL, NOW), range(16)))
    assert sorted(first) == [False] * 15 + [True]


def test_expired_rows_are_removed_and_others_stay(store, path):
    store.use_token(ISSUER, "old", NOW, NOW)
    store.use_token(ISSUER, "young", UNTIL, NOW)
    assert len(rows(path)) == 2
    store.use_token(ISSUER, "j", UNTIL, NOW + timedelta(microseconds=1))
    assert len(rows(path)) == 2
    assert not store.use_token(ISSUER, "young", UNTIL, NOW)


def test_neither_issuer_nor_id_is_kept(store, path):
    store.use_token(ISSUER, "MARK-ID", UNTIL, NOW)
    ((digest, until),) = rows(path)
    assert len(digest) == 64
    assert until == "2026-11-22T10:06:00.000000+00:00"


def test_a_store_that_fails_is_told_without_the_token(store, path):
    connection = sqlite3.connect(path)
    connection.execute("drop table used_tokens")
    connection.close()
    with pytest.raises(StoreError) as raised:
        store.use_token(ISSUER, "MARK-ID", UNTIL, NOW)
    assert "MARK" not in f"{raised.value} {raised.value.where} {raised.value.hint}"


def test_another_writer_is_waited_for_no_longer_than_asked(path):
    waiting = open_database(path, wait=0)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("begin immediate")
    with pytest.raises(StoreError):
        waiting.use_token(ISSUER, "j", UNTIL, NOW)
    connection.execute("rollback")
    connection.close()
    assert waiting.use_token(ISSUER, "j", UNTIL, NOW)


def test_a_store_from_before_gets_the_table_and_keeps_what_it_has(path):
    store = open_database(path)
    config = Config()
    config.set_main_option("script_location", str(module.MIGRATIONS).replace("%", "%%"))
    with store.transaction() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")
    with pytest.raises(StoreError):
        store.use_token(ISSUER, "j", UNTIL, NOW)
    assert open_database(path).use_token(ISSUER, "j", UNTIL, NOW)
