"""Pages that wait: bounded, sealed once, tried again, and counted where they are lost."""

from dataclasses import replace
from datetime import UTC, datetime
from threading import Event

import pytest

from service.errors import StoreError
from service.settings import Settings
from service.stores.kept import Purged, SealedAssessment
from service.web import answer_memory, metrics, page_queue
from service.web.answer_memory import AnswerMemory, Duties
from service.web.keeping import Call
from service.web.page_queue import PageQueue

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
CALL = Call("svc", "patient-view", "open", NOON)
LONG = 60  # seconds: only a thread that never runs makes a test wait


class MadeUpPage:
    """What the queue asks of a page."""

    def __init__(self, name, size=0, failure=None):
        self.name, self.size, self.failure = name, size, failure
        self.sealed = 0

    def seal(self, call):
        self.sealed += 1
        if self.failure is not None:
            raise self.failure
        return SealedAssessment(self.name, call.moment, call.moment, "sha256:x", call.client, b"sealed")


class Store:
    """A store that can fail and says what it was given."""

    def __init__(self):
        self.kept, self.failures, self.purged, self.opened = [], [], 0, 0
        self.tried = Event()

    def open(self):
        self.opened += 1
        return self

    def add_shown(self, cards):
        pass

    def add_feedback(self, items):
        return len(items) - len(items)

    def add_assessments(self, assessments):
        self.tried.set()
        if self.failures:
            raise self.failures.pop(0)
        self.kept += [kept.digest for kept in assessments]

    def purge(self, now, oldest):
        assert oldest <= now
        self.purged += 1
        if self.failures:
            raise self.failures.pop(0)
        return Purged(0, 0, 0)


@pytest.fixture
def store():
    return Store()


@pytest.fixture
def lines(lines_of):
    return lines_of(answer_memory, page_queue)


@pytest.fixture
def lost():
    counters = {reason: metrics.ASSESSMENTS_LOST.labels(reason=reason) for reason in ("no-room", "stopped", "not-sealed")}
    before = {reason: counter._value.get() for reason, counter in counters.items()}
    return lambda reason: counters[reason]._value.get() - before[reason]


def test_pages_are_kept_in_their_order(store):
    queue = PageQueue()
    for name in "abc":
        queue.add(MadeUpPage(name), CALL)
    queue.write(store.open)
    assert (store.kept, len(queue)) == (["a", "b", "c"], 0)


@pytest.mark.parametrize(("room", "names"), [(600_000, ["a", "b"]), (599_999, ["a"])])
def test_what_finds_no_room_is_lost_and_counted(store, lost, room, names):
    queue = PageQueue(room)
    queue.add(MadeUpPage("a", 500_000), CALL)
    queue.add(MadeUpPage("b", 1), CALL)  # the smallest counts for 100,000
    assert lost("no-room") == 2 - len(names)
    queue.write(store.open)
    assert store.kept == names
    queue.add(MadeUpPage("c", room), CALL)  # there is room again
    assert len(queue) == 1


def test_so_many_are_written_at_once_and_no_more(store):
    queue = PageQueue()
    for number in range(21):
        queue.add(MadeUpPage(str(number)), CALL)
    queue.write(store.open)
    assert (len(store.kept), len(queue)) == (20, 1)
    queue.write(store.open)
    assert (len(store.kept), len(queue)) == (21, 0)


def test_what_the_store_does_not_take_stays_and_is_sealed_once(store):
    queue, page = PageQueue(), MadeUpPage("a")
    queue.add(page, CALL)
    store.failures = [StoreError("down"), StoreError("down")]
    for _ in range(2):
        with pytest.raises(StoreError):
            queue.write(store.open)
    assert [waiting.page for waiting in queue._waiting] == [None]  # nothing that can be read waits any more
    queue.write(store.open)
    assert (store.kept, page.sealed, len(queue)) == (["a"], 1, 0)


def test_a_page_that_cannot_be_sealed_is_lost_and_holds_up_no_other(store, lost, lines):
    queue = PageQueue()
    queue.add(MadeUpPage("a", failure=ValueError("SURNAME")), CALL)
    queue.add(MadeUpPage("b"), CALL)
    queue.write(store.open)
    assert (store.kept, len(queue), lost("not-sealed")) == (["b"], 0, 1)
    assert lines == [("assessment cannot be sealed", {"error": "ValueError"})]


