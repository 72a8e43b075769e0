"""Whether a specimen had blasts: one taken in a remission, or without residual disease, tells nothing of the leukaemia."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import date
from decimal import Decimal
from itertools import accumulate
from typing import TYPE_CHECKING

from service.facts.events import signals
from service.facts.per_view import per_view
from service.facts.residual import residuals
from service.logic.dates import PartialDate
from service.logic.truth import Truth

if TYPE_CHECKING:
    from service.facts.catalogue import View
    from service.facts.residual import Residual
    from service.facts.signal import Signal

_NONE = Decimal(0)
_NO_DISEASE = frozenset({"remission", "marrow-clear"})


def is_negative(view: View, residual: Residual) -> bool:
    """Return whether there may be none, and surely no more than a negative result of unknown sensitivity leaves open."""
    limit = view.limits.number("mrd_negative_without_sensitivity_below_percent")
    percent = residual.percent
    return percent is not None and percent.above(_NONE) is not Truth.YES and percent.at_most(limit) is Truth.YES


def had_blasts(view: View, when: PartialDate | None) -> Truth:
    """Return whether the specimen of a day had leukaemic cells.

    YES: residual disease was found on that day, or it is of no remission, or of a relapse that was recorded within days after.
    NO: none was found. UNKNOWN: in a remission, and none was measured that day. Source: limits/mrd.yaml, limits/status.yaml.
    """
    that_day = [] if when is None else _by_day(view).get(_span(when), [])
    if any(r.percent is not None and r.percent.above(_NONE) is Truth.YES for r in that_day):
        return Truth.YES
    in_marrow = [r for r in that_day if not r.blood]
    if in_marrow and all(is_negative(view, r) for r in in_marrow):
        return Truth.NO
    return Truth.UNKNOWN if in_remission(view, when) and not _relapse_follows(view, when) else Truth.YES


def _span(when: PartialDate | None) -> tuple[date, date] | None:
    return None if when is None else (when.low, when.high)


@per_view
def _by_day(view: View) -> dict[tuple[date, date] | None, list[Residual]]:
    """Return the results of residual disease by their first and last day, None for those of no day."""
    found: dict[tuple[date, date] | None, list[Residual]] = {}
    for residual in residuals(view):
        found.setdefault(_span(residual.when), []).append(residual)
    return found


class _Disease:
    """When disease was recorded: the last days it may have been, and the day from which on it was."""

    def __init__(self, view: View) -> None:
        found = [signal.when for signal in signals(view) if signal.says not in _NO_DISEASE]
        dated = [when for when in found if when is not None]
        self._ends = sorted(when.high for when in dated)
        self._since = date.min if len(dated) < len(found) else min((when.low for when in dated), default=date.max)

    def ends_within(self, first: date, days: int) -> bool:
        """Return whether one of them ends on a day or so many days after it."""
        place = bisect_left(self._ends, first)
        return place < len(self._ends) and (self._ends[place] - first).days <= days

    def is_told_by(self, day: date) -> bool:
        """Return whether one of them may have been by a day; one of no day may."""
        return self._since <= day


_disease = per_view(_Disease)


def _relapse_follows(view: View, when: PartialDate | None) -> bool:
    """Return whether disease was recorded within days after a specimen, of which it then is."""
    days = int(view.limits.number("status_conflict_within_days"))
    return when is not None and _disease(view).ends_within(when.low, days)


def tells_of_leukaemia(view: View, when: PartialDate | None) -> bool:
    """Return whether what was not found in a specimen is not in the leukaemia: there were blasts, as far as is told.

    From the first day of an end of induction on that asks for disease that was found by then. Source: limits/mrd.yaml.
    """
    if in_remission(view, when) or had_blasts(view, when) is Truth.NO:
        return False
    diagnosed = view.fact("diagnosis_date").value
    if when is None or not isinstance(diagnosed, PartialDate):
        return True
    if (when.low - diagnosed.high).days < view.limits.number("mrd_end_of_induction_from_day"):
        return True
    return _disease(view).is_told_by(when.high)


def in_remission(view: View, when: PartialDate | None) -> bool:
    """Return whether a specimen was, or may have been, taken in a remission with no relapse in between (rule PH-8)."""
    remissions, others = _turns(view)
    if when is None:
        return remissions.any
    return remissions.last_begun_by(when.high) > others.last_over_by(when.low)


class _Turns:
    """Signals of one sort by their dates, each with its place in the course."""

    def __init__(self, told: list[tuple[int, Signal]]) -> None:
        self.any = bool(told)
        dated = [(place, signal.when) for place, signal in told if signal.when is not None]
        begun, over = sorted((when.low, place) for place, when in dated), sorted((when.high, place) for place, when in dated)
        self._begun, self._over = [day for day, _ in begun], [day for day, _ in over]
        self._last_begun = list(accumulate((place for _, place in begun), max))
        self._last_over = list(accumulate((place for _, place in over), max))

    def last_begun_by(self, day: date) -> int:
        """Return the place of the last that may have been by a day; -1 where there is none."""
        found = bisect_right(self._begun, day)
        return self._last_begun[found - 1] if found else -1

    def last_over_by(self, day: date) -> int:
        """Return the place of the last that surely was by a day; -1 where there is none."""
        found = bisect_right(self._over, day)
        return self._last_over[found - 1] if found else -1


@per_view
def _turns(view: View) -> tuple[_Turns, _Turns]:
    """Return the remissions, and all other signals."""
    remissions: list[tuple[int, Signal]] = []
    others: list[tuple[int, Signal]] = []
    for place, signal in enumerate(signals(view)):
        (remissions if signal.says == "remission" else others).append((place, signal))
    return _Turns(remissions), _Turns(others)
