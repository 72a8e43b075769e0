"""Two processes on two cores: as many answers as they can give, half of that, and half of the connections stalled."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.bench.caller import post
from tests.bench.crowd import Crowd, crowd, stalled
from tests.bench.measures import Measure, at_least, at_most, p50, p99, ratios
from tests.bench.plain_server import DECODING
from tests.bench.server import serving, serving_plain

if TYPE_CHECKING:
    from tests.bench.bodies import Bodies

_ROUNDS = 5
_SECONDS = 4.0
_SATURATING = 8  # clients that never pause; more only wait longer
_CONNECTIONS = 100


def measure_crowds(typical: Bodies, small: Bodies) -> list[Measure]:
    """Return the measures. `typical`: calls of 1,000 resources; `small`: of 20.

    The servers take turns and answer the same requests of the same clients, with the same worker, threads and processes.
    """
    ours = [post(body) for body in typical.sent]
    theirs = [post(body, DECODING) for body in typical.sent]
    light = [post(body) for body in small.sent]
    with serving("--workers", "2") as server:
        _, answer = server.ask(ours[0])
        with serving_plain(answer, 2) as plain, serving_plain(answer, 2, "--collector-as-ours") as tuned:
            turns = ((server.port, ours), (plain.port, theirs), (tuned.port, theirs))
            for port, requests in turns:
                crowd(port, requests, _SATURATING, 2.0)  # every process is warm
            full, decoding, as_ours = (list(found) for found in zip(*(_saturated(turns) for _ in range(_ROUNDS)), strict=True))
        # So many clients, each asking once in that time, ask half as often as can be answered.
        pause = 4 * _SATURATING / p50(one.per_second for one in full)
        half = [crowd(server.port, ours, 2 * _SATURATING, _SECONDS, pause) for _ in range(_ROUNDS)]
        alone: list[Crowd] = []
        beside: list[Crowd] = []
        for _ in range(3):
            alone.append(crowd(server.port, light, _CONNECTIONS // 2, _SECONDS, 1.0))
            with stalled(server.port, typical.sent[0], _CONNECTIONS // 2):
                beside.append(crowd(server.port, light, _CONNECTIONS // 2, _SECONDS, 1.0))
    lost = [float(one.failed) for one in (*full, *half, *beside)]
    return [
        Measure(
            "2 processes, 1,000: answers a second / only orjson.loads", ratios(_speed(full), _speed(decoding)), at_least(1.5)
        ),
        Measure("the same / orjson.loads under our collector settings", ratios(_speed(full), _speed(as_ours))),
        Measure("2 processes, 1,000: answers a second", _speed(full), unit="/s"),
        Measure("only orjson.loads: answers a second", _speed(decoding), unit="/s"),
        Measure("share of the two cores that the clients took: ours", _of(full, lambda one: one.share)),
        Measure("share of the two cores that the clients took: orjson.loads", _of(decoding, lambda one: one.share)),
        Measure("2 processes, 1,000: saturated, p50", _of(full, _p50_ms), unit="ms"),
        Measure("2 processes, 1,000: saturated, p99", _of(full, _p99_ms), unit="ms"),
        Measure("2 processes, 1,000: half as many, p50", _of(half, _p50_ms), unit="ms"),
        Measure("2 processes, 1,000: half as many, p99 / p50", _of(half, lambda one: _p99_ms(one) / _p50_ms(one)), at_most(4)),
        Measure("calls not answered, 50 of 100 connections stalled too", (sum(lost),), at_most(0)),
        Measure(
            "50 of 100 connections stalled: p50 / p50 without", ratios(_of(beside, _p50_ms), _of(alone, _p50_ms)), at_most(1.3)
        ),
        Measure("50 of 100 connections stalled: p99", _of(beside, _p99_ms), unit="ms"),
    ]


def _saturated(turns: tuple[tuple[int, list[bytes]], ...]) -> list[Crowd]:
    return [crowd(port, requests, _SATURATING, _SECONDS) for port, requests in turns]


def _of(crowds: list[Crowd], what: Callable[[Crowd], float]) -> tuple[float, ...]:
    return tuple(what(one) for one in crowds)


def _speed(crowds: list[Crowd]) -> tuple[float, ...]:
    return _of(crowds, lambda one: one.per_second)


def _p50_ms(found: Crowd) -> float:
    return p50(found.answered) * 1000


def _p99_ms(found: Crowd) -> float:
    return p99(found.answered) * 1000
