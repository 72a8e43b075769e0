"""The arithmetic of large cohorts."""

import pytest

from tests.bench.measures import Measure
from tests.bench.plan import PATIENT, SPEED, Rates, hours, plan, rates
from tests.bench.run_file import Run


def run_of(*measures):
    return Run("2031-04-02T10:00:00Z", "", {}, {}, {}, measures)


def test_one_core_does_half_of_what_two_do():
    assert rates(run_of(Measure(SPEED, (200.0,)), Measure(PATIENT, (8.0,)))) == Rates(100e6, 0.008)


def test_what_was_not_measured_is_not_planned():
    assert rates(run_of(Measure(SPEED, (200.0,)))) is None
    assert rates(run_of(Measure(SPEED, ()), Measure(PATIENT, (8.0,)))) is None
    assert list(plan(run_of())) == []


def test_bytes_and_patients_take_their_time_divided_among_the_cores():
    # 10 TB at 100 MB/s are 100,000 core seconds; on 16 cores 6,250 s.
    assert hours(10, 16, Rates(100e6, 0.008)) == pytest.approx(6_250 / 3600)
    # 10,000 patients of 8 ms are 80 core seconds more: 5 s on 16 cores.
    assert hours(10, 16, Rates(100e6, 0.008), 10_000) == pytest.approx(6_255 / 3600)


def test_the_table_has_a_row_for_each_size():
    lines = list(plan(run_of(Measure(SPEED, (200.0,)), Measure(PATIENT, (8.0,)))))
    # 10 TB: 100,000 core seconds are 27.8 core hours.
    assert lines[4] == "| 10 TB | 13.9 h | 1.7 h | 0.4 h | 0.1 h |"
    # 10,000 patients: 80 core seconds are 1.33 core minutes.
    assert lines[5] == "| 10,000 more with ALL | 0.7 min | 0.1 min | 0.0 min | 0.0 min |"
    assert {line.count("|") for line in lines} == {6}
