"""Relapses: signals merged into episodes, their dates and their number."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, cast

import msgspec
from msgspec.structs import replace

from service.facts.catalogue import Kind, derive
from service.facts.choose import stated
from service.facts.events import signals
from service.facts.per_view import per_view
from service.facts.signal import CODED, JUDGED, MARROW, NOTED, Signal
from service.facts.told_relapses import Told, told_relapses
from service.logic.dates import PartialDate
from service.logic.fact import Evidence, Fact, Gap, known, unknown

if TYPE_CHECKING:
    from service.facts.catalogue import View

MERGED = "relapse-merge"  # what the signals of the course tell
TOLD_BY = "relapse-told-by"
_DATED_OTHERWISE = frozenset({"relapse-date", "remission-number"})  # the relapse was on that day, or before that remission


class Relapse(msgspec.Struct, frozen=True, gc=False):
    """One relapse: merged signals with no remission between them; `separate` tells that a remission stood before it."""

    when: PartialDate | None
    last: PartialDate | None  # the newest sign of the episode
    evidence: tuple[Evidence, ...]
    tier: int
    separate: bool
    sites: frozenset[str]
    site_open: bool = False  # words name two places, and not in which of them it was
    later_sites: frozenset[str] = frozenset()  # found in the same episode, and too late to be the site of the relapse
    whole: bool = False  # of the first entry of the disease, whose day may be that of the diagnosis
    begun: bool = False  # and that entry has no other day: none is told


@per_view
def relapses(view: View) -> list[Relapse]:
    """Return the relapses that the signals tell, oldest first.

    Signs close together are one, and two where a remission stands between them that is told as surely as the first; whether a
    weaker sign after it is new or the old one written down late stays open. Later ones without a remission may be another.
    """
    merge = int(view.limits.number("relapse_merge_days"))
    found: list[Relapse] = []
    seen: list[list[Evidence]] = []  # of each relapse; one may have ever so many signs
    remission_since = dated_since = False  # and whether one of these has a day of its own
    surest = NOTED  # the tier of the surest of these since the last relapse
    suspicion: Signal | None = None  # a marrow that was suspicious and is confirmed by what follows dates the relapse
    for signal in signals(view):
        if signal.says == "remission":
            remission_since, suspicion = True, None
            if not signal.later:
                dated_since, surest = True, min(surest, signal.tier)
        elif signal.says == "suspected" and signal.tier == MARROW:
            suspicion = suspicion or signal
        elif signal.says in {"refractory", "failed"} and found and signal.tier == MARROW:
            found[-1] = replace(found[-1], last=signal.when)
        elif signal.says == "relapse":
            last = found[-1] if found else None
            first = _dating(suspicion, signal, merge)
            suspicion = None
            near = last is not None and _close(last.last, signal.when, merge)
            cleared = last is not None and surest <= last.tier
            told = [signal.evidence] if first is signal else list(dict.fromkeys((first.evidence, signal.evidence)))
            perhaps = remission_since and not dated_since  # came between, or after both
            again = not remission_since and _is_carried(signal)
            if last is not None and ((near and not (cleared or perhaps)) or again):
                found[-1] = _joined(view, last, first, signal)
                seen[-1] += told
            else:
                separate = remission_since and not (near and (perhaps or signal.tier > JUDGED)) and not _has_no_day(last)
                whole = signal.whole and (last is None or last.when is None) and not separate
                begun = whole and signal.begun
                found.append(
                    Relapse(
                        first.when,
                        signal.when,
                        (),
                        signal.tier,
                        separate,
                        signal.sites,
                        signal.site_open,
                        frozenset(),
                        whole,
                        begun,
                    )
                )
                seen.append(told)
            remission_since, dated_since, surest = False, False, NOTED
    return [
        replace(relapse, evidence=tuple(told), when=None if relapse.begun else relapse.when)
        for relapse, told in zip(found, seen, strict=True)
    ]


def _is_carried(signal: Signal) -> bool:
    """Return whether a sign may be a code of the same relapse that was only written down again."""
    return signal.tier >= CODED and (signal.carried or signal.visit or signal.at_visit or signal.when is None)


def _has_no_day(relapse: Relapse | None) -> bool:
    """Return whether a relapse may be the one that is told after it: no day of it is told, or one that may be the diagnosis."""
    return relapse is not None and (relapse.when is None or relapse.whole)


def _joined(view: View, last: Relapse, first: Signal, signal: Signal) -> Relapse:
    """Return an episode with one more sign, without the evidence; what is found too late is not the site of the relapse."""
    when = last.when if last.tier == MARROW or signal.tier != MARROW else first.when or last.when
    days = int(view.limits.number("relapse_site_union_days"))
    apart = when is not None and signal.when is not None and (signal.when.low - when.high).days > days
    late = apart and bool(last.sites or signal.places)
    return Relapse(
        when,
        signal.when or last.last,
        (),
        min(last.tier, signal.tier),
        last.separate,
        last.sites if late else last.sites | signal.sites,
        last.site_open or (signal.site_open and not late),
        last.later_sites | signal.sites if late else last.later_sites,
        last.whole,
        last.begun,
    )


def _dating(suspicion: Signal | None, relapse: Signal, merge: int) -> Signal:
    """Return the sign that dates a relapse: the suspicious marrow that it confirms, if that is near, else its own."""
    return suspicion if suspicion is not None and _close(suspicion.when, relapse.when, merge) else relapse


def _close(one: PartialDate | None, other: PartialDate | None, days: int) -> bool:
    return one is not None and other is not None and (other.low - one.high).days <= days


@derive("relapse_date", Kind.DATE, reads=("relapse-date",))
def relapse_date(view: View) -> Fact[object]:
    """The day of the latest relapse: the stated one, else the first sign of it. Unknown: no relapse recorded, or undated."""
    statement = stated(view, "relapse_date", "relapse-date", lambda reading: reading.day, show=lambda day: day.text)
    dated = [relapse for relapse in relapses(view) if relapse.when is not None]
    derived: Fact[PartialDate] = (
        known(cast("PartialDate", dated[-1].when), dated[-1].evidence, rule=MERGED)
        if dated
        else unknown(Gap.NOT_RECORDED, "relapse_date", rule=MERGED)
    )
    if statement is not None and statement.is_known and derived.is_known and derived.value != statement.value:
        # a stated date is not contradicted by an earlier or later relapse: the later of the two is the latest relapse
        return derived if cast("PartialDate", derived.value).low > cast("PartialDate", statement.value).high else statement
    return statement if statement is not None and statement.is_known else derived


@derive("relapse_told_by", Kind.DATE)
def relapse_told_by(view: View) -> Fact[object]:
    """The day from which data tell of the latest relapse: what is older may be from before it.

    An internal fact beside the assessment's own. It is the day of the relapse; where statements tell of one that nothing
    dates, the day on which that was first stated. Unknown: no relapse is recorded, or none with a day.
    """
    dated = view.fact("relapse_date")
    days = [relapse.when for relapse in relapses(view) if relapse.when is not None]
    if isinstance(dated.value, PartialDate) and dated.value not in days:
        days.append(dated.value)
    latest, with_days = dated, _WithDays(days)
    for by, one in first_told(view):
        before = isinstance(latest.value, PartialDate) and by.low <= latest.value.high
        if not before and not with_days.has(one, by, int(view.limits.number("relapse_merge_days"))):
            latest = known(by, (one.evidence,), rule=TOLD_BY)
    return latest


def first_told(view: View) -> list[tuple[PartialDate, Told]]:
    """Return the first dated statement of each number of relapses, with its day."""
    found: dict[int, tuple[PartialDate, Told]] = {}
    for one in told_relapses(view):
        if (
            one.by is not None
            and one.code not in _DATED_OTHERWISE
            and (one.least not in found or one.by.low < found[one.least][0].low)
        ):
            found[one.least] = (one.by, one)
    return list(found.values())


class _WithDays:
    """The relapses that have a day."""

    def __init__(self, days: list[PartialDate]) -> None:
        by_begin = sorted((day.low.toordinal(), day.high.toordinal()) for day in days)
        self._lows, self._latest = [low for low, _ in by_begin], list(accumulate((high for _, high in by_begin), max))

    def has(self, told: Told, by: PartialDate, merge: int) -> bool:
        """Return whether a relapse that was stated is among them: one about then, or as many until then."""
        until = bisect_right(self._lows, by.high.toordinal() + merge)
        return until >= told.least or (until > 0 and by.low.toordinal() - self._latest[until - 1] <= merge)
