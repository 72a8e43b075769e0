"""How the leukaemia responded: marrow blasts, minimal residual disease, prednisone response."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from service.facts.catalogue import Kind, derive
from service.facts.choose import in_time, newest, with_concept
from service.facts.directed import last_directed
from service.facts.measured import impossible, set_aside_impossible, shown, usable_in
from service.facts.per_view import per_view
from service.facts.residual import not_below_zero
from service.facts.shares_told import shares
from service.facts.unread import may_be_since, not_before
from service.logic.dates import PartialDate
from service.logic.fact import Evidence, Fact, Gap, known, unknown
from service.logic.interval import Interval
from service.logic.truth import Truth

if TYPE_CHECKING:
    from datetime import date

    from service.facts.catalogue import View
    from service.facts.residual import Residual

_ZERO = Decimal(0)


def governing(view: View, name: str, results: list[Residual]) -> Fact[object]:
    """Return the newest of these results; several of one day as the interval that holds them all.

    Beside it: method, denominator and laboratory, each where one is recorded and no other; the sensitivity of the best assay in
    percent, where that of each is recorded. Several methods are flagged; where their numbers differ, what each of them found
    stands beside under its name.
    """
    if not results:
        return unknown(Gap.NOT_RECORDED, name, rule="MRD")
    latest = newest(results)
    readable = [r for r in latest if r.percent is not None]
    evidence = tuple(r.evidence for r in latest)
    if not readable:
        return unknown(Gap.UNREADABLE, name, evidence=evidence, rule="MRD")
    percents = [r.percent for r in readable if r.percent is not None]
    flags = [flag for r in readable for flag in r.flags]
    if len(set(percents)) > 1:
        flags.append("discordant")
    methods = sorted({r.method for r in readable if r.method})
    if len(methods) > 1:
        flags.append("methods-differ")
    if any(r.method == "flow" and _may_follow_cd19_therapy(view, r.when) for r in readable):
        flags.append("cd19-gated-flow-after-cd19-therapy")
    beside = tuple(
        (member, told.pop())
        for member in ("method", "denominator", "laboratory")
        if len(told := {word for r in readable if (word := getattr(r, member))}) == 1
    )
    sensitivities = [r.sensitivity for r in readable if r.sensitivity is not None]
    if len(sensitivities) == len(readable):
        beside += (("sensitivity", Interval.point(min(sensitivities))),)
    if len(methods) > 1 and len(set(percents)) > 1:
        found = {method: [r.percent for r in readable if r.method == method and r.percent is not None] for method in methods}
        beside += tuple((method, _around(of_one)) for method, of_one in found.items())
    return known(_around(percents), evidence, rule="MRD", unit="%", beside=beside, flags=tuple(dict.fromkeys(flags)))


def _may_follow_cd19_therapy(view: View, when: PartialDate | None) -> bool:
    """Return whether a result may be of after a CD19-directed treatment: flow that gates on CD19 may miss disease (CD19-8)."""
    first = _cd19_therapy(view)
    return when is not None and first is not None and first < when.high


@per_view
def _cd19_therapy(view: View) -> date | None:
    """Return the first day on which a CD19-directed treatment may have been begun."""
    given, _ = last_directed(view, "cd19")
    return min((one.start.low for one in given if one.start is not None), default=None)


def _around(percents: list[Interval]) -> Interval:
    if len(set(percents)) == 1:
        return percents[0]
    low = min(p.low if p.low is not None else _ZERO for p in percents)
    highs = [p.high for p in percents]
    return Interval(low, None if None in highs else max(high for high in highs if high is not None))


class Marrow(msgspec.Struct, frozen=True, gc=False):
    """One count of blasts in the marrow."""

    when: PartialDate | None
    percent: Interval | None
    evidence: Evidence
    flags: tuple[str, ...]


@per_view
def marrows(view: View) -> list[Marrow]:
    """Return the marrow blast counts, oldest first."""
    found: list[Marrow] = []
    for reading in with_concept(view, "marrow-blasts"):
        if reading.absent or reading.specimen in {"blood", "csf", "other"}:
            continue
        percent = usable_in(view, reading, "%")
        if percent is None and reading.amount is None and reading.says != "indeterminate":
            percent = shares(view).percent_in(reading.words)
        if percent is not None and impossible(view, percent, "%"):
            set_aside_impossible(view, reading, "%")
            percent = None
        percent = None if percent is None else not_below_zero(percent)
        text = f"marrow blasts {shown(percent, '%')}" if percent is not None else "marrow blasts not readable"
        found.append(Marrow(reading.when, percent, reading.evidence(text), ("preliminary",) if reading.preliminary else ()))
    return in_time(found)


def unread_marrows(view: View, day: PartialDate | None) -> tuple[Evidence, ...]:
    """Return the marrows whose count cannot be read, or is not understood, not surely of before a day."""
    counts = (m for m in marrows(view) if m.percent is None)
    unclear = [m.evidence for m in counts if may_be_since(m.when, day)]
    return (*not_before(view, view.layout.broken.of("marrow-blasts"), day), *unclear)


@derive("marrow_blasts_percent", Kind.NUMBER, unit="%", reads=("marrow-blasts",))
def marrow_blasts_percent(view: View) -> Fact[object]:
    """The newest share of blasts in the marrow, in percent of nucleated cells; blood blasts never stand in for it.

    Unknown: never counted; no usable unit or an impossible number, or a count that cannot be read and is not surely an older one
    (`unreadable`).
    """
    counts = marrows(view)
    if not counts:
        return unknown(Gap.NOT_RECORDED, "marrow_blasts_percent", rule="marrow")
    latest = newest(counts)
    percents = [c.percent for c in latest if c.percent is not None]
    unread = unread_marrows(view, latest[0].when)
    evidence = tuple(dict.fromkeys((*(c.evidence for c in latest), *unread)))
    if unread:
        return unknown(Gap.UNREADABLE, "marrow_blasts_percent", evidence=evidence, rule="marrow")
    flags = tuple(
        dict.fromkeys((*(flag for c in latest for flag in c.flags), *(("discordant",) if len(set(percents)) > 1 else ())))
    )
    return known(_around(percents), evidence, rule="marrow", unit="%", flags=flags)


@derive("marrow_class", Kind.WORD, values=("M1", "M2", "M3"))
def marrow_class(view: View) -> Fact[object]:
    """The class of the newest marrow. Unknown: no blast count, or one that straddles two classes. Source: limits/marrow.yaml."""
    blasts = view.fact("marrow_blasts_percent")
    if not isinstance(blasts.value, Interval):
        return unknown(blasts.gap or Gap.NOT_RECORDED, "marrow_blasts_percent", evidence=blasts.evidence, rule="marrow-class")
    second, third = view.limits.number("marrow_m2_from_percent"), view.limits.number("marrow_m3_from_percent")
    from_second, from_third = blasts.value.at_least(second), blasts.value.at_least(third)
    if from_third is Truth.YES:
        name = "M3"
    elif from_second is Truth.NO:
        name = "M1"
    elif from_second is Truth.YES and from_third is Truth.NO:
        name = "M2"
    else:
        return unknown(Gap.AMBIGUOUS, "marrow_blasts_percent", evidence=blasts.evidence, rule="marrow-class")
    return known(name, blasts.evidence, rule="marrow-class", flags=blasts.flags)


@derive("marrow_at_least_5", Kind.TRUTH)
def marrow_at_least_5(view: View) -> Fact[object]:
    """Whether the newest marrow holds at least the share of blasts with which M2 begins; trials ask for it.

    An internal fact beside the assessment's own. Unknown: no blast count, or one that straddles the limit. Source:
    limits/marrow.yaml.
    """
    blasts = view.fact("marrow_blasts_percent")
    if not isinstance(blasts.value, Interval):
        return unknown(blasts.gap or Gap.NOT_RECORDED, "marrow_blasts_percent", evidence=blasts.evidence, rule="marrow")
    enough = blasts.value.at_least(view.limits.number("marrow_m2_from_percent"))
    if enough is Truth.UNKNOWN:
        return unknown(Gap.AMBIGUOUS, "marrow_blasts_percent", evidence=blasts.evidence, rule="marrow")
    return known(enough is Truth.YES, blasts.evidence, rule="marrow", flags=blasts.flags)
