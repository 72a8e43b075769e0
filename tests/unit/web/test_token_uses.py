"""A token is used once even while the store is down, as far as one process can tell; what is lost is counted."""

from datetime import UTC, datetime, timedelta

import pytest

from service.errors import StoreError
from service.stores.database import open_database
from service.web import metrics, token_uses
from service.web.token_uses import TokenUses

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
UNTIL = NOW + timedelta(minutes=6)


class Store:
    """A store that can be down."""

    def __init__(self):
        self.down = False
        self.asked = []

    def open(self):
        if self.down:
            raise StoreError("down")
        return self

    def use_token(self, _issuer, token_id, _until, _now):
        self.asked.append(token_id)
        if self.down:
            raise StoreError("down")
        return self.asked.count(token_id) == 1


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def store():
    return Store()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def uses(store, clock):
    return TokenUses(store.open, clock)


def lost():
    return metrics.TOKENS_NOT_STORED._value.get()


def test_ch_j_12_two_processes_with_one_store(tmp_path):
    one, other = (TokenUses(lambda: open_database(str(tmp_path / "s.db"))) for _ in range(2))
    assert one.first("i", "j", UNTIL, NOW)
    assert not other.first("i", "j", UNTIL, NOW)
    assert not one.first("i", "j", UNTIL, NOW)


def test_a_replay_in_the_same_process_costs_the_store_nothing(uses, store):
    assert [uses.first("i", "j", UNTIL, NOW) for _ in range(3)] == [True, False, False]
    assert store.asked == ["j"]


def test_a_store_that_is_down_stops_no_call_and_the_loss_is_counted(uses, store, capfd):
    store.down = True
    before = lost()
    assert uses.first("i", "MARK", UNTIL, NOW)
    assert not uses.first("i", "MARK", UNTIL, NOW)
    assert lost() == before + 1
    said = "".join(capfd.readouterr())
    assert "token store failed" in said
    assert "MARK" not in said


@pytest.mark.parametrize(("seconds", "asked"), [(29.9, False), (30, True)])
def test_a_store_that_was_down_is_tried_again_after_a_pause(uses, store, clock, seconds, asked):
    store.down = True
    uses.first("i", "a", UNTIL, NOW)
    store.down = False
    clock.now += seconds
    before = lost()
    assert uses.first("i", "b", UNTIL, NOW)
    assert store.asked == (["b"] if asked else [])
    assert lost() == before + (0 if asked else 1)


def test_a_store_that_fails_later_is_opened_anew(uses, store, clock):
    assert uses.first("i", "a", UNTIL, NOW)
    store.down = True
    assert uses.first("i", "b", UNTIL, NOW)
    store.down = False
    clock.now += 30
    assert uses.first("i", "c", UNTIL, NOW)
    assert store.asked == ["a", "b", "c"]


def test_what_is_remembered_here_has_an_end(uses, monkeypatch):
    monkeypatch.setattr(token_uses, "_MOST", 2)
    assert uses.first("i", "a", NOW + timedelta(seconds=1), NOW)
    assert uses.first("i", "b", UNTIL, NOW)
    later = NOW + timedelta(seconds=1)
    assert uses.first("i", "c", UNTIL, later)  # a is over and makes room
    assert set(uses._seen) == {("i", "b"), ("i", "c")}
    assert uses.first("i", "d", UNTIL, later)  # nothing is over: the oldest goes
    assert set(uses._seen) == {("i", "c"), ("i", "d")}
