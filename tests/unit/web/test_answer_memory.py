"""The thread that keeps answers and feedback: it waits for the store, nobody waits for it, and nothing is lost unsaid."""

from datetime import UTC, datetime
from threading import Event

import pytest
from flask import Flask, g

from service.errors import StoreError
from service.settings import Settings
from service.stores.kept import GivenFeedback, ShownCard
from service.web import answer_memory as module
from service.web import metrics
from service.web.answer_memory import AnswerMemory
from service.web.keeping import caller

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LONG = 60  # seconds: only a thread that never runs makes a test wait


def shown(name):
    return [ShownCard(name, (), (), "topic", "svc", "patient-view", "sha256:x", "open", NOON)]


def told(name):
    return [GivenFeedback(name, "overridden", NOON, "open", NOON)]


class Store:
    """A store that can fail, stall, and say what it was given."""

    def __init__(self):
        self.cards, self.feedback = [], []
        self.failures = []
        self.opened = 0
        self.stalled, self.go_on = Event(), Event()
        self.go_on.set()

    def open(self):
        self.opened += 1
        return self

    def _use(self):
        self.stalled.set()
        assert self.go_on.wait(LONG)
        if self.failures:
            raise self.failures.pop(0)

    def add_shown(self, cards):
        self._use()
        self.cards += [card.card for card in cards]

    def add_feedback(self, items):
        self._use()
        self.feedback += [item.card for item in items]
        return len([item for item in items if item.card not in self.cards])


@pytest.fixture
def store():
    return Store()


@pytest.fixture
def memory(store):
    memory = AnswerMemory(store.open, room=2, patience=LONG, pause=0)
    yield memory
    store.go_on.set()
    memory.stop()


@pytest.fixture
def lines(lines_of):
    return lines_of(module)


@pytest.fixture
def lost():
    before = metrics.ANSWERS_LOST._value.get()
    return lambda: metrics.ANSWERS_LOST._value.get() - before


def test_answers_and_what_is_told_of_them_are_kept_in_their_order(memory, store, lost):
    memory.keep(shown("a"))
    memory.keep(shown("b"))
    assert memory.take(told("a")) == 0
    assert (store.cards, store.feedback) == (["a", "b"], ["a"])
    assert memory.take(told("x")) == 1
    assert (store.opened, lost()) == (1, 0)


def test_stopping_writes_what_still_waits(memory, store, lost):
    memory.keep(shown("a"))
    memory.stop()
    assert (store.cards, lost()) == (["a"], 0)


def test_a_store_that_stalls_holds_up_no_answer_and_what_finds_no_room_is_counted(memory, store, lost):
    store.go_on.clear()
    memory.keep(shown("a"))
    assert store.stalled.wait(LONG)  # the thread hangs in the store, with this answer still in the queue
    memory.keep(shown("b"))
    assert lost() == 0
    memory.keep(shown("c"))
    assert lost() == 1
    store.go_on.set()
    memory.stop()
    assert store.cards == ["a", "b"]


def test_feedback_that_a_stalled_store_does_not_take_in_time_is_refused(store):
    memory = AnswerMemory(store.open, patience=0)
    store.go_on.clear()
    with pytest.raises(StoreError, match="in time"):
        memory.take(told("a"))
    assert store.stalled.wait(LONG)
    memory._patience = LONG
    with pytest.raises(StoreError, match="nothing at the moment"):  # at once: it would wait as long as the first
        memory.take(told("b"))
    store.go_on.set()
    for _ in range(10 * LONG):
        if not memory._stalled:
            break
        Event().wait(0.1)
    memory.take(told("c"))
    memory.stop()
    assert store.feedback == ["a", "c"]  # kept late is no harm: it is kept once however often it comes


def test_what_could_not_be_written_is_tried_again_until_it_is(memory, store, lines, lost):
    store.failures = [StoreError("down"), StoreError("down"), StoreError("down")]
    before = metrics.STORE_FAILURES._value.get()
    memory.keep(shown("a"))
    memory.keep(shown("b"))
    while store.failures:
        store.stalled.clear()
        assert store.stalled.wait(LONG)
    assert memory.take(told("a")) == 0
    assert (store.cards, lost()) == (["a", "b"], 0)
    assert metrics.STORE_FAILURES._value.get() == before + 3
    assert lines == [("answers cannot be kept", {"error": "store-failed"})]  # said once
    assert store.opened == 4  # anew after each failure


