"""The course as signals: what each piece of evidence says of relapse, remission or resistance, and on which day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from service.facts.choose import OWN_SYSTEM, order, statements, with_concept
from service.facts.conditions import evidence_of
from service.facts.disease import RELAPSE_NAMES, is_relapse, of_all
from service.facts.response import marrows
from service.logic.dates import PartialDate
from service.logic.fact import Evidence
from service.logic.truth import Truth

if TYPE_CHECKING:
    from service.facts.catalogue import View
    from service.facts.response import Marrow
    from service.record.record import Diagnosis, Reading

Says = Literal["relapse", "suspected", "remission", "refractory", "newly-diagnosed"]

MARROW, JUDGED, CLINICAL, CODED, NOTED = 1, 2, 3, 4, 6  # tiers of evidence, the lower the stronger


@dataclass(frozen=True, slots=True)
class Signal:
    """One piece of evidence about the course."""

    says: Says
    when: PartialDate | None
    tier: int
    evidence: Evidence


_STATUS_SIGNALS: tuple[tuple[str, Says], ...] = (
    ("status-relapse", "relapse"),
    ("status-suspected-relapse", "suspected"),
    ("status-refractory", "refractory"),
    ("status-remission", "remission"),
    ("status-remission-with-residual-findings", "remission"),
)


def signals(view: View) -> list[Signal]:
    """Return all signals of the course, oldest first; undated ones come before dated ones."""
    remembered = view.memory.get("signals")
    if remembered is None:
        found = [*_from_diagnoses(view), *_from_status(view), *_stated_remissions(view)]
        found += _from_marrow(view, found)
        if any(s.says == "relapse" and s.tier < NOTED for s in found):
            found = [s for s in found if s.tier < NOTED]
        remembered = view.memory["signals"] = sorted(found, key=order)
    return remembered  # type: ignore[return-value]  # put there two lines above


def _from_diagnoses(view: View) -> list[Signal]:
    found: list[Signal] = []
    diagnoses = of_all(view)
    only = len(diagnoses) == 1
    for diagnosis in diagnoses:
        if is_relapse(diagnosis):
            coded = diagnosis.clinical not in {"relapse", "recurrence"}
            when = _relapse_day(view, diagnosis, only=only)
            found.append(Signal("relapse", when, CODED if coded else CLINICAL, evidence_of(diagnosis, "relapse recorded")))
        elif _says_refractory(diagnosis):
            found.append(
                Signal("refractory", diagnosis.onset or diagnosis.recorded, CODED, evidence_of(diagnosis, "refractory recorded"))
            )
        elif diagnosis.clinical == "remission" or _coded_remission(diagnosis):
            tier = CLINICAL if diagnosis.clinical == "remission" else CODED
            when = diagnosis.abated or diagnosis.recorded or diagnosis.onset
            found.append(Signal("remission", when, tier, evidence_of(diagnosis, "remission recorded")))
    if not any(signal.says == "relapse" for signal in found):
        found += [
            Signal("relapse", None, NOTED, Evidence(diagnosis.reference, "note", None, "relapse named in a note"))
            for diagnosis in diagnoses
            if not RELAPSE_NAMES.isdisjoint(diagnosis.noted)
        ]
    return [*found, *_refractory_beside(view, diagnoses)] if diagnoses else []


def _refractory_beside(view: View, diagnoses: list[Diagnosis]) -> list[Signal]:
    """Return the refractory disease that is coded in a Condition of its own, beside the ALL."""
    return [
        Signal("refractory", diagnosis.onset or diagnosis.recorded, CODED, evidence_of(diagnosis, "refractory recorded"))
        for diagnosis in view.record.diagnoses
        if diagnosis.certain and diagnosis not in diagnoses and "refractory-malignancy" in diagnosis.concepts
    ]


def _relapse_day(view: View, diagnosis: Diagnosis, *, only: bool) -> PartialDate | None:
    """Return the day of a recorded relapse: the onset, but the recording where the onset is that of the whole disease."""
    if diagnosis.onset is None or diagnosis.recorded is None:
        return diagnosis.onset or diagnosis.recorded
    apart = (diagnosis.recorded.low - diagnosis.onset.high).days > view.limits.number("relapse_merge_days")
    return diagnosis.recorded if only and apart else diagnosis.onset


def _says_refractory(diagnosis: Diagnosis) -> bool:
    return "all-refractory" in diagnosis.concepts


def _coded_remission(diagnosis: Diagnosis) -> bool:
    return not {"all-in-remission", "acute-leukaemia-in-remission"}.isdisjoint(diagnosis.concepts)


def _from_status(view: View) -> list[Signal]:
    found: list[Signal] = []
    for reading in with_concept(view, "disease-status"):
        if (OWN_SYSTEM, "disease-state") in reading.code_codings:
            continue  # a statement: it outranks, see course
        says = _status_of(reading)
        if says is not None:
            found.append(Signal(says, reading.when, JUDGED, reading.evidence(f"disease status: {says}")))
    return found + _worsened(view, found)


def _stated_remissions(view: View) -> list[Signal]:
    """Return the remissions that were stated: a relapse seen afterwards is then a new one."""
    states = [r for r in statements(view, "disease-state") if (OWN_SYSTEM, "remission") in r.coded]
    numbered = [r for r in statements(view, "remission-number") if r.whole]
    return [Signal("remission", r.when, JUDGED, r.evidence("stated: remission")) for r in (*states, *numbered)]


def _status_of(reading: Reading) -> Says | None:
    answers = reading.answers
    return next((says for concept, says in _STATUS_SIGNALS if concept in answers), None)


def _worsened(view: View, told: list[Signal]) -> list[Signal]:
    """Return a relapse for each `worsened` or `progression` after a remission that was told before it."""
    remissions = [s.when for s in told if s.says == "remission" and s.when is not None]
    found: list[Signal] = []
    for reading in with_concept(view, "disease-status"):
        if {"status-worsened", "status-progression"}.isdisjoint(reading.answers) or reading.when is None:
            continue
        if any(remission.before(reading.when) is Truth.YES for remission in remissions):
            found.append(Signal("suspected", reading.when, JUDGED, reading.evidence("disease status: worse after a remission")))
    return found


def _from_marrow(view: View, told: list[Signal]) -> list[Signal]:
    """Return what the marrows say: a remission below the limit after diagnosis, then a relapse or its suspicion above it."""
    limits = view.limits
    remission_below = limits.number("remission_blasts_below_percent")
    certain_from, suspected_from = (
        limits.number("relapse_marrow_certain_from_percent"),
        limits.number("relapse_marrow_one_test_from_percent"),
    )
    diagnosed = view.fact("diagnosis_date").value
    found: list[Signal] = []
    for marrow in marrows(view):
        if marrow.percent is None or marrow.when is None:
            continue
        if marrow.percent.below(remission_below) is Truth.YES:
            if isinstance(diagnosed, PartialDate) and diagnosed.before(marrow.when) is Truth.YES:
                found.append(Signal("remission", marrow.when, MARROW, marrow.evidence))
        elif _remission_before(marrow, [*told, *found]):
            if marrow.percent.at_least(certain_from) is Truth.YES:
                found.append(Signal("relapse", marrow.when, MARROW, marrow.evidence))
            elif marrow.percent.at_least(suspected_from) is Truth.YES:
                found.append(Signal("suspected", marrow.when, MARROW, marrow.evidence))
    return found


def _remission_before(marrow: Marrow, told: list[Signal]) -> bool:
    when = marrow.when
    return when is not None and any(
        s.says == "remission" and s.when is not None and s.when.before(when) is Truth.YES for s in told
    )
