"""How much longer the slowest answers take than the median, for one client that is never answered by two processes."""

from __future__ import annotations

import time
from itertools import cycle
from typing import TYPE_CHECKING

from tests.bench.caller import post
from tests.bench.measures import Measure, at_most, p50, p99, quantile
from tests.bench.plain_server import CONSTANT, DECODING
from tests.bench.server import Server, serving, serving_plain

if TYPE_CHECKING:
    from tests.bench.bodies import Bodies

_ROUNDS, _FEWEST_ROUNDS = 5, 3
_SECONDS = 90.0  # after which no further round begins
_REQUESTS = 1_000


def measure_steadiness(typical: Bodies) -> list[Measure]:
    """Return the measures of rounds of 1,000 requests each.

    The same requests to a server that answers a constant show what the machine does by itself, those to one that only runs
    `orjson.loads` what its collector does.
    """
    ours: list[list[float]] = []
    constant: list[list[float]] = []
    decoding: list[list[float]] = []
    with serving("--workers", "1") as server:
        _, answer = server.ask(post(typical.sent[0]))
        with serving_plain(answer, 1) as plain:
            until = time.perf_counter() + _SECONDS
            for number in range(_ROUNDS):
                if number >= _FEWEST_ROUNDS and time.perf_counter() > until:
                    break
                ours.append(_asked(server, [post(body) for body in typical.sent], _REQUESTS))
                constant.append(_asked(plain, [post(body, CONSTANT) for body in typical.sent], _REQUESTS))
                decoding.append(_asked(plain, [post(body, DECODING) for body in typical.sent], _REQUESTS // 5))
    return [
        Measure("1,000 resources: p99 / p50, one client, 1,000 requests", _tails(ours), at_most(1.5)),
        Measure("1,000 resources: p90 / p50, one client, 1,000 requests", tuple(quantile(one, 0.9) / p50(one) for one in ours)),
        Measure("the same of a constant answer: p99 / p50", _tails(constant)),
        Measure("the same of a server that only runs orjson.loads: p99 / p50", _tails(decoding)),
    ]


def _asked(server: Server, requests: list[bytes], count: int) -> list[float]:
    server.close()
    turns = cycle(requests)
    for _ in requests:
        server.seconds(next(turns))
    return [server.seconds(next(turns)) for _ in range(count)]


def _tails(rounds: list[list[float]]) -> tuple[float, ...]:
    return tuple(p99(one) / p50(one) for one in rounds)