def test_feedback_is_not_acknowledged_while_its_answers_cannot_be_kept(store, lines):
    memory = AnswerMemory(store.open, patience=LONG, pause=LONG)
    store.failures = [StoreError("down"), StoreError("down")]
    memory.keep(shown("a"))
    with pytest.raises(StoreError, match="down"):
        memory.take(told("a"))
    assert store.feedback == []
    store.failures = []
    assert memory.take(told("a")) == 0
    memory.stop()
    assert (store.cards, store.feedback) == (["a"], ["a"])


def test_feedback_that_fails_alone_tells_its_sender(memory, store, lines):
    store.failures = [StoreError("down")]
    with pytest.raises(StoreError, match="down"):
        memory.take(told("a"))
    assert memory.take(told("a")) == 1


def test_an_error_that_nobody_foresaw_does_not_end_the_thread_and_is_told_by_its_kind(memory, store, lines):
    store.failures = [ValueError("SURNAME")]
    memory.keep(shown("a"))
    while store.failures:
        store.stalled.clear()
        assert store.stalled.wait(LONG)
    assert memory.take(told("a")) == 0
    assert lines == [("answers cannot be kept", {"error": "ValueError"})]


def test_after_the_end_nothing_is_taken_and_that_is_counted(memory, store, lost):
    memory.stop()
    memory.keep(shown("a"))
    assert lost() == 1
    with pytest.raises(StoreError):
        memory.take(told("a"))
    memory.stop()
    assert (store.cards, store.opened) == ([], 0)


def test_what_cannot_be_written_before_the_end_is_counted(store, lines, lost):
    memory = AnswerMemory(store.open, pause=LONG)
    store.failures = [StoreError("down")] * 5
    memory.keep(shown("a"))
    memory.keep(shown("b"))
    memory.stop()
    assert (store.cards, lost()) == ([], 2)


def test_without_a_store_nothing_is_kept_and_nothing_is_lost(lost):
    memory = AnswerMemory(None)
    memory.start()
    memory.keep(shown("a"))
    assert memory.take(told("a")) == 0
    assert memory._thread is None
    memory.stop()
    assert lost() == 0


def test_nothing_begins_no_thread(memory, store):
    memory.keep(())
    assert memory.take(()) == 0
    assert memory._thread is None


def test_the_thread_that_was_started_is_the_one_that_writes(memory, store):
    memory.start()
    thread = memory._thread
    memory.start()
    memory.keep(shown("a"))
    assert memory._thread is thread
    memory.stop()
    assert (store.cards, thread.is_alive()) == (["a"], False)


def test_a_store_that_cannot_be_opened_at_the_start_is_said_and_opened_later(store, lines):
    failures = [StoreError("down")]

    def open_store():
        if failures:
            raise failures.pop()
        return store.open()

    memory = AnswerMemory(open_store)
    memory.start()
    memory.keep(shown("a"))
    memory.stop()
    assert store.cards == ["a"]
    assert lines == [("answers cannot be kept", {"error": "store-failed"})]


@pytest.mark.parametrize("keep", [True, False])
def test_the_setting_decides_and_the_store_is_made_at_the_start(tmp_path, keep, lines):
    path = tmp_path / "folder" / "store.db"
    memory = AnswerMemory.of(Settings(store=str(path), keep_answers=keep))
    assert not path.exists()
    memory.start()
    memory.stop()
    assert path.is_file() is keep
    assert lines == []


@pytest.mark.parametrize(
    ("client", "called"), [(None, "open"), ("", "open"), ("https://ehr.example", "https://ehr.example"), ("x" * 201, "x" * 200)]
)
def test_the_client_is_the_one_that_was_authenticated(client, called):
    with Flask(__name__).app_context():
        if client is not None:
            g.client = client
        assert caller() == called
