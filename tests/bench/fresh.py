"""Servers just started, one process each: the first request, what they hold in memory, and what one large request adds."""

from __future__ import annotations

import time
from itertools import cycle
from typing import TYPE_CHECKING

from tests.bench.caller import post
from tests.bench.measures import Measure, at_most, p50, ratios
from tests.bench.server import forget_peak, resident, seconds_of_bare_python, serving

if TYPE_CHECKING:
    from tests.bench.bodies import Bodies

_SERVERS = 7
_ORDINARY = 40
_MEBIBYTE = 1024 * 1024


def measure_fresh(typical: Bodies, large: Bodies) -> list[Measure]:
    """Return the measures. Each server meets another patient first.

    The peak is the most that the process held while it answered one request of 10,000 resources, less what it held before:
    warm, and until then asked for 1,000 resources only. The body, as it came, is part of it.
    """
    firsts: list[float] = []
    ordinary: list[float] = []
    idle: list[float] = []
    peaks: list[float] = []
    starts: list[float] = []
    for number in range(_SERVERS):
        begun = time.perf_counter()
        with serving("--workers", "1") as server:
            server.ready()
            starts.append(time.perf_counter() - begun)
            requests = cycle([post(body) for body in (*typical.sent[number:], *typical.sent[:number])])
            firsts.append(server.seconds(next(requests)))
            ordinary.append(p50(server.seconds(next(requests)) for _ in range(_ORDINARY)))
            (process,) = server.workers()
            held = resident(process)
            idle.append(held / _MEBIBYTE)
            forget_peak(process)
            body = large.sent[number % len(large.each)]
            server.seconds(post(body))
            peaks.append((resident(process, most=True) - held) / len(body))
    bare = p50(seconds_of_bare_python() for _ in range(9))
    return [
        Measure("1,000 resources: first request after ready / p50", ratios(firsts, ordinary), at_most(1.3)),
        Measure("10,000 resources: peak memory of a request / bytes of its body", tuple(peaks), at_most(2.5)),
        Measure("memory of a warm worker after 1,000 resources", tuple(idle), at_most(100), "MiB"),
        Measure("start to ready / bare python", tuple(one / bare for one in starts), at_most(60)),
        Measure("start to ready", tuple(starts), unit="s"),
    ]
