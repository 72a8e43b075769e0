"""What the entries of the ALL say of its course: relapse, remission or resistance, and on which day."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, cast

from service.facts.conditions import OVER, evidence_of
from service.facts.disease import is_relapse, of_all
from service.facts.outside import places_of, relapse_that_is_over
from service.facts.per_view import per_view
from service.facts.response import marrows
from service.facts.signal import CLINICAL, CODED, NOTED, Signal
from service.logic.dates import PartialDate, days_of_age
from service.logic.fact import Evidence
from service.logic.truth import Truth
from service.record.clinical_status import RELAPSED
from service.record.conditions import REFRACTORY
from service.record.relapse_places import PLACE_OPEN, PLACES
from service.record.vocabulary import NAMES_MARROW, RELAPSES
from service.record.wanted import REMISSION_AT_VISITS

if TYPE_CHECKING:
    from service.facts.catalogue import View
    from service.record.record import Diagnosis


def from_diagnoses(view: View) -> list[Signal]:
    """Return what the entries of the ALL say, and those of refractory disease beside them."""
    found: list[Signal] = []
    diagnoses = of_all(view)
    only = len(diagnoses) == 1
    told = _first_told(diagnoses)
    for diagnosis in diagnoses:
        if is_relapse(diagnosis):
            coded = diagnosis.clinical not in RELAPSED
            when = _relapse_day(view, diagnosis, only=only)
            evidence = evidence_of(diagnosis, "relapse recorded")
            if not only and when is not diagnosis.onset:
                evidence = Evidence(evidence.reference, evidence.path, when, evidence.text)
            carried = coded and when is not None and when is not diagnosis.onset
            tier = CODED if coded else CLINICAL
            sites, site_open = _sites(diagnosis)
            places = places_of(diagnosis) if site_open or "extramedullary" in sites else frozenset()
            whole = when is not None and when.high < told and not _is_recorded_later(view, diagnosis)
            begun = whole and diagnosis.recorded is None and _is_of_the_start(view, when)
            found.append(
                Signal(
                    "relapse",
                    when,
                    tier,
                    evidence,
                    sites,
                    carried,
                    places,
                    site_open=site_open,
                    whole=whole,
                    begun=begun,
                    at_visit=diagnosis.at_visit,
                )
            )
            if diagnosis.clinical in OVER:
                found.append(relapse_that_is_over(diagnosis, when))
        elif not REFRACTORY.isdisjoint(diagnosis.concepts):
            found.append(
                Signal("refractory", diagnosis.onset or diagnosis.recorded, CODED, evidence_of(diagnosis, "refractory recorded"))
            )
        elif diagnosis.clinical == "remission" or is_coded_remission(diagnosis):
            tier = CLINICAL if diagnosis.clinical == "remission" else CODED
            # the onset of the only diagnosis is that of the disease, never that of its remission
            when = diagnosis.abated or diagnosis.recorded or (None if only else diagnosis.onset)
            later = diagnosis.abated is None and _is_before_remission(view, when)
            evidence = evidence_of(diagnosis, "remission recorded")
            found.append(
                Signal("remission", None if later else when, tier, evidence, first=diagnosis.first_remission, later=later)
            )
    if not any(signal.says == "relapse" for signal in found):
        found += [
            Signal("relapse", None, NOTED, Evidence(diagnosis.reference, "note", None, "relapse named in a note"))
            for diagnosis in diagnoses
            if not diagnosis.noted.isdisjoint(RELAPSES)
        ]
    return [*found, *_refractory_beside(view, diagnoses)] if diagnoses else []


def _is_before_remission(view: View, when: PartialDate | None) -> bool:
    """Return whether a day is so soon after the onset of the disease that no remission can be told yet.

    An entry of that day was made for the diagnosis, and its status or code changed later; where only its recording is dated, a
    marrow full of blasts soon after tells that. Source: limits/mrd.yaml; the end of induction, before which no remission is
    called (risk-and-relapse.md 4.1).
    """
    start = view.fact("diagnosis_date")
    if when is None or not isinstance(start.value, PartialDate) or _is_older(view, start.value):
        return False
    if (when.high - start.value.low).days >= view.limits.number("mrd_end_of_induction_from_day"):
        return False
    return "recorded-date" not in start.flags or _is_full_soon(view)


@per_view
def _is_full_soon(view: View) -> bool:
    """Return whether a marrow was full of blasts from the day of the diagnosis on, before the end of induction."""
    start = view.fact("diagnosis_date").value
    days = view.limits.number("mrd_end_of_induction_from_day")
    full = view.limits.number("remission_blasts_below_percent")
    return isinstance(start, PartialDate) and any(
        one.when is not None
        and 0 <= (one.when.low - start.low).days < days
        and one.percent is not None
        and one.percent.at_least(full) is Truth.YES
        for one in marrows(view)
    )


def _is_older(view: View, start: PartialDate) -> bool:
    """Return whether an entry of the disease is of long before the day of its diagnosis, which is then not that."""
    first = _first_entry(view)
    return first is not None and (start.low - first).days > view.limits.number("relapse_merge_days")


@per_view
def _first_entry(view: View) -> date | None:
    """Return the day of the first entry of the disease that has any: the latest that it can be."""
    days = (diagnosis.onset or diagnosis.recorded for diagnosis in of_all(view))
    return min((day.high for day in days if day is not None), default=None)


def _first_told(diagnoses: list[Diagnosis]) -> date:
    """Return the first day of the entries that are not of a relapse; before it the entry of a relapse may be of the diagnosis."""
    days = [diagnosis.onset or diagnosis.recorded for diagnosis in diagnoses if not is_relapse(diagnosis)]
    return min((date.min if day is None else day.low for day in days), default=date.max)


def _refractory_beside(view: View, diagnoses: list[Diagnosis]) -> list[Signal]:
    """Return the refractory disease that is coded in a Condition of its own, beside the ALL."""
    of_the_all = set(map(id, diagnoses))
    return [
        Signal("refractory", diagnosis.onset or diagnosis.recorded, CODED, evidence_of(diagnosis, "refractory recorded"))
        for diagnosis in view.layout.diagnoses.of("refractory-malignancy")
        if diagnosis.certain and id(diagnosis) not in of_the_all
    ]


def _relapse_day(view: View, diagnosis: Diagnosis, *, only: bool) -> PartialDate | None:
    """Return the day of a recorded relapse: the onset, but the recording where the onset is that of the whole disease.

    So it is where this is the only diagnosis, or where the disease was diagnosed then: no relapse comes before a remission. An
    onset that is told by an age is any day of it. One that is told in other words has no day: the recording is another one.
    """
    if diagnosis.began_before and not only:
        return _day_at_age(view, diagnosis)
    old = not only and _is_of_the_start(view, diagnosis.onset)
    if (only or old) and _is_recorded_later(view, diagnosis):
        return diagnosis.recorded
    if old and not _is_older(view, cast("PartialDate", view.fact("diagnosis_date").value)):
        return None
    return diagnosis.onset or diagnosis.recorded


def _is_recorded_later(view: View, diagnosis: Diagnosis) -> bool:
    """Return whether an entry was made so long after its onset that it is not of the diagnosis."""
    if diagnosis.onset is None or diagnosis.recorded is None:
        return False
    return (diagnosis.recorded.low - diagnosis.onset.high).days > view.limits.number("relapse_merge_days")


def _is_of_the_start(view: View, onset: PartialDate | None) -> bool:
    """Return whether an onset is the day, or the month, of the diagnosis of the disease."""
    start = view.fact("diagnosis_date").value
    if onset is None or onset.precision == "year" or not isinstance(start, PartialDate):
        return False
    return onset.low <= start.high and onset.on_or_before(start) is not Truth.NO


def _day_at_age(view: View, diagnosis: Diagnosis) -> PartialDate | None:
    """Return any day on which the patient had the age of the onset, until the recording; None where that is not told."""
    birth, age = view.record.birth, diagnosis.onset_age
    if birth is None or age is None:
        return None
    recorded = diagnosis.recorded or view.today
    days = days_of_age(birth, age, min(recorded.high, view.today.high))
    return None if days is None else PartialDate.within(*map(PartialDate.of_day, days))


def is_coded_remission(diagnosis: Diagnosis) -> bool:
    """Return whether the code of a diagnosis tells the remission together with the disease."""
    return not REMISSION_AT_VISITS.isdisjoint(diagnosis.concepts)


_IN_MARROW, EXTRAMEDULLARY = frozenset({"marrow"}), frozenset({"extramedullary"})
BOTH = _IN_MARROW | EXTRAMEDULLARY
_OUTSIDE = PLACES | {"relapse-site-extramedullary"}


def _sites(diagnosis: Diagnosis) -> tuple[frozenset[str], bool]:
    """Return where a relapse was, as far as it names CNS, testis, skin or marrow in any way, and whether that is open."""
    coded, open_by_code = sites_in((diagnosis.concepts - diagnosis.named) | diagnosis.sites)
    told, open_in_words = sites_in(diagnosis.named)
    return coded | told, (open_by_code or open_in_words) and coded | told != BOTH


def sites_in(named: frozenset[str]) -> tuple[frozenset[str], bool]:
    """Return the sites of a relapse that are named, and whether words leave open in which of two places it was."""
    if "relapse-site-combined" in named:
        return BOTH, False
    marrow = "relapse-site-marrow" in named
    if "relapse-site-isolated" in named:
        if marrow and "relapse-site-extramedullary" in named:
            return frozenset(), True
        return (_IN_MARROW if marrow else EXTRAMEDULLARY), False
    if _OUTSIDE.isdisjoint(named):
        return (_IN_MARROW if marrow else frozenset()), False
    return (frozenset(), True) if marrow or not named.isdisjoint({NAMES_MARROW, PLACE_OPEN}) else (EXTRAMEDULLARY, False)
