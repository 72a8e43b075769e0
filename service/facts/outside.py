"""Leukaemia outside the marrow in the course: where it was found after a remission, and when it was found to be gone."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from service.facts.choose import in_time, statements, with_concept
from service.facts.conditions import OVER, evidence_of
from service.facts.days import Days
from service.facts.disease import of_all
from service.facts.fluids import blood_of, contradicts, fluids, said_of, status_of, statuses
from service.facts.given import first_begun_between
from service.facts.per_view import per_view
from service.facts.signal import CLINICAL, CODED, JUDGED, MARROW, Says, Signal
from service.facts.stated import truth
from service.logic.truth import Truth
from service.record.clinical_status import RELAPSED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from service.facts.catalogue import View
    from service.logic.dates import PartialDate
    from service.logic.fact import Evidence
    from service.record.record import Diagnosis

CNS, TESTIS = "cns", "testis"
_PLACES = {"site-cns": CNS, "cns-leukaemia": CNS, "site-testis": TESTIS, "testicular-disease": TESTIS}
_EXTRAMEDULLARY = frozenset({"extramedullary"})
LEUKAEMIA_OUTSIDE = frozenset({"cns-leukaemia", "testicular-disease", "leukaemia-of-skin"})


class Finding(msgspec.Struct, frozen=True, gc=False):
    """What an examination of one place found on a day: leukaemia, or none; None where it tells of neither.

    `status` is that of the CNS, None where the examination allows several; `blasts` whether a fluid had some in all of these.
    """

    place: str
    leukaemia: bool | None
    when: PartialDate
    evidence: Evidence
    measured: bool = False
    status: str | None = None
    blasts: bool = False


def places_of(diagnosis: Diagnosis) -> frozenset[str]:
    """Return the places outside the marrow that a diagnosis names by its code, body site or text: CNS and testis."""
    named = diagnosis.concepts | diagnosis.sites | diagnosis.named
    return frozenset(place for concept, place in _PLACES.items() if concept in named)


@per_view
def findings(view: View) -> list[Finding]:
    """Return what was found of the CNS and the testis on dated days, oldest first: stated, recorded or measured."""
    return in_time([*_of_status(view), *_of_fluids(view), *_of_testis(view)])


def _in_cns(possible: set[str], when: PartialDate, evidence: Evidence, *, measured: bool = False) -> Finding:
    status = next(iter(possible)) if len(possible) == 1 else None
    leukaemia = {"CNS1": False, "CNS3": True}.get(status or "")  # few blasts tell of neither
    return Finding(CNS, leukaemia, when, evidence, measured, status, bool(possible) and "CNS1" not in possible)


def _of_status(view: View) -> Iterator[Finding]:
    for reading in with_concept(view, "cns-status"):
        status = status_of(reading)
        if reading.when is not None and status is not None:
            yield _in_cns({status}, reading.when, reading.evidence(status))


def _of_fluids(view: View) -> Iterator[Finding]:
    """Yield what each fluid tells; few cells without a word of blasts tell nothing."""
    few = view.limits.number("csf_leukocytes_few_below")
    for fluid in fluids(view):
        if fluid.when is None:
            continue
        torn = contradicts(fluid.readings)
        if fluid.blasts is None and not torn and (fluid.cells.white is None or fluid.cells.white.below(few) is Truth.YES):
            continue
        possible = set() if torn else {sub[:4] for sub in statuses(view, fluid, blood_of(view, fluid.when))[0]}
        told = fluid.readings[0].evidence(said_of(fluid.readings[0]))
        yield _in_cns(possible, fluid.when, told, measured=True)


def _of_testis(view: View) -> Iterator[Finding]:
    for reading in statements(view, "testicular-disease"):
        leukaemia = truth(reading)
        if reading.when is not None and leukaemia is not None:
            said = "disease of the testis" if leukaemia else "no disease of the testis"
            yield Finding(TESTIS, leukaemia, reading.when, reading.evidence(f"stated: {said}"))


# ---------------------------------------------------------------- found after a remission


def remissions_of(told: Iterable[Signal]) -> Days:
    """Return the days of the remissions among signals."""
    return Days.of(s.when for s in told if s.says == "remission")


def outside_signals(view: View, told: list[Signal]) -> list[Signal]:
    """Return the relapses, and suspicions of one, that were found outside the marrow after a remission."""
    remissions = remissions_of(told)
    return [*_from_findings(view, remissions), *_from_conditions(view, remissions)]


def _from_findings(view: View, remissions: Days) -> Iterator[Signal]:
    """Yield a relapse for each leukaemia that was found after a remission, unless it had been there all the time."""
    seen: dict[str, PartialDate] = {}  # places that have had leukaemia since the diagnosis, by the day it was last seen
    days = int(view.limits.number("relapse_merge_days"))
    for found in findings(view):
        after = remissions.any_before(found.when)
        last = seen.get(found.place)
        if found.leukaemia is False:
            seen.pop(found.place, None)
        if not found.leukaemia:
            continue
        # a marrow clears before a testis does, and a fluid is examined again and again
        still = last is not None and (found.when.low - last.high).days <= days
        if not after or still:
            seen[found.place] = found.when
        if not after or (still and (found.measured or found.place == TESTIS)):
            continue
        text = "CNS3 after a remission" if found.place == CNS else "disease of the testis after a remission"
        evidence = replace(found.evidence, text=text)
        yield Signal("relapse", found.when, JUDGED, evidence, _EXTRAMEDULLARY, places=frozenset({found.place}))


def few_blasts(view: View) -> list[Finding]:
    """Return the fluids with blasts that are no CNS3, or perhaps none, and that no later examination has shown to be clear.

    Not those of a fluid that has had blasts all the time; and a status that is told without a fluid only where the CNS had been
    clear before: else it may be that of the diagnosis, written down again.
    """
    days = int(view.limits.number("relapse_merge_days"))
    found: list[Finding] = []
    last: PartialDate | None = None
    was_clear = False
    for one in findings(view):
        if one.place != CNS:
            continue
        if one.leukaemia is False:
            found, last, was_clear = [], None, True
        elif one.blasts:
            still = last is not None and (one.when.low - last.high).days <= days
            if one.leukaemia is None and not still and (one.measured or was_clear):
                found.append(one)
            last = one.when
    return found


def _from_conditions(view: View, remissions: Days) -> Iterator[Signal]:
    """Yield what Conditions of their own tell of leukaemia outside the marrow after a remission.

    One that began then, or is recorded as a relapse, is a relapse. Where only its recording is dated it is a suspicion: it may
    be that of the diagnosis, written down late.
    """
    diagnoses = set(map(id, of_all(view)))
    for diagnosis in view.layout.diagnoses.of_any(LEUKAEMIA_OUTSIDE):
        if not diagnosis.certain or id(diagnosis) in diagnoses:
            continue
        when = diagnosis.onset or diagnosis.recorded
        if when is None or not remissions.any_before(when):
            continue
        sure = diagnosis.onset is not None or diagnosis.clinical in RELAPSED
        evidence = evidence_of(diagnosis, "leukaemia outside the marrow after a remission")
        says: Says = "relapse" if sure else "suspected"
        yield Signal(says, when, CLINICAL, evidence, _EXTRAMEDULLARY, places=places_of(diagnosis))
        if sure and diagnosis.clinical in OVER:
            yield relapse_that_is_over(diagnosis, when)


def relapse_that_is_over(diagnosis: Diagnosis, when: PartialDate | None) -> Signal:
    """Return the remission that a relapse code with the status remission, resolved or inactive tells of."""
    ended = diagnosis.abated or diagnosis.recorded or when
    later = ended if ended is not None and (when is None or when.on_or_before(ended) is Truth.YES) else when
    tier = CLINICAL if diagnosis.clinical == "remission" else CODED
    evidence = evidence_of(diagnosis, f"relapse recorded as {diagnosis.clinical}", "clinicalStatus")
    return Signal("remission", later, tier, evidence, later=diagnosis.abated is None)


# ---------------------------------------------------------------- what a clear marrow tells of it


def _is_clear_marrow(signal: Signal) -> bool:
    return signal.says == "remission" and signal.tier == MARROW


def without_blind_remissions(view: View, told: list[Signal]) -> list[Signal]:
    """Return the signals without clear marrows that say nothing: disease was found outside about that day.

    It was found on that day or shortly before; or shortly after, where the marrow is the first after a relapse.
    """
    outside = [s.when.high.toordinal() for s in told if "extramedullary" in s.sites and s.when is not None]
    if not outside:
        return told
    ends, days = Days((day, day) for day in outside), int(view.limits.number("relapse_site_union_days"))
    blind: set[int] = set()
    relapsed = False
    for signal in in_time(told):
        if signal.when is None:
            continue
        day = signal.when.low.toordinal()
        if _is_clear_marrow(signal) and ends.any_within(day - days, day + days if relapsed else day):
            blind.add(id(signal))
        elif signal.says in {"relapse", "remission"}:
            relapsed = signal.says == "relapse"
    return [signal for signal in told if id(signal) not in blind]


class _Open:
    """The places in which the leukaemia of a relapse has not been found to be gone; a place that is not told is ''."""

    def __init__(self, view: View) -> None:
        self.since: dict[str, PartialDate] = {}
        clear = [found for found in findings(view) if found.leukaemia is False]
        self._clear = {place: [found.when for found in clear if place in {"", found.place}] for place in ("", CNS, TESTIS)}
        self._days = {place: [when.low.toordinal() for when in days] for place, days in self._clear.items()}
        self._spans = {place: Days.of(days) for place, days in self._clear.items()}

    def opened(self, signal: Signal) -> None:
        """Remember a relapse outside the marrow."""
        if signal.when is not None and (signal.places or signal.outside_only):
            self.since.update(dict.fromkeys(signal.places or {""}, signal.when))

    def left(self, when: PartialDate) -> list[str]:
        """Return the places that had not been found clear by a day."""
        return [
            place
            for place, since in self.since.items()
            if since.on_or_before(when) is Truth.YES and not self._spans[place].any_after_until(since, when)
        ]

    def cleared_after(self, places: list[str], when: PartialDate) -> PartialDate | None:
        """Return the first later day by which these places were all found clear; None where that never was."""
        found = []
        for place in places:
            number = bisect_right(self._days[place], when.high.toordinal())
            if number == len(self._days[place]):
                return None
            found.append(self._clear[place][number])
        return max(found, key=lambda day: day.low)


def cleared_outside(view: View, told: list[Signal]) -> list[Signal]:
    """Return the signals; a clear marrow is a remission once what was found outside of it is known to be gone.

    Until then it tells of the marrow alone: after a treatment it is open whether the leukaemia is still there, else it is.
    """
    if not any(s.says == "relapse" and s.when is not None and (s.outside_only or s.places) for s in told):
        return told
    relapses = [s.when.low.toordinal() for s in told if s.says == "relapse" and s.when is not None]
    places = _Open(view)
    return [kept for signal in told if (kept := _with_places(view, places, relapses, signal)) is not None]


def _with_places(view: View, places: _Open, relapses: list[int], signal: Signal) -> Signal | None:
    if signal.says == "relapse":
        places.opened(signal)
    if signal.says != "remission" or signal.when is None:
        return signal
    if signal.tier != MARROW:
        places.since.clear()
        return signal
    left = places.left(signal.when)
    if not left:
        return signal
    cleared = places.cleared_after(left, signal.when)
    again = bisect_right(relapses, signal.when.high.toordinal())
    if cleared is not None and not (again < len(relapses) and relapses[again] <= cleared.low.toordinal()):
        return replace(signal, when=cleared)
    treated = any(first_begun_between(view, places.since[place], signal.when) is not None for place in left)
    return replace(signal, says="marrow-clear") if treated else None
