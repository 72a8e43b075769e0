"""Rows of the table for two processes under load: saturated, at half of that, and with half of the connections stalled."""

from __future__ import annotations

import statistics

from tests.bench.crowd import Crowd, crowd, stalled
from tests.bench.server import serving

Row = tuple[str, float, str]

_SECONDS = 12.0
_SATURATING = 8  # clients that never pause; more only wait longer
_CONNECTIONS = 100


def measure_crowds(typical: bytes, small: bytes) -> list[Row]:
    """Return the rows. `typical`: a call of 1,000 resources; `small`: one of 20.

    How the service answers while it fetches what was not sent is to be measured here too: against a record server that takes
    50 ms for each answer.
    """
    with serving("--workers", "2") as server:
        server.ask("/health")
        crowd(server.port, typical, 4, 2.0)  # both processes are warm
        full = crowd(server.port, typical, _SATURATING, _SECONDS)
        # So many clients, each asking once in that time, ask half as often as can be answered.
        half = crowd(server.port, typical, 2 * _SATURATING, _SECONDS, 4 * _SATURATING / full.per_second)
        alone = crowd(server.port, small, _CONNECTIONS // 2, _SECONDS / 2, 1.0)
        with stalled(server.port, typical, _CONNECTIONS // 2):
            beside = crowd(server.port, small, _CONNECTIONS // 2, _SECONDS / 2, 1.0)
    return [
        ("2 processes, 1,000: saturated, answers a second", full.per_second, ""),
        ("2 processes, 1,000: saturated, p50 ms", _p50(full) * 1000, ""),
        ("2 processes, 1,000: saturated, p99 ms", _p99(full) * 1000, ""),
        ("2 processes, 1,000: half as many, answers a second", half.per_second, ""),
        ("2 processes, 1,000: half as many, p50 ms", _p50(half) * 1000, ""),
        ("2 processes, 1,000: half as many, p99 ms", _p99(half) * 1000, ""),
        ("2 processes, 1,000: half as many, p99 / p50", _p99(half) / _p50(half), "<= 4"),
        ("50 of 100 connections stalled: not answered", float(beside.failed), "0"),
        ("50 of 100 connections stalled: p50 / p50 without", _p50(beside) / _p50(alone), "about 1"),
        ("50 of 100 connections stalled: p99 ms", _p99(beside) * 1000, ""),
    ]


def _p50(found: Crowd) -> float:
    return statistics.median(found.answered) if found.answered else float("nan")


def _p99(found: Crowd) -> float:
    times = sorted(found.answered)
    return times[min(len(times) - 1, round(len(times) * 0.99))] if times else float("nan")
