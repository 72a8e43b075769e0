"""The residual disease at its time points: those of the first treatment, and the end of the first block after a relapse."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from service.facts.catalogue import Kind, derive
from service.facts.consolidation_window import in_consolidation
from service.facts.disease import first_treatment
from service.facts.relapse_days import first_day_of_any_relapse
from service.facts.residual import residuals
from service.facts.response import governing
from service.logic.dates import PartialDate
from service.logic.fact import Fact, Gap, unknown
from service.logic.truth import Truth

if TYPE_CHECKING:
    from decimal import Decimal

    from service.facts.catalogue import View
    from service.facts.choose import Datable

_OF_A_RELAPSE = "mrd-at-end-of-block-1"


def _at_point(view: View, name: str, point: str, *, blood: bool = False) -> Fact[object]:
    """Return the MRD of a time point: of the samples with its label that were taken in its window.

    Unknown: none; labelled ones outside of the window alone (`not-assessable`).
    """
    found = [r for r in residuals(view) if point in r.points and (blood or not r.blood)]
    in_time = [r for r in found if fits_point(view, point, r)]
    if found and not in_time:
        evidence = tuple(r.evidence for r in found)
        return unknown(Gap.NOT_ASSESSABLE, name, evidence=evidence, rule="MRD-window")
    if not found and point == "mrd-at-end-of-induction":
        unlabelled = [r for r in residuals(view) if not r.points and not r.blood and is_end_of_first_induction(view, r)]
        return governing(view, name, unlabelled).flagged("computed") if unlabelled else governing(view, name, [])
    return governing(view, name, in_time)


def _any_time(_view: View, _residual: Datable) -> bool:
    return True


def is_end_of_first_induction(view: View, residual: Datable) -> bool:
    """Return whether a sample without a label surely lies in the window after a first treatment begun about the diagnosis."""
    start, diagnosed, when = first_treatment(view), view.fact("diagnosis_date").value, residual.when
    if start is None or when is None or not isinstance(diagnosed, PartialDate):
        return False
    apart = max(abs((start.low - diagnosed.high).days), abs((start.high - diagnosed.low).days))
    first, last = _window(view)
    within = first <= (when.low - start.high).days and (when.high - start.low).days <= last
    return apart <= view.limits.number("induction_start_within_days") and within


def _window(view: View) -> tuple[Decimal, Decimal]:
    """Return the first and the last day of the window, counted from the first treatment."""
    return view.limits.number("mrd_end_of_induction_from_day"), view.limits.number("mrd_end_of_induction_to_day")


def _in_window(view: View, residual: Datable) -> bool:
    """Return whether a sample with its label may have been taken in the window; where the start is not recorded, it stands."""
    start = first_treatment(view)
    if start is None or residual.when is None:
        return True
    first, last = _window(view)
    return (residual.when.high - start.low).days >= first and (residual.when.low - start.high).days <= last


def _in_induction(view: View, residual: Datable) -> bool:
    """Return whether a sample was surely taken while the first induction lasted, or at its end."""
    start = first_treatment(view)
    if start is None or residual.when is None or residual.when.low < start.high:
        return False
    return (residual.when.high - start.low).days <= view.limits.number("mrd_end_of_induction_to_day")


def _at_end_of_consolidation(view: View, residual: Datable) -> bool:
    return not _in_induction(view, residual) and in_consolidation(view, residual)


def fits_point(view: View, point: str, sample: Datable) -> bool:
    """Return whether a sample was taken in the window of a time point, or nothing recorded denies it."""
    return _in_its_treatment(view, point, sample) and _WINDOWS.get(point, _any_time)(view, sample)


def _in_its_treatment(view: View, point: str, sample: Datable) -> bool:
    """Return whether no relapse denies a label: block 1 follows the relapse, all else comes before any."""
    if sample.when is None:
        return True
    if point == _OF_A_RELAPSE:
        relapse = view.fact("relapse_date").value
        return not isinstance(relapse, PartialDate) or sample.when.before(relapse) is not Truth.YES
    until = first_day_of_any_relapse(view)
    return until is None or sample.when.high < until


_WINDOWS = {"mrd-at-end-of-induction": _in_window, "mrd-at-end-of-consolidation": _at_end_of_consolidation}

for _name, _point, _blood in (
    ("mrd_day8_blood_percent", "mrd-at-day-8-blood", True),
    ("mrd_day15_percent", "mrd-at-day-15", False),
    ("mrd_end_of_induction_percent", "mrd-at-end-of-induction", False),
    ("mrd_end_of_consolidation_percent", "mrd-at-end-of-consolidation", False),
    ("mrd_end_of_block1_percent", "mrd-at-end-of-block-1", False),
):
    derive(_name, Kind.NUMBER, unit="%", reads=("mrd",))(partial(_at_point, name=_name, point=_point, blood=_blood))
