"""How fast the service answers, in ratios: `python -m tests.bench`. Nothing here passes or fails; targets stand beside.

1 is what `orjson.loads` takes for the same body in the same minutes, in a process of its own. Kinds of work take turns, so
that a busy machine makes all of them slower alike.
"""

from __future__ import annotations

import gzip
import statistics
import sys
import time
from dataclasses import dataclass, field

from tests.bench.bodies import SIZES, Body, patient_view
from tests.bench.crowds import measure_crowds
from tests.bench.fallback import print_fallback
from tests.bench.in_process import Worker, consulting, decoding, worker
from tests.bench.server import HOOK, Server, seconds_of_bare_python, seconds_to_start, serving

_SMALL, _TYPICAL, _LARGE, _HUGE = SIZES[0], SIZES[2], SIZES[3], SIZES[4]
_ROUNDS = 10


@dataclass(frozen=True)
class Plan:
    """How often in each round, and how many seconds all rounds may take."""

    decoded: int
    consulted: int
    asked: int
    seconds: float


_PLANS = {
    20: Plan(40, 20, 40, 8),
    100: Plan(30, 20, 30, 10),
    1_000: Plan(10, 10, 30, 25),
    10_000: Plan(2, 3, 20, 50),
    20_000: Plan(1, 1, 3, 40),
}


@dataclass
class Times:
    """Seconds of one size."""

    body: Body
    decoded: list[float] = field(default_factory=list)
    consulted: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)
    gzipped: list[float] = field(default_factory=list)
    cards: int = 0


def main() -> None:
    """Measure and print."""
    bodies = {size: patient_view(size) for size in SIZES}
    bare = statistics.median(seconds_of_bare_python() for _ in range(9))
    start = statistics.median(seconds_to_start() for _ in range(3))
    first, ordinary, megabytes = _fresh(bodies[_TYPICAL].sent)
    with worker(decoding) as decoder, worker(consulting) as reader, serving() as server:
        times = {size: _measure(bodies[size], _PLANS[size], decoder, reader, server) for size in SIZES}
        health = statistics.median(server.ask("/health") for _ in range(400))
        refused = statistics.median(server.ask("/cds-services/unknown", bodies[_SMALL].sent, expected=404) for _ in range(400))
        at_last = max(server.worker_megabytes())
    crowds = measure_crowds(bodies[_TYPICAL].sent, bodies[_SMALL].sent)
    _print_sizes(times)
    small, typical, large, huge = (times[size] for size in (_SMALL, _TYPICAL, _LARGE, _HUGE))
    rows = [
        ("whole answer at 1,000 / orjson.loads", _ratio(typical.answered, typical.decoded), "<= 2.0"),
        ("whole answer at 10,000 / orjson.loads", _ratio(large.answered, large.decoded), "<= 1.0"),
        ("p99 / p50 of the whole answer at 1,000", _p99(typical.answered) / _p50(typical.answered), "<= 3"),
        ("first request after start / median, at 1,000", first / ordinary, "<= 2"),
        ("memory of a worker after 1,000, MiB", megabytes, "<= 100"),
        ("memory of a worker after 20,000, MiB", at_last, ""),
        ("start to first answer / bare python", start / bare, "<= 60"),
        ("growth of the whole answer, 20,000 / 10,000", _ratio(huge.answered, large.answered), "<= 2.3"),
        ("gzip / plain, whole answer at 1,000", _ratio(typical.gzipped, typical.answered), ""),
        ("whole answer at 20 / constant answer (GET /health)", _p50(small.answered) / health, ""),
        ("whole answer at 20 / constant answer (POST, 404)", _p50(small.answered) / refused, ""),
        *crowds,
    ]
    _write(f"\n{'measure':<52} {'value':>8}  target")
    for name, value, target in rows:
        _write(f"{name:<52} {value:>8.2f}  {target}".rstrip())
    _write(f"\nconstant answers: GET /health {health * 1000:.2f} ms, POST refused with 404 {refused * 1000:.2f} ms")
    _write(f"bare python {bare * 1000:.0f} ms, start to first answer {start * 1000:.0f} ms")
    print_fallback()


def _fresh(body: bytes) -> tuple[float, float, float]:
    """Return first request, median of the next ones and the memory of the process that answered, of a server just started."""
    firsts: list[float] = []
    ordinary: list[float] = []
    megabytes: list[float] = []
    for _ in range(3):
        with serving("--workers", "1") as server:
            server.ask("/health")
            firsts.append(server.ask(HOOK, body))
            ordinary += [server.ask(HOOK, body) for _ in range(30)]
            megabytes += server.worker_megabytes()
    return statistics.median(firsts), statistics.median(ordinary), max(megabytes)


def _measure(body: Body, plan: Plan, decoder: Worker, reader: Worker, server: Server) -> Times:
    times = Times(body, cards=server.cards(body.sent))
    decoder.load(body.sent)
    reader.load(body.sent)
    decoder.times(1)
    reader.times(1)
    small = gzip.compress(body.sent, 6)
    until = time.perf_counter() + plan.seconds
    for number in range(_ROUNDS):
        if number and time.perf_counter() > until:
            break
        times.decoded += decoder.times(plan.decoded)
        times.consulted += reader.times(plan.consulted)
        server.reconnect()
        server.ask("/health")
        times.answered += [server.ask(HOOK, body.sent) for _ in range(plan.asked)]
        times.gzipped += [server.ask(HOOK, small, gzipped=True) for _ in range(max(1, plan.asked // 5))]
    return times


def _print_sizes(times: dict[int, Times]) -> None:
    heads = ("resources", "kB", "cards", "n", "orjson ms", "consult", "answer", "p50 ms", "p99 ms", "p99/p50", "gzip")
    _write("whole answer over HTTP and consultation in process; 1 = orjson.loads of the same body\n")
    _write(" ".join(f"{head:>9}" for head in heads))
    for row in times.values():
        cells = (
            f"{row.body.resources}",
            f"{len(row.body.sent) / 1000:.0f}",
            f"{row.cards}",
            f"{len(row.answered)}",
            f"{_p50(row.decoded) * 1000:.3f}",
            f"{_ratio(row.consulted, row.decoded):.2f}",
            f"{_ratio(row.answered, row.decoded):.2f}",
            f"{_p50(row.answered) * 1000:.2f}",
            f"{_p99(row.answered) * 1000:.2f}",
            f"{_p99(row.answered) / _p50(row.answered):.2f}",
            f"{_ratio(row.gzipped, row.answered):.2f}",
        )
        _write(" ".join(f"{cell:>9}" for cell in cells))


def _p50(times: list[float]) -> float:
    return statistics.median(times)


def _p99(times: list[float]) -> float:
    return sorted(times)[min(len(times) - 1, round(len(times) * 0.99))]


def _ratio(times: list[float], others: list[float]) -> float:
    return _p50(times) / _p50(others)


def _write(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
