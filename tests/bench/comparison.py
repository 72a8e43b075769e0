"""A run beside the runs before it: what became better or worse by more than the measures wander by themselves."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tests.bench.measures import Measure
from tests.bench.run_file import Run

LOWER, HIGHER, WITHIN, UNSURE = "lower", "higher", "within noise", "too few rounds"
_CONDITIONS = ("processor", "cores", "python")


def change(now: Measure, before: Measure) -> str:
    """Return how a measure moved: `lower` or `higher` where no round of one run lies among the rounds of the other.

    One of ten rounds is left out at each end. With five rounds on either side chance alone does that once in 126 times.
    """
    here, there = now.spread, before.spread
    if here is None or there is None:
        return UNSURE
    if here[1] < there[0]:
        return LOWER
    return HIGHER if here[0] > there[1] else WITHIN


def previous(name: str, before: Sequence[Run]) -> tuple[Run, Measure] | None:
    """Return the newest run that has the measure, and it. `before`: the newest first."""
    for run in before:
        found = run.measure(name)
        if found is not None and found.rounds:
            return run, found
    return None


def caveats(now: Run, before: Run) -> list[str]:
    """Return what was not the same in the run before, so that its numbers are to be read with care."""
    told = [
        f"{what}: {before.machine.get(what)} then, {now.machine.get(what)} now"
        for what in _CONDITIONS
        if before.machine.get(what) != now.machine.get(what)
    ]
    told += [
        f"{name}: {before.versions.get(name, 'none')} then, {version} now"
        for name, version in now.versions.items()
        if before.versions.get(name) != version
    ]
    sizes = now.bodies.keys() & before.bodies.keys()
    if any(now.bodies[size]["digest"] != before.bodies[size]["digest"] for size in sizes):
        told.append("the bodies were others")
    return told


def table(now: Run, before: Sequence[Run]) -> list[str]:
    """Return the lines: value, range of the rounds, target, met or not, the value before, and the change."""
    lines = [_line("measure", "value", "rounds", "target", "met", "before", "change")]
    lines += [_row(one, previous(one.name, before)) for one in now.measures]
    with_target = [one for one in now.measures if one.is_met is not None]
    lines.append(f"\n{sum(one.is_met is True for one in with_target)} of {len(with_target)} targets met")
    return lines


def _row(one: Measure, earlier: tuple[Run, Measure] | None) -> str:
    met = {None: "", True: "yes", False: "NO"}[one.is_met]
    spread = "" if one.spread is None else f"{number(one.spread[0])}–{number(one.spread[1])}"
    value = f"{number(one.value)} {one.unit}".strip()
    then, moved = ("", "")
    if earlier is not None:
        found = earlier[1]
        then, moved = number(found.value), _moved(one, found)
    return _line(one.name, value, spread, str(one.target or ""), met, then, moved)


def _moved(one: Measure, found: Measure) -> str:
    what = change(one, found)
    share = (one.value / found.value - 1) * 100 if found.value else math.nan
    told = "" if math.isnan(share) else f"{share:+.0f} % "
    return f"{told}{what.upper() if what in {LOWER, HIGHER} else what}"


def number(value: float) -> str:
    """Return the number with about three digits."""
    if math.isnan(value):
        return "-"
    size = abs(value)
    digits = 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 1 else 3
    return f"{value:.{digits}f}"


def _line(*cells: str) -> str:
    widths = (66, 16, 15, 9, 4, 9, 0)
    return " ".join(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True)).rstrip()
