"""The course as signals: what each piece of evidence says of relapse, remission or resistance, and on which day."""

from __future__ import annotations

from bisect import bisect_right
from datetime import timedelta
from typing import TYPE_CHECKING, cast

from msgspec.structs import replace

from service.facts.choose import in_time, statements, with_concept
from service.facts.days import Days
from service.facts.diagnosis_signals import BOTH, EXTRAMEDULLARY, from_diagnoses, sites_in
from service.facts.disease import of_all
from service.facts.layout import OWN_SYSTEM
from service.facts.marrow_course import marrow_signals
from service.facts.measured import in_unit, shown
from service.facts.outside import (
    cleared_outside,
    few_blasts,
    outside_signals,
    remissions_of,
    without_blind_remissions,
)
from service.facts.per_view import per_view
from service.facts.signal import CLINICAL, CODED, JUDGED, MARROW, NOTED, Says, Signal
from service.facts.stated import truth
from service.facts.told_relapses import says_relapse, told_relapses
from service.logic.dates import PartialDate
from service.logic.fact import Evidence
from service.logic.truth import Truth
from service.record.relapse_words import FIRST_REMISSION, LATER_REMISSIONS
from service.record.told_relapse import RELAPSE_NAMES
from service.record.wanted import RELAPSE_AT_VISITS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from service.facts.catalogue import View
    from service.record.record import Reading

_STATUS_SIGNALS: tuple[tuple[str, Says], ...] = (
    ("status-suspected-relapse", "suspected"),
    ("status-refractory", "refractory"),
    ("status-remission", "remission"),
    (FIRST_REMISSION, "remission"),
    ("status-second-remission", "remission"),
    ("status-third-or-later-remission", "remission"),
    ("status-remission-with-residual-findings", "remission"),
)


@per_view
def signals(view: View) -> list[Signal]:
    """Return all signals of the course, oldest first; undated ones come before dated ones."""
    recorded = [*from_diagnoses(view), *_from_visits(view), *_from_status(view)]
    found = [*_with_stated_sites(view, recorded), *_stated_remissions(view)]
    found += marrow_signals(view, found)
    found += outside_signals(view, found)
    found = _after_its_relapse(view, without_blind_remissions(view, found))
    if any(s.says == "relapse" and s.tier < NOTED for s in found):
        found = [s for s in found if s.tier < NOTED]
    told = in_time(cleared_outside(view, _without_carried_codes(_without_denials(view, in_time(found)))))
    suspicions = [*_from_blood(view, told), *_from_fluids(view, told)]
    return _with_suspicions(told, suspicions) if suspicions else told


def _after_its_relapse(view: View, found: list[Signal]) -> list[Signal]:
    """Return the signals; a remission that the entry of a relapse tells by now comes after the signs of that relapse.

    These are the ones that were seen soon after its day; of later ones it is not told. Source: risk-and-relapse.md 5.2 rule 9.
    """
    ended = [signal for signal in found if signal.later and signal.when is not None]
    if not ended:
        return found
    signs = in_time([signal for signal in found if signal.says == "relapse" and signal.when is not None])
    lows = [cast("PartialDate", sign.when).low for sign in signs]
    days = timedelta(days=int(view.limits.number("relapse_site_union_days")))
    kept = [signal for signal in found if not (signal.later and signal.when is not None)]
    for signal in ended:
        when = cast("PartialDate", signal.when)
        place = bisect_right(lows, when.low + days)
        last = signs[place - 1].when if place and lows[place - 1] >= when.low else None
        kept.append(replace(signal, when=last or when))
    return kept


def _without_denials(view: View, found: list[Signal]) -> list[Signal]:
    """Return the signals; a first remission told long after a relapse, and no other since, denies that, and does not end it.

    So does one that is told to last since a day before the relapse.
    Source: risk-and-relapse.md 4.1. Of about the day of the relapse it is weighed against that one.
    """
    if not any(signal.first or signal.since for signal in found):
        return found
    days = int(view.limits.number("status_conflict_within_days"))
    denied: list[Signal] = []
    kept: list[Signal] = []
    relapse: PartialDate | None = None
    for signal in found:
        if signal.says == "remission" and _denies(signal, relapse) and _is_later(signal.when, relapse, days):
            denied.append(replace(signal, says="denied"))
            continue
        if signal.says == "relapse" and not (signal.visit or signal.carried):
            relapse = signal.when
        elif signal.says == "remission":
            relapse = None
        kept.append(signal)
    return in_time([*denied, *kept])  # of its day it comes first: another remission of that day is one


