"""Laboratory values and measures in the units in which trials print their limits."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from service.facts.catalogue import Kind, derive
from service.facts.choose import newest, with_concept
from service.facts.measured import (
    impossible,
    in_unit,
    in_upper_limits,
    may_be_of_blood,
    measured,
    one_amount,
    set_aside_impossible,
    usable_in,
)
from service.facts.unread import unless_unread
from service.logic.fact import Fact, Gap, known, unknown
from service.logic.interval import Interval

if TYPE_CHECKING:
    from service.facts.catalogue import View
    from service.logic.dates import PartialDate
    from service.record.record import Reading

_MASS, _SUBSTANCE, _PER_SURFACE = "mg/dL", "umol/L", "mL/min/{1.73_m2}"
_CONVERTED = (
    ("creatinine_mg_dl", "creatinine", "creatinine", "creatinine_umol_per_litre_per_mg_per_decilitre"),
    ("bilirubin_mg_dl", "bilirubin-total", "total bilirubin", "bilirubin_umol_per_litre_per_mg_per_decilitre"),
)


def in_mass(view: View, name: str, concept: str, word: str, factor: str) -> Fact[object]:
    """Return the newest concentration in blood in mg/dL; amounts of substance are converted by the limit `factor`.

    Unknown: none recorded; no unit, or one that cannot be converted, or one that cannot be read and is not surely an older one
    (`unreadable`). Two amounts of one moment: conflicting.
    Source: limits/organs.yaml.
    """
    latest = newest([r for r in with_concept(view, concept) if not r.absent and may_be_of_blood(r)])
    amounts = [(_mass_of(view, reading, factor), reading) for reading in latest]
    return unless_unread(view, name, one_amount(view, name, amounts, _MASS, word), concept)


def _mass_of(view: View, reading: Reading, factor: str) -> Interval | None:
    substance = in_unit(reading, _SUBSTANCE)
    if substance is None:
        return usable_in(view, reading, _MASS)
    if impossible(view, substance, _SUBSTANCE):
        set_aside_impossible(view, reading, _SUBSTANCE)
        return None
    return substance.divided(view.limits.number(factor))


for _name, _concept, _word, _factor in _CONVERTED:
    derive(_name, Kind.NUMBER, unit=_MASS, reads=(_concept,))(
        partial(in_mass, name=_name, concept=_concept, word=_word, factor=_factor)
    )

derive("direct_bilirubin_xuln", Kind.NUMBER, unit="1", reads=("bilirubin-direct",))(
    partial(in_upper_limits, name="direct_bilirubin_xuln", concept="bilirubin-direct", word="direct bilirubin")
)
derive("lvsf_percent", Kind.NUMBER, unit="%", reads=("lvsf",))(
    partial(measured, name="lvsf_percent", concept="lvsf", unit="%", word="fractional shortening of the left ventricle")
)


@derive("bmi", Kind.NUMBER, unit="kg/m2", reads=("body-mass-index", "body-weight", "body-height"))
def bmi(view: View) -> Fact[object]:
    """The newest recorded body mass index, else that of the newest weight and height, flagged `computed`.

    Unknown: neither recorded; weight and height too far apart (`too-old`), undated or not exact (`ambiguous`). Source:
    limits/organs.yaml.
    """
    recorded = measured(view, "bmi", "body-mass-index", "kg/m2", "body mass index")
    if recorded.gap is not Gap.NOT_RECORDED:
        return recorded
    weight, height = view.fact("weight_kg"), measured(view, "bmi", "body-height", "m", "height")
    if not isinstance(weight.value, Interval) or not isinstance(height.value, Interval):
        gaps = [fact.gap for fact in (weight, height) if fact.gap is not None and fact.gap is not Gap.NOT_RECORDED]
        return unknown(gaps[0] if gaps else Gap.NOT_RECORDED, "bmi", evidence=(*weight.evidence, *height.evidence), rule="bmi")
    evidence, metres = (*weight.evidence, *height.evidence), height.value.exact
    days = _apart(weight.evidence[0].date, height.evidence[0].date)
    if days is None or not metres or metres < 0:
        return unknown(Gap.AMBIGUOUS, "bmi", evidence=evidence, rule="bmi")
    if days > view.limits.number("body_mass_index_height_within_days"):
        return unknown(Gap.TOO_OLD, "bmi", evidence=evidence, rule="bmi")
    value = weight.value.divided(metres * metres)
    return known(value, evidence, rule="bmi", unit="kg/m2", flags=(*weight.flags, *height.flags, "computed"))


@derive(
    "creatinine_clearance_per_surface",
    Kind.NUMBER,
    unit=_PER_SURFACE,
    reads=("creatinine-clearance", "body-surface-area"),
)
def creatinine_clearance_per_surface(view: View) -> Fact[object]:
    """The newest creatinine clearance for 1.73 m² of body surface; one in mL/min by the body surface, flagged `computed`.

    Unknown: none recorded; no unit that can be read; in mL/min without a body surface, one taken too far from it (`too-old`),
    undated or not exact (`ambiguous`). Source: limits/organs.yaml.
    """
    name = "creatinine_clearance_per_surface"
    latest = newest([r for r in with_concept(view, "creatinine-clearance") if not r.absent])
    if any(in_unit(reading, _PER_SURFACE) is not None for reading in latest):
        return measured(view, name, "creatinine-clearance", _PER_SURFACE, "creatinine clearance")
    flow, surface = view.fact("creatinine_clearance"), view.fact("body_surface_m2")
    if not isinstance(flow.value, Interval):
        return unknown(flow.gap or Gap.AMBIGUOUS, name, evidence=flow.evidence, rule="per-surface")
    if surface.gap is Gap.NOT_RECORDED:
        return unknown(Gap.NOT_RECORDED, "body_surface_m2", evidence=flow.evidence, rule="per-surface")
    evidence, area = (*flow.evidence, *surface.evidence), surface.value.exact if isinstance(surface.value, Interval) else None
    days = _apart(flow.evidence[0].date, surface.evidence[0].date)
    if days is None or not area or area < 0:
        return unknown(Gap.AMBIGUOUS, "body_surface_m2", evidence=evidence, rule="per-surface")
    if days > view.limits.number("clearance_body_surface_within_days"):
        return unknown(Gap.TOO_OLD, "body_surface_m2", evidence=evidence, rule="per-surface")
    value = flow.value.multiplied(view.limits.number("clearance_reference_body_surface_m2")).divided(area)
    return known(value, evidence, rule="per-surface", unit=_PER_SURFACE, flags=(*flow.flags, *surface.flags, "computed"))


def _apart(one: PartialDate | None, other: PartialDate | None) -> int | None:
    """Return the most days that may lie between two dates; None where one is missing."""
    if one is None or other is None:
        return None
    return max(abs((one.high - other.low).days), abs((other.high - one.low).days))
