"""Each token of a caller is used once, whichever process it comes to, and is forgotten when it could not be used any more."""

import os
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from service.errors import StoreError
from service.stores import database as module
from service.stores.database import open_database
from service.stores.tables import USED_TOKENS

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
UNTIL = NOW + timedelta(minutes=6)
ISSUER = "https://ehr.example/oauth2"


@pytest.fixture
def store(address):
    return open_database(address)


def rows(store):
    with store.transaction() as connection:
        return connection.execute(sa.select(USED_TOKENS)).all()


def test_ch_j_12_the_first_use_is_one_and_no_other(store):
    assert store.use_token(ISSUER, "j", UNTIL, NOW)
    assert not store.use_token(ISSUER, "j", UNTIL, NOW)
    assert not store.use_token(ISSUER, "j", UNTIL + timedelta(hours=1), UNTIL)  # the very last moment


def test_ch_j_12_an_id_is_that_of_its_issuer(store):
    assert store.use_token(ISSUER, "j", UNTIL, NOW)
    assert store.use_token("https://other.example", "j", UNTIL, NOW)
    assert store.use_token(ISSUER, "k", UNTIL, NOW)


def test_ch_j_12_another_process_sees_the_use(store, address):
    assert store.use_token(ISSUER, "j", UNTIL, NOW)
    assert not open_database(address).use_token(ISSUER, "j", UNTIL, NOW)


def test_ch_j_12_of_many_that_come_at_once_one_is_the_first(store, address):
    stores = [open_database(address) for _ in range(4)]
    with ThreadPoolExecutor(4) as several:
        first = list(several.map(lambda place: stores[place % 4].use_token(ISSUER, "j", UNTIL, NOW), range(16)))
    assert sorted(first) == [False] * 15 + [True]


RACE = """
import sys
from datetime import datetime
from service.stores.database import open_database
store = open_database(sys.argv[1])
until, now = (datetime.fromisoformat(text) for text in sys.argv[2:4])
print("ready", flush=True)
sys.stdin.readline()
first = [store.use_token("https://ehr.example/oauth2", f"race-{number}", until, now) for number in range(int(sys.argv[4]))]
print(*first, flush=True)
"""


def test_ch_j_12_of_two_processes_that_race_for_each_token_exactly_one_is_the_first(address):
    # Both also forget the same tokens of others at every step, and must not wait for each other in a circle.
    store = open_database(address)
    for number in range(20):
        store.use_token(ISSUER, f"old-{number}", NOW - timedelta(minutes=1), NOW - timedelta(minutes=2))
    words = [sys.executable, "-c", RACE, address, UNTIL.isoformat(), NOW.isoformat(), "40"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    racers = [
        subprocess.Popen(words, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    said = []
    try:
        for racer in racers:
            assert racer.stdout is not None
            assert racer.stdout.readline() == "ready\n"
        for racer in racers:
            assert racer.stdin is not None
            racer.stdin.write("go\n")
            racer.stdin.flush()
        said = [racer.communicate(timeout=120)[0].split() for racer in racers]
    finally:
        for racer in racers:
            racer.kill()
            racer.wait()
    assert [len(answers) for answers in said] == [40, 40]
    assert [sorted(both) for both in zip(*said, strict=True)] == [["False", "True"]] * 40


def test_expired_rows_are_removed_and_others_stay(store, address):
    store.use_token(ISSUER, "old", NOW, NOW)
    store.use_token(ISSUER, "young", UNTIL, NOW)
    assert len(rows(store)) == 2
    store.use_token(ISSUER, "j", UNTIL, NOW + timedelta(microseconds=1))
    assert len(rows(store)) == 2
    assert not store.use_token(ISSUER, "young", UNTIL, NOW)


def test_neither_issuer_nor_id_is_kept(store, address):
    store.use_token(ISSUER, "MARK-ID", UNTIL, NOW)
    ((digest, until),) = rows(store)
    assert len(digest) == 64
    assert until == "2026-11-22T10:06:00.000000+00:00"


def test_a_store_that_fails_is_told_without_the_token(store, address):
    with store.transaction() as connection:
        connection.execute(sa.text("drop table used_tokens"))
    with pytest.raises(StoreError) as raised:
        store.use_token(ISSUER, "MARK-ID", UNTIL, NOW)
    assert "MARK" not in f"{raised.value} {raised.value.where} {raised.value.hint}"


def test_another_writer_is_waited_for_no_longer_than_asked(tmp_path):
    path = str(tmp_path / "store.db")
    waiting = open_database(path, wait=0)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("begin immediate")
    with pytest.raises(StoreError):
        waiting.use_token(ISSUER, "j", UNTIL, NOW)
    connection.execute("rollback")
    connection.close()
    assert waiting.use_token(ISSUER, "j", UNTIL, NOW)


def test_a_store_from_before_gets_the_table_and_keeps_what_it_has(address):
    store = open_database(address)
    config = Config()
    config.set_main_option("script_location", str(module.MIGRATIONS).replace("%", "%%"))
    with store.transaction() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")
    with pytest.raises(StoreError):
        store.use_token(ISSUER, "j", UNTIL, NOW)
    assert open_database(address).use_token(ISSUER, "j", UNTIL, NOW)
