"""Residual disease that stays, and residual disease that comes back: no haematological relapse."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from service.facts.catalogue import Kind, derive
from service.facts.days import Newest
from service.facts.events import signals
from service.facts.per_view import per_view
from service.facts.residual import UNREADABLE, residuals, unread_residuals
from service.logic.dates import PartialDate
from service.logic.fact import Fact, Gap, known, unknown
from service.logic.interval import Interval
from service.logic.truth import Truth, all_of

if TYPE_CHECKING:
    from service.facts.catalogue import View
    from service.facts.residual import Residual
    from service.logic.fact import Evidence

_LONGEST = 366  # days that a date may span: those of a year
_LATE_POINT = "mrd-at-end-of-consolidation"


@derive("mrd_persistent", Kind.TRUTH)
def mrd_persistent(view: View) -> Fact[object]:
    """Whether residual disease was never below the positive limit since diagnosis, at the end of consolidation or later.

    Unknown: not in a first remission (`not-assessable`), no dated result at or after the end of consolidation, a limit between;
    or never seen below it, and a result cannot be read (`unreadable`, flag `mrd-unreadable`), or an immunotherapy or a graft
    came since (`stale-after-therapy`). An old one is kept and flagged `stale`. Source: limits/mrd.yaml.
    """
    state, number = view.fact("disease_state"), view.fact("relapse_count").value
    rule = "mrd-persistent"
    if state.value != "remission" or not isinstance(number, Interval) or number.exact != 0:
        return unknown(Gap.NOT_ASSESSABLE, "disease_state", "relapse_count", evidence=state.evidence, rule=rule)
    found = _measured(view, None)
    evidence = tuple(r.evidence for r in found)
    positive = _positive(view, found)
    if Truth.NO in positive:
        return known(value=False, evidence=evidence, rule=rule, flags=("computed",))
    unseen = _unseen(view, None, evidence, rule)
    if unseen is not None:
        return unseen
    late = [r.when for r in found if _LATE_POINT in r.points]
    if not late:
        return unknown(Gap.NOT_RECORDED, "mrd_end_of_consolidation_percent", evidence=evidence, rule=rule)
    if all_of(positive) is Truth.YES:
        return known(value=True, evidence=evidence, rule=rule, flags=("computed", *_age(view)))
    return unknown(Gap.AMBIGUOUS, "mrd_percent", evidence=evidence, rule=rule)


@derive("mrd_relapse", Kind.TRUTH)
def mrd_relapse(view: View) -> Fact[object]:
    """Whether residual disease came back in the present remission: molecular relapse, which no relapse count includes.

    Clear by a test sensitive enough, then positive twice, the second sample in its window; below the limit of a marrow relapse.
    Once it came back it has, whatever is found later. Unknown: not in remission (`not-assessable`), never clear, not measured
    since, or positive once and not confirmed (`ambiguous`); a result of this remission cannot be read (`unreadable`, flag
    `mrd-unreadable`); an immunotherapy or a graft came since (`stale-after-therapy`). An old one is kept and flagged `stale`.
    Source: limits/mrd.yaml, limits/course.yaml.
    """
    state = view.fact("disease_state")
    rule = "mrd-relapse"
    if state.value != "remission":
        return unknown(Gap.NOT_ASSESSABLE, "disease_state", evidence=state.evidence, rule=rule)
    since = _remission_since(view)
    found = _measured(view, since)
    clear = next((place for place, r in enumerate(found) if _complete(view, r)), None)
    after = [] if clear is None else found[clear + 1 :]
    evidence = tuple(r.evidence for r in found)
    if _confirmed(view, after):
        return known(value=True, evidence=evidence, rule=rule, flags=("computed",))
    unseen = _unseen(view, since, evidence, rule)
    if unseen is not None:
        return unseen
    if not after:
        return unknown(Gap.NOT_RECORDED, "mrd_percent", evidence=evidence, rule=rule)
    if _positive(view, after)[-1] is Truth.NO:
        return known(value=False, evidence=evidence, rule=rule, flags=("computed", *_age(view)))
    return unknown(Gap.AMBIGUOUS, "mrd_percent", evidence=evidence, rule=rule)


def _unseen(view: View, since: PartialDate | None, measured: tuple[Evidence, ...], rule: str) -> Fact[object] | None:
    """Return why what was measured since a day does not tell all there was, or nothing of now; None where it does.

    A result of that time that cannot be read, or is not understood, may say otherwise; so may one of after a treatment that is
    given against what is left.
    """
    marrow = [r for r in residuals(view) if r.percent is None and not r.blood]
    unclear = [r.evidence for r in marrow if since is None or r.when is None or r.when.on_or_before(since) is not Truth.YES]
    lost = (*unclear, *unread_residuals(view, since))
    if lost:
        return unknown(Gap.UNREADABLE, "mrd_percent", evidence=(*measured, *lost), rule=rule, flags=(UNREADABLE,))
    newest = view.fact("mrd_percent")
    if measured and newest.gap in {Gap.STALE_AFTER_THERAPY, Gap.UNREADABLE}:
        return unknown(newest.gap, "mrd_percent", evidence=measured, rule=rule, flags=newest.flags)
    return None


def _age(view: View) -> tuple[str, ...]:
    return ("stale",) if "stale" in view.fact("mrd_percent").flags else ()


def _measured(view: View, since: PartialDate | None) -> list[Residual]:
    """Return the dated and understood results of the marrow, oldest first, those surely after a day."""
    return [
        r
        for r in residuals(view)
        if not r.blood and r.when is not None and r.percent is not None
        if since is None or since.before(r.when) is Truth.YES
    ]  # fmt: skip


def _remission_since(view: View) -> PartialDate | None:
    """Return the day of the latest relapse; None where there was none: what is newer belongs to the present remission."""
    days = [signal.when for signal in signals(view) if signal.says == "relapse" and signal.when is not None]
    return days[-1] if days else None


def _positive(view: View, found: list[Residual]) -> list[Truth]:
    limit = view.limits.number("mrd_positive_from_percent")
    return [r.percent.at_least(limit) for r in found if r.percent is not None]


def _complete(view: View, residual: Residual) -> bool:
    """Return whether a result is a complete response: negative, by a test sensitive enough."""
    percent, limit = residual.percent, view.limits.number("mrd_negative_sensitivity_percent")
    negative = percent is not None and percent.low == 0 and percent.low_inclusive and percent.high is not None
    return negative and percent is not None and percent.high is not None and percent.high <= limit


def _confirmed(view: View, found: list[Residual]) -> bool:
    """Return whether two results confirm each other: both positive, neither a marrow relapse, the second in its window."""
    first, last = int(view.limits.number("mrd_relapse_confirm_from_days")), int(view.limits.number("mrd_relapse_confirm_to_days"))
    least, top = view.limits.number("mrd_positive_from_percent"), view.limits.number("relapse_marrow_two_tests_from_percent")
    earlier: Newest[PartialDate] = Newest()
    for r in found:
        if r.when is None or r.percent is None or all_of((r.percent.at_least(least), r.percent.below(top))) is not Truth.YES:
            continue
        one = earlier.over_by(r.when.low.toordinal() - first)
        if one is not None and (r.when.high - one.low).days <= last:
            return True
        earlier.add(r.when, r.when)
    return False


def mrd_stays(view: View, since: PartialDate, until: PartialDate) -> bool:
    """Return whether the last result of the marrow between two days is, or may be, positive."""
    lows, found = _dated(view)
    last = bisect_right(lows, until.high.toordinal()) - 1
    places = range(last, bisect_left(lows, since.low.toordinal() - _LONGEST) - 1, -1)
    newest = next((r for r in map(found.__getitem__, places) if r.when is not None and r.when.high >= since.low), None)
    return newest is not None and _positive(view, [newest]) != [Truth.NO]


@per_view
def _dated(view: View) -> tuple[list[int], list[Residual]]:
    """Return the dated and understood results of the marrow, oldest first; and of each the first day it may be, as a number."""
    found = _measured(view, None)
    return [r.when.low.toordinal() for r in found if r.when is not None], found
