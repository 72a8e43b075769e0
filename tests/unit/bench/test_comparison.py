"""What is said of a run beside the runs before it."""

import math

import pytest

from tests.bench.comparison import HIGHER, LOWER, UNSURE, WITHIN, caveats, change, number, previous, table
from tests.bench.measures import Measure, at_least, at_most
from tests.bench.run_file import Run


def run_of(*measures, began="2031-04-02T10:00:00Z", python="3.11.7", orjson="3.13.0", digest="d"):
    machine = {"processor": "P", "cores": 2, "python": python, "load": 0.5}
    return Run(began, "abc123", machine, {"orjson": orjson}, {"20": {"digest": digest}}, measures)


@pytest.mark.parametrize(
    ("now", "before", "moved"),
    [
        ((1.0, 1.1, 1.2), (1.3, 1.4, 1.5), LOWER),
        ((1.3, 1.4, 1.5), (1.0, 1.1, 1.2), HIGHER),
        # A round that both have is enough to say nothing.
        ((1.0, 1.1, 1.2), (1.2, 1.3, 1.4), WITHIN),
        ((1.0, 1.1, 1.25), (1.2, 1.3, 1.4), WITHIN),
        # Ten rounds: one that a neighbour disturbed hides nothing.
        ((*[1.0] * 9, 9.0), (*[2.0] * 9, 0.1), LOWER),
        ((1.0, 1.1), (2.0, 2.1, 2.2), UNSURE),
        ((1.0, 1.1, 1.2), (2.0,), UNSURE),
    ],
)
def test_a_change_counts_where_no_round_lies_among_the_others(now, before, moved):
    assert change(Measure("a", now), Measure("a", before)) == moved


def test_the_value_before_is_that_of_the_newest_run_that_has_it():
    newest = run_of(Measure("b", (2.0,)), Measure("c", ()), began="2031-04-03T10:00:00Z")
    older = run_of(Measure("a", (1.0,)), Measure("b", (1.0,)), Measure("c", (3.0,)))
    found = [previous(name, [newest, older]) for name in ("a", "b", "c")]
    assert [one and one[1].value for one in found] == [1.0, 2.0, 3.0]
    assert previous("d", [newest, older]) is None


def test_what_was_not_the_same_is_said():
    assert caveats(run_of(), run_of()) == []
    assert caveats(run_of(), run_of(python="3.12.1", orjson="3.12.0", digest="e")) == [
        "python: 3.12.1 then, 3.11.7 now",
        "orjson: 3.12.0 then, 3.13.0 now",
        "the bodies were others",
    ]


def test_bodies_of_sizes_that_only_one_run_asked_for_are_no_others():
    part = run_of(digest="e")
    part.bodies["1000"] = part.bodies.pop("20")
    assert caveats(part, run_of()) == caveats(run_of(), part) == []


def test_the_load_of_the_machine_is_no_other_machine():
    busy = run_of()
    busy.machine["load"] = 9.0
    assert caveats(run_of(), busy) == []


def test_a_line_says_value_rounds_target_verdict_the_value_before_and_the_change():
    now = run_of(Measure("fast", (0.7, 0.75, 0.8), at_most(0.8)), Measure("many", (10.0, 11.0, 12.0), at_least(15), "/s"))
    before = run_of(Measure("fast", (1.4, 1.5, 1.6), at_most(0.8)))
    lines = [line.split() for line in table(now, [before])]
    assert lines[1] == ["fast", "0.750", "0.700–0.800", "<=", "0.8", "yes", "1.50", "-50", "%", "LOWER"]
    assert lines[2] == ["many", "11.0", "/s", "10.0–12.0", ">=", "15", "NO"]
    assert lines[3] == ["1", "of", "2", "targets", "met"]


def test_what_was_measured_once_is_not_called_a_change():
    (line,) = table(run_of(Measure("once", (2.0,))), [run_of(Measure("once", (1.0,)))])[1:2]
    assert line.split() == ["once", "2.00", "1.00", "+100", "%", "too", "few", "rounds"]


def test_a_value_before_of_nothing_has_no_share():
    now, before = run_of(Measure("lost", (1.0, 1.0, 1.0))), run_of(Measure("lost", (0.0, 0.0, 0.0)))
    assert table(now, [before])[1].split() == ["lost", "1.00", "1.00–1.00", "0.000", "HIGHER"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1234, "0.123"),
        (0.999, "0.999"),
        (1.0, "1.00"),
        (9.994, "9.99"),
        (10, "10.0"),
        (99.9, "99.9"),
        (100, "100"),
        (math.nan, "-"),
    ],
)
def test_numbers_have_three_digits(value, text):
    assert number(value) == text