def _denies(remission: Signal, relapse: PartialDate | None) -> bool:
    if remission.first or remission.since is None or relapse is None:
        return remission.first
    return remission.since.before(relapse) is Truth.YES


def _is_later(when: PartialDate | None, relapse: PartialDate | None, days: int) -> bool:
    """Return whether a day is more than so many days after a relapse."""
    return when is not None and relapse is not None and (when.low - relapse.high).days > days


def _without_carried_codes(found: list[Signal]) -> list[Signal]:
    """Return the signals in which an old relapse code that was recorded again after its remission is a suspicion only.

    Of visits that were coded alike one after the other the first and the last are left.
    """
    kept: list[Signal] = []
    relapsed = cleared = False
    alike = 0  # visits coded so, of late
    for signal in found:
        last = kept[-1] if kept else None
        if signal.visit and last is not None and _is_carried_on(signal, last, cleared=cleared):
            continue
        alike = alike + 1 if signal.visit and last is not None and last.visit and last.says == signal.says else 0
        if alike > 1:
            kept.pop()
        if signal.says == "remission" and signal.tier <= CLINICAL:
            cleared = relapsed
        repeats = signal.says == "relapse" and signal.carried and cleared
        if signal.says == "relapse" and not repeats:
            relapsed, cleared = True, False
        kept.append(replace(signal, says="suspected") if repeats else signal)
    return kept


def _is_carried_on(visit: Signal, last: Signal, *, cleared: bool) -> bool:
    """Return whether the code of a visit tells nothing: a relapse that is over, or a remission after what is surely told."""
    return cleared if visit.says == "relapse" else last.says != "remission" and last.tier < CODED


def _from_visits(view: View) -> list[Signal]:
    """Return what the codes of visits say of the ALL, where that is recorded otherwise."""
    if not view.record.visits or not of_all(view):
        return []
    found: list[Signal] = []
    for visit in view.record.visits:
        says: Says = "remission" if visit.concepts.isdisjoint(RELAPSE_AT_VISITS) else "relapse"
        evidence = Evidence(visit.reference, "reasonCode", visit.when, f"visit coded as of a {says}")
        found.append(Signal(says, visit.when, CODED, evidence, carried=says == "relapse", visit=True))
    return found


def _with_stated_sites(view: View, told: list[Signal]) -> list[Signal]:
    """Return the signals in which a relapse without a site has that which was stated about the same time.

    A testis that was stated to be involved then is one; a clear marrow does not contradict a relapse outside of it.
    """
    if not (told and view.layout.stated):
        return told
    days = int(view.limits.number("relapse_site_union_days"))
    outside = EXTRAMEDULLARY
    places = {"extramedullary": outside, "combined": BOTH}
    said = [(r.when, places[word]) for r in statements(view, "relapse-site") for word in places if (OWN_SYSTEM, word) in r.coded]
    said += [(r.when, outside) for r in statements(view, "testicular-disease") if truth(r) is True]
    if not said:
        return told
    begun: dict[frozenset[str], list[tuple[int, int]]] = {}
    for when, sites in said:
        if when is not None:
            begun.setdefault(sites, []).append((when.low.toordinal(), when.low.toordinal()))
    about = [(sites, Days(spans)) for sites, spans in begun.items()]
    return [
        replace(signal, sites=_sites_about(about, days, signal.when)) if signal.says == "relapse" and not signal.sites else signal
        for signal in told
    ]


def _sites_about(about: list[tuple[frozenset[str], Days]], days: int, when: PartialDate | None) -> frozenset[str]:
    """Return the sites of which one was stated at most so many days from a date."""
    if when is None:
        return frozenset()
    day = when.low.toordinal()
    return frozenset().union(*(sites for sites, stated in about if stated.any_within(day - days, day + days)))


def _from_status(view: View) -> list[Signal]:
    readings = with_concept(view, "disease-status")
    if not readings:
        return []
    found: list[Signal] = []
    for reading in readings:
        if (OWN_SYSTEM, "disease-state") in reading.code_codings:
            continue  # a statement: it outranks, see course
        says = status_of(reading)
        if says is not None:
            sites, site_open = sites_in(reading.answers) if says == "relapse" else (frozenset(), False)
            evidence = reading.evidence(f"disease status: {says}")
            first = FIRST_REMISSION in reading.answers and LATER_REMISSIONS.isdisjoint(reading.answers)
            found.append(
                Signal(says, reading.when, JUDGED, evidence, sites, site_open=site_open, first=first, since=reading.since)
            )
    return found + _worsened(readings, [*found, *_stated_remissions(view)])


