"""Whole answers of records of five sizes, one client: ratios to decoding the same bodies, and to a constant answer."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from itertools import cycle
from typing import TYPE_CHECKING

from tests.bench.bodies import SIZES, Bodies
from tests.bench.caller import get, post, post_gzipped
from tests.bench.in_process import Worker, consulting, decoding, worker
from tests.bench.measures import Measure, at_most, p50, p99, ratios
from tests.bench.plain_server import CONSTANT
from tests.bench.server import Server, serving, serving_plain

if TYPE_CHECKING:
    from collections.abc import Iterator

SMALL, FEW, TYPICAL, LARGE, HUGE = SIZES
_ROUNDS, _FEWEST_ROUNDS = 10, 5
_SECONDS = 150.0  # after which no further round begins
_UNKNOWN = "/cds-services/unknown"
_NOT_FOUND = 404


@dataclass(frozen=True, slots=True)
class Plan:
    """How often in each round."""

    decoded: int
    consulted: int
    asked: int


# The patients go on taking turns from round to round.
_PLANS = {SMALL: Plan(40, 24, 64), FEW: Plan(32, 16, 32), TYPICAL: Plan(24, 16, 40), LARGE: Plan(4, 4, 8), HUGE: Plan(1, 2, 2)}


@dataclass
class Times:
    """Medians of each round for one size, in seconds, and every answer."""

    bodies: Bodies
    cards: list[int]
    decoded: list[float] = field(default_factory=list)
    consulted: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)
    gzipped: list[float] = field(default_factory=list)
    constant: list[float] = field(default_factory=list)
    every: list[float] = field(default_factory=list)


class _Calls:
    """The requests of one size, encoded, each in its turn."""

    def __init__(self, bodies: Bodies) -> None:
        self.plain = cycle([post(body) for body in bodies.sent])
        self.gzipped = cycle([post_gzipped(body) for body in bodies.sent])
        self.constant = cycle([post(body, CONSTANT) for body in bodies.sent])
        self.unknown = cycle([post(body, _UNKNOWN) for body in bodies.sent])


def measure_sizes(bodies: dict[int, Bodies]) -> tuple[list[Measure], list[str]]:
    """Return the measures, and the lines of a table with the times behind them.

    Kinds of work and sizes take turns, so that a busy machine makes all of them slower alike.
    """
    calls = {size: _Calls(one) for size, one in bodies.items()}
    with worker(decoding) as decoder, worker(consulting) as reader, serving("--workers", "1") as server:
        _, answer = server.ask(next(calls[SMALL].plain))
        with serving_plain(answer, 1) as plain:
            times = {size: Times(one, _cards(server, calls[size], len(one.each))) for size, one in bodies.items()}
            for size, one in bodies.items():
                decoder.load(size, one.sent)
                reader.load(size, one.sent)
            health: list[float] = []
            refused: list[float] = []
            until = time.perf_counter() + _SECONDS
            for number in range(_ROUNDS):
                if number >= _FEWEST_ROUNDS and time.perf_counter() > until:
                    break
                for size in bodies:
                    _round(times[size], calls[size], _PLANS[size], decoder, reader, server, plain)
                health.append(p50(server.seconds(get("/healthz")) for _ in range(64)))
                refused.append(p50(server.seconds(next(calls[SMALL].unknown), _NOT_FOUND) for _ in range(64)))
    small, typical, large, huge = (times[size] for size in (SMALL, TYPICAL, LARGE, HUGE))
    return [
        Measure("1,000 resources: p50 of the answer / orjson.loads", ratios(typical.answered, typical.decoded), at_most(0.8)),
        Measure("10,000 resources: p50 of the answer / orjson.loads", ratios(large.answered, large.decoded), at_most(0.3)),
        Measure(
            "20 resources: p50 / constant answer, plain server, same worker", ratios(small.answered, small.constant), at_most(2)
        ),
        Measure("20 resources: p50 / GET /healthz of the service", ratios(small.answered, health)),
        Measure("20 resources: p50 / POST that the service refuses with 404", ratios(small.answered, refused)),
        Measure("growth: p50 at 20,000 / p50 at 10,000", ratios(huge.answered, large.answered), at_most(2.3)),
        Measure("1,000 resources: gzip / plain", ratios(typical.gzipped, typical.answered), at_most(1.3)),
        *(_milliseconds(f"{size:,} resources: p50 of the answer", times[size].answered) for size in bodies),
        *(
            Measure(
                f"{size:,} resources: bytes to verdicts in process / orjson.loads",
                ratios(times[size].consulted, times[size].decoded),
            )
            for size in bodies
        ),
        _milliseconds("20 resources: bytes to verdicts in process", small.consulted),
        _milliseconds("1,000 resources: orjson.loads", typical.decoded),
        _milliseconds("10,000 resources: orjson.loads", large.decoded),
    ], list(_table(times))


def _cards(server: Server, calls: _Calls, patients: int) -> list[int]:
    """Return how many cards each patient has: an answer of nothing would be no measure."""
    return [server.ask(next(calls.plain))[1].count(b'"indicator"') for _ in range(patients)]


def _round(times: Times, calls: _Calls, plan: Plan, decoder: Worker, reader: Worker, server: Server, plain: Server) -> None:
    size = times.bodies.size
    times.decoded.append(p50(decoder.times(size, plan.decoded)))
    times.consulted.append(p50(reader.times(size, plan.consulted)))
    server.ready()
    answered = [server.seconds(next(calls.plain)) for _ in range(plan.asked)]
    times.every += answered
    times.answered.append(p50(answered))
    times.gzipped.append(p50(server.seconds(next(calls.gzipped)) for _ in range(max(2, plan.asked // 4))))
    plain.close()
    plain.seconds(next(calls.constant))
    times.constant.append(p50(plain.seconds(next(calls.constant)) for _ in range(plan.asked)))


def _milliseconds(name: str, seconds: list[float]) -> Measure:
    return Measure(name, tuple(one * 1000 for one in seconds), unit="ms")


def _table(times: dict[int, Times]) -> Iterator[str]:
    heads = (
        "resources",
        "kB",
        "patients",
        "cards",
        "n",
        "orjson ms",
        "verdicts",
        "answer",
        "p50 ms",
        "p99 ms",
        "constant",
        "gzip",
    )
    yield "one client; 1 = orjson.loads of the same bodies (ms); `verdicts` in process, `answer` over HTTP; gzip / plain"
    yield " ".join(f"{head:>9}" for head in heads)
    for row in times.values():
        cells = (
            f"{row.bodies.size}",
            f"{row.bodies.typical_bytes / 1000:.0f}",
            f"{len(row.bodies.each)}",
            f"{min(row.cards)}-{max(row.cards)}",
            f"{len(row.every)}",
            f"{p50(row.decoded) * 1000:.3f}",
            f"{p50(ratios(row.consulted, row.decoded)):.2f}",
            f"{p50(ratios(row.answered, row.decoded)):.2f}",
            f"{p50(row.answered) * 1000:.2f}",
            f"{p99(row.every) * 1000:.2f}",
            f"{p50(row.constant) * 1000:.2f}",
            f"{p50(ratios(row.gzipped, row.answered)):.2f}",
        )
        yield " ".join(f"{cell:>9}" for cell in cells)
