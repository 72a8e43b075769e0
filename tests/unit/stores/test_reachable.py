"""Whether the store answers, told in good time whatever it does."""

import socket
from threading import Event

import pytest

from service.assembly import store_reachable
from service.errors import StoreError
from service.settings import Settings
from service.stores import reachable as module
from service.stores.database import open_database
from service.stores.reachable import reachable

LONG = 60  # seconds: only an answer that never comes makes a test wait


def test_a_store_that_is_there_answers(address):
    open_database(address)
    assert reachable(address, LONG)
    assert store_reachable(Settings(store=address), LONG)


def test_a_file_that_is_not_there_yet_counts_where_it_can_be_made(tmp_path):
    path = tmp_path / "folder" / "deeper" / "store.db"
    assert reachable(str(path), LONG)
    assert list(tmp_path.iterdir()) == []


def test_a_place_where_nothing_can_be_made_does_not_count(tmp_path):
    (tmp_path / "file").touch()
    assert not reachable(str(tmp_path / "file" / "store.db"), LONG)
    assert not reachable("", LONG)
    assert not store_reachable(Settings(), LONG, environment={})


def test_a_file_that_is_no_database_does_not_answer(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text(100 * "not a database ")
    assert not reachable(str(path), LONG)


def test_a_database_that_refuses_does_not_answer():
    assert not reachable("postgresql+psycopg://cds:secret@127.0.0.1:1/cds", LONG)


def test_a_server_that_takes_the_call_and_says_nothing_is_not_waited_for():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert not reachable(f"postgresql+psycopg://cds@127.0.0.1:{silent.getsockname()[1]}/cds", 0)


@pytest.fixture
def hanging():
    go_on, begun, done = Event(), Event(), Event()

    def ask(_address):
        begun.set()
        assert go_on.wait(LONG)
        done.set()

    yield ask, go_on, begun, done
    go_on.set()


def test_stores_that_hang_do_not_collect_threads(tmp_path, hanging, monkeypatch):
    from threading import BoundedSemaphore  # noqa: PLC0415 - for this test alone

    monkeypatch.setattr(module, "_AT_ONCE", BoundedSemaphore(1))
    ask, go_on, begun, done = hanging
    path = tmp_path / "store.db"
    path.touch()
    assert not reachable(str(path), 0, ask)
    assert begun.wait(LONG)
    assert not reachable(str(path), LONG, lambda _address: pytest.fail("nobody is asked while one still hangs"))
    go_on.set()
    assert done.wait(LONG)
    for _ in range(10 * LONG):
        if reachable(str(path), LONG, lambda _address: None):
            break
        Event().wait(0.1)
    assert reachable(str(path), LONG, lambda _address: None)


def test_a_store_that_fails_does_not_answer_and_frees_its_place(tmp_path):
    path = tmp_path / "store.db"
    path.touch()

    def fail(_address):
        raise StoreError("SECRET")

    assert [reachable(str(path), LONG, fail) for _ in range(10)] == [False] * 10
    assert reachable(str(path), LONG, lambda _address: None)