@per_view
def _stated_remissions(view: View) -> list[Signal]:
    """Return the remissions that were stated: a relapse seen afterwards is then a new one."""
    states = [r for r in statements(view, "disease-state") if (OWN_SYSTEM, "remission") in r.coded]
    numbered = [r for r in statements(view, "remission-number") if r.whole]
    told = [(r, "disease state remission") for r in states]  # in the words of the statement itself: shown once
    told += [(r, f"remission number {r.whole}") for r in numbered]
    return [Signal("remission", r.when, JUDGED, r.evidence(f"stated: {said}")) for r, said in told]


def status_of(reading: Reading) -> Says | None:
    """Return what a status of the disease says; a relapse of the residual disease alone is none."""
    if says_relapse(reading):
        return "relapse"
    if "mrd" in reading.named and not RELAPSE_NAMES.isdisjoint(reading.answers):
        return None
    return next((says for concept, says in _STATUS_SIGNALS if concept in reading.answers), None)


def _worsened(readings: list[Reading], told: list[Signal]) -> list[Signal]:
    """Return a relapse for each `worsened` or `progression` after a remission that was told before it."""
    remissions = remissions_of(told)
    found: list[Signal] = []
    for reading in readings:
        if {"status-worsened", "status-progression"}.isdisjoint(reading.answers) or reading.when is None:
            continue
        if remissions.any_before(reading.when):
            found.append(Signal("relapse", reading.when, JUDGED, reading.evidence("disease status: worse after a remission")))
    return found


def _from_blood(view: View, told: list[Signal]) -> Iterator[Signal]:
    """Yield a suspicion for each count of blasts in the blood that is too high for the remission which was seen last."""
    readings = with_concept(view, "blood-blasts-percent")
    if not readings:
        return
    least = view.limits.number("relapse_blood_suspected_from_percent")
    course = _Remitted(view, told)
    for reading in readings:
        share = in_unit(reading, "%")
        if share is None or reading.when is None or share.at_least(least) is not Truth.YES:
            continue
        if course.on(reading.when.low):
            seen = reading.evidence(f"blasts in blood {shown(share, '%')}")
            yield Signal("suspected", reading.when, JUDGED, seen, counted=True)


def _from_fluids(view: View, told: list[Signal]) -> Iterator[Signal]:
    """Yield a suspicion for each fluid with few blasts that was taken after the remission which was seen last."""
    found = few_blasts(view)
    if not found:
        return
    course = _Remitted(view, told)
    for one in found:
        if course.on(one.when.low - timedelta(days=1)):
            evidence = replace(one.evidence, text="blasts in the cerebrospinal fluid after a remission")
            yield Signal("suspected", one.when, JUDGED, evidence, places=frozenset({one.place}), counted=True)


class _Remitted:
    """Whether the leukaemia was in remission on a day, by the relapses and remissions up to it."""

    def __init__(self, view: View, told: list[Signal]) -> None:
        course = [(s.when.high, s.says == "remission") for s in told if s.when is not None and s.says in {"relapse", "remission"}]
        course += [(one.by.high, False) for one in told_relapses(view) if one.by is not None]
        course.sort()
        self._days = [day for day, _ in course]
        self._remitted = [remitted for _, remitted in course]

    def on(self, day: date) -> bool:
        """Return whether a remission was the last that was seen."""
        place = bisect_right(self._days, day)
        return bool(place) and self._remitted[place - 1]


def _with_suspicions(told: list[Signal], suspicions: list[Signal]) -> list[Signal]:
    """Return all in their order; a marrow that is clear after blasts in a fluid tells of the marrow alone."""
    kept: list[Signal] = []
    outside = False
    for signal in in_time([*told, *suspicions]):
        clears = signal.says == "remission"
        kept.append(replace(signal, says="marrow-clear") if clears and outside and signal.tier == MARROW else signal)
        if signal.says == "suspected" and signal.places and signal.counted:
            outside = True
        elif signal.says == "relapse" or (clears and signal.tier != MARROW):
            outside = False
    return kept
