"""Shares of calls: exactly the limit in a minute, then one more each time a call's worth of it has passed."""

import pytest

from service.web.rate_limit import Shares

ISSUER, OTHER = "https://ehr.example", "https://other.example"


class Clock:
    def __init__(self):
        self.seconds = 1_000_000.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.mark.parametrize("limit", [1, 6, 7, 60, 3_000])
def test_a_whole_share_may_be_used_at_once_and_not_one_call_more(clock, limit):
    shares = Shares({ISSUER: limit}, clock)
    assert [shares.take(ISSUER) for _ in range(limit)] == [0] * limit
    assert shares.take(ISSUER) >= 1


def test_the_next_call_may_come_when_its_part_of_the_minute_has_passed(clock):
    shares = Shares({ISSUER: 6}, clock)  # one every ten seconds
    for _ in range(6):
        shares.take(ISSUER)
    assert shares.take(ISSUER) == 10
    clock.seconds += 9.9
    assert shares.take(ISSUER) == 1
    clock.seconds += 0.1
    assert shares.take(ISSUER) == 0
    assert shares.take(ISSUER) == 10


def test_refused_calls_cost_nothing(clock):
    shares = Shares({ISSUER: 1}, clock)
    shares.take(ISSUER)
    assert [shares.take(ISSUER) for _ in range(100)] == [60] * 100
    clock.seconds += 60
    assert shares.take(ISSUER) == 0


def test_after_a_quiet_minute_the_share_is_whole_again_and_no_larger(clock):
    shares = Shares({ISSUER: 3}, clock)
    for _ in range(3):
        shares.take(ISSUER)
    clock.seconds += 3_600
    assert [shares.take(ISSUER) == 0 for _ in range(4)] == [True, True, True, False]


def test_one_issuer_does_not_use_up_the_share_of_another(clock):
    shares = Shares({ISSUER: 1, OTHER: 1}, clock)
    assert shares.take(ISSUER) == 0
    assert shares.take(ISSUER) == 60
    assert shares.take(OTHER) == 0


def test_without_a_limit_any_number_may_come(clock):
    shares = Shares({ISSUER: 0}, clock)
    assert {shares.take(ISSUER) for _ in range(10_000)} == {0}
    assert shares.take("https://of-nobody.example") == 0


def test_a_process_that_died_while_it_counted_stops_nobody(clock):
    shares = Shares({ISSUER: 2}, clock)
    shares._lock.acquire()
    assert [shares.take(ISSUER) == 0 for _ in range(3)] == [True, True, False]