def test_nothing_asks_no_store(store):
    PageQueue().write(store.open)
    assert store.opened == 0


def test_the_memory_keeps_pages_whose_store_failed(store, lines):
    memory = AnswerMemory(store.open, pause=0)
    store.failures = [StoreError("down"), StoreError("down")]
    memory.keep_page(MadeUpPage("a"), CALL)
    while store.failures:
        store.tried.clear()
        assert store.tried.wait(LONG)
    memory.stop()
    assert store.kept == ["a"]
    assert lines == [("answers cannot be kept", {"error": "store-failed"})]


def test_what_waits_at_the_end_is_written_to_the_last(store, lost):
    memory = AnswerMemory(store.open)
    for number in range(45):
        memory.keep_page(MadeUpPage(str(number)), CALL)
    memory.stop()
    assert len(store.kept) == 45
    memory.keep_page(MadeUpPage("late"), CALL)
    assert lost("stopped") == 1


def test_what_cannot_be_written_before_the_end_is_counted(store, lines, lost):
    memory = AnswerMemory(store.open, pause=LONG)
    store.failures = [StoreError("down")] * 9
    memory.keep_page(MadeUpPage("a"), CALL)
    memory.keep_page(MadeUpPage("b"), CALL)
    memory.stop()
    assert (store.kept, lost("stopped")) == ([], 2)


def test_no_page_and_no_store_are_nothing(store):
    memory = AnswerMemory(store.open)
    memory.keep_page(None, CALL)
    assert memory._thread is None
    closed = AnswerMemory(None)
    closed.keep_page(MadeUpPage("a"), CALL)
    assert closed._thread is None


def test_the_thread_purges_at_its_begin_and_then_every_so_often(store):
    done = []

    def purge(given):
        assert given.purge(NOON, NOON) == Purged(0, 0, 0)
        done.append(given)
        if len(done) == 3:
            third.set()

    third = Event()
    memory = AnswerMemory(store.open, Duties(purge=purge, purge_every=0))
    memory.start()
    assert third.wait(LONG)
    memory.stop()
    assert store.purged >= 3
    often = store.purged
    rarely = AnswerMemory(store.open, Duties(purge=purge))
    for number in range(3):
        rarely.keep_page(MadeUpPage(str(number)), CALL)
    rarely.stop()
    assert store.purged == often + 1


def test_a_purge_that_fails_ends_nothing(store, lines):
    store.failures = [StoreError("down")]

    def purge(given):
        given.purge(NOON, NOON)

    memory = AnswerMemory(store.open, Duties(purge=purge))
    memory.start()
    memory.keep_page(MadeUpPage("a"), CALL)
    memory.stop()
    assert store.kept == ["a"]
    assert lines == [("answers cannot be kept", {"error": "store-failed"})]


@pytest.mark.parametrize(
    ("changes", "keeps", "cards"),
    [
        ({}, False, None),
        ({"keep_answers": True}, True, True),
        ({"encryption_keys": ("k",)}, False, None),
        ({"public_base_url": "https://cds.example"}, False, None),
        ({"encryption_keys": ("k",), "public_base_url": "https://cds.example"}, True, False),
    ],
)
def test_the_settings_say_what_the_memory_is_for(changes, keeps, cards):
    memory = AnswerMemory.of(replace(Settings(), **changes))
    assert (memory._open is not None) is keeps
    if keeps:
        assert memory._duties.cards is cards


def test_the_purge_of_the_settings_goes_by_their_days(store):
    seen = []

    class Told(Store):
        def purge(self, now, oldest):
            seen.append((now - oldest).days)
            return Purged(1, 2, 3)

    counters = [metrics.PURGED.labels(kind=kind) for kind in ("assessments", "cards", "feedback")]
    before = [counter._value.get() for counter in counters]
    purge = Duties.of(replace(Settings(), feedback_days=30)).purge
    assert purge is not None
    purge(Told())
    assert seen == [30]
    assert [counter._value.get() - was for counter, was in zip(counters, before, strict=True)] == [1, 2, 3]
