"""The registry that the server holds: swapped whole, refreshed by one process, kept when anything fails. Nothing waits."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from threading import Event

import pytest

from service.clients.registry import Studies
from service.errors import RegistryError, StoreError
from service.knowledge.registry import NOTHING_SEEN, RegistryRecord, Seen
from service.settings import Settings
from service.stores.database import open_database, read_database
from service.web import registry_watch as module
from service.web.registry_watch import RegistryWatch, WatchParts

NUMBER = "NCT99990001"
NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
DAY = timedelta(hours=24)
SIGHTING = Seen(date(2026, 11, 1), RegistryRecord(NUMBER, "SYNTHETIC", "RECRUITING"), "earlier")
PATIENCE = 30  # seconds: only a thread that never runs makes a test wait


class Client:
    address = "http://registry.example/api/v2"

    def __init__(self):
        self.asked = 0
        self.fails = None
        self.was_asked = Event()

    def version(self):
        return ""

    def studies(self, numbers):
        self.asked += 1
        self.was_asked.set()
        if self.fails is not None:
            raise self.fails
        return Studies(tuple(RegistryRecord(number, "SYNTHETIC", "COMPLETED") for number in numbers), ())


@pytest.fixture
def path(tmp_path):
    path = str(tmp_path / "seen.db")
    open_database(path).save([SIGHTING])
    return path


@pytest.fixture
def client():
    return Client()


@pytest.fixture
def lines(lines_of):
    return lines_of(module)


def stored(path):
    database = read_database(path)
    assert database is not None
    return database.all()


@pytest.fixture
def parts(path, client):
    return WatchParts(
        load=lambda: stored(path),
        store=lambda: open_database(path),
        client=lambda: client,
        numbers=(NUMBER,),
        every=DAY,
        now=lambda: NOW,
    )


def latest(watch):
    return watch.current().latest(NUMBER, NOW.date())


def status(watch):
    return latest(watch).record.status


def test_before_the_start_nothing_is_known(parts):
    assert RegistryWatch(parts).current() is NOTHING_SEEN


def test_without_refreshing_the_store_is_read_and_nobody_asked(parts, client):
    watch = RegistryWatch(replace(parts, every=timedelta(0)))
    watch.start()
    watch.stop()
    assert (status(watch), client.asked) == ("RECRUITING", 0)


def test_without_encoded_trials_nobody_is_asked(parts, client):
    watch = RegistryWatch(replace(parts, numbers=()))
    watch.start()
    watch.stop()
    assert client.asked == 0


def test_a_turn_refreshes_and_swaps(parts, client):
    watch = RegistryWatch(parts)
    watch.turn()
    assert (status(watch), client.asked) == ("COMPLETED", 1)
    assert latest(watch).day == NOW.date()


def test_two_processes_refresh_once_and_both_know(parts, client):
    one, other = RegistryWatch(parts), RegistryWatch(parts)
    one.turn()
    other.turn()
    assert client.asked == 1
    assert status(one) == status(other) == "COMPLETED"


@pytest.mark.parametrize(("later", "asked"), [(DAY - timedelta(seconds=1), 1), (DAY, 2)])
def test_the_next_refresh_is_due_after_the_hours_of_the_setting(parts, client, later, asked):
    RegistryWatch(parts).turn()
    RegistryWatch(replace(parts, now=lambda: NOW + later)).turn()
    assert client.asked == asked


@pytest.mark.parametrize("failure", [RegistryError("down"), ValueError("MARK")])
def test_a_failure_leaves_the_last_and_is_tried_again(parts, client, lines, failure):
    watch = RegistryWatch(parts)
    client.fails = failure
    watch.turn()
    assert status(watch) == "RECRUITING"
    assert lines == [("registry refresh failed", {"error": getattr(failure, "code", "ValueError")})]
    client.fails = None
    watch.turn()
    assert (status(watch), client.asked) == ("COMPLETED", 2)


def test_a_store_that_cannot_be_read_leaves_the_last(parts, lines):
    broken: list[bool] = []

    def load():
        if broken:
            raise StoreError("down")
        return parts.load()

    watch = RegistryWatch(replace(parts, load=load, every=timedelta(0)))
    watch.start()
    broken.append(True)
    watch.start()
    assert status(watch) == "RECRUITING"
    assert lines == [("registry store unreadable", {"error": "store-failed"})]


def test_a_store_that_fails_to_open_leaves_the_last(parts, client, lines):
    def store():
        raise StoreError("down")

    watch = RegistryWatch(replace(parts, store=store))
    watch.turn()
    assert (status(watch), client.asked) == ("RECRUITING", 0)
    assert lines == [("registry refresh failed", {"error": "store-failed"})]


def test_the_store_is_read_again_once_it_has_changed(parts, path):
    loads, stamps = [], [(1, 1)]

    def load():
        loads.append(1)
        return parts.load()

    watch = RegistryWatch(replace(parts, load=load, stamp=lambda: stamps[-1], every=timedelta(0)))
    watch.start()
    assert [status(watch), status(watch), len(loads)] == ["RECRUITING", "RECRUITING", 1]
    open_database(path).save([replace(SIGHTING, day=NOW.date(), record=replace(SIGHTING.record, status="COMPLETED"))])
    stamps.append((2, 1))
    assert [status(watch), status(watch), len(loads)] == ["COMPLETED", "COMPLETED", 2]


def test_the_thread_refreshes_at_once_and_ends_when_told_to(parts, client):
    watch = RegistryWatch(parts)
    watch.start()
    watch.start()  # a second start makes no second thread
    assert client.was_asked.wait(PATIENCE)
    watch.stop()
    assert watch._thread is None
    assert (status(watch), client.asked) == ("COMPLETED", 1)


def test_a_store_that_does_not_tell_of_changes_is_read_again_although_nobody_is_asked(parts, client):
    read = Event()
    loads: list[int] = []

    def load():
        loads.append(len(loads))
        if len(loads) > 2:  # at the start, at once in the thread, and once more after the pause
            read.set()
        return parts.load()

    watch = RegistryWatch(replace(parts, load=load, every=timedelta(0), again=timedelta(milliseconds=1)))
    watch.start()
    assert read.wait(PATIENCE)
    watch.stop()
    assert client.asked == 0


@pytest.mark.parametrize(
    ("store", "again"), [("postgresql+psycopg://host/base", timedelta(minutes=5)), ("seen.db", timedelta(0))]
)
def test_only_a_database_elsewhere_is_read_again_without_a_reason(store, again):
    assert RegistryWatch.of(Settings(store=store), (NUMBER,))._parts.again == again


def test_the_settings_make_a_watch_that_follows_the_file(tmp_path):
    path = tmp_path / "state" / "seen.db"
    watch = RegistryWatch.of(Settings(store=str(path)), (NUMBER,))
    watch.start()
    assert watch.current() is NOTHING_SEEN
    assert list(tmp_path.iterdir()) == []
    open_database(str(path)).save([SIGHTING])
    assert status(watch) == "RECRUITING"
    watch.stop()
