"""What holds at the time points by which trials select: how the residual disease was measured, and the marrow beside it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from service.facts.catalogue import Kind, derive
from service.facts.choose import newest, with_concept
from service.facts.mrd_points import fits_point, is_end_of_first_induction
from service.facts.residual import residuals
from service.facts.response import marrows
from service.logic.fact import Fact, Gap, known, unknown
from service.logic.truth import Truth

if TYPE_CHECKING:
    from service.facts.catalogue import View
    from service.facts.response import Marrow
    from service.logic.fact import Evidence
    from service.record.record import Reading

_AT = "mrd_end_of_consolidation_percent"


def how_measured(view: View, name: str, member: str) -> Fact[object]:
    """Return the method or the laboratory of the very results that govern the residual disease at the end of consolidation.

    Unknown: that disease itself is unknown; none of these results says it; they say different ones (`ambiguous`).
    """
    measured = view.fact(_AT)
    if not measured.is_known:
        gap = measured.gap or Gap.NOT_RECORDED
        return unknown(gap, *(measured.needs or (name,)), evidence=measured.evidence, rule="MRD", flags=measured.flags)
    used = frozenset(measured.evidence)
    governing = [r for r in residuals(view) if r.evidence in used and r.percent is not None]
    told = sorted({word for r in governing if (word := getattr(r, member))})
    if len(told) == 1:
        return known(told[0], measured.evidence, rule="MRD", flags=tuple(f for f in measured.flags if f == "preliminary"))
    gap = Gap.AMBIGUOUS if told else Gap.NOT_RECORDED
    return unknown(gap, name, evidence=measured.evidence, rule="MRD")


for _name, _member, _values in (
    ("mrd_end_of_consolidation_method", "method", ("flow", "pcr", "ngs")),
    ("mrd_end_of_consolidation_laboratory", "laboratory", ("central", "local")),
):
    derive(_name, Kind.WORD, values=_values, reads=("mrd",))(partial(how_measured, name=_name, member=_member))


def marrow_class_at(view: View, name: str, point: str) -> Fact[object]:
    """Return the class of the marrow at a time point: of a count with its label, or of the day of a residual disease with it.

    Without either, a count in the window after the first treatment is that of the end of induction (`computed`). All in the
    windows of the residual disease. Unknown: no such count; labelled ones outside of the window (`not-assessable`); no usable
    number; counts of the newest day that lie in two classes (`ambiguous`). Source: limits/marrow.yaml, limits/mrd.yaml.
    """
    days = {(r.when.low, r.when.high) for r in residuals(view) if point in r.points and not r.blood and r.when is not None}
    labelled = _labelled(view, point)
    meant = [
        m for m in marrows(view) if _place(m.evidence) in labelled or (m.when is not None and (m.when.low, m.when.high) in days)
    ]
    found = [m for m in meant if fits_point(view, point, m)]
    if meant and not found:
        return unknown(Gap.NOT_ASSESSABLE, name, evidence=tuple(m.evidence for m in meant), rule="marrow-window")
    flags: tuple[str, ...] = ()
    if not found and point == "mrd-at-end-of-induction":
        other = _labelled(view, "mrd-at-")
        unlabelled = [m for m in marrows(view) if _place(m.evidence) not in other]
        found, flags = [m for m in unlabelled if is_end_of_first_induction(view, m)], ("computed",)
    latest = newest(found)
    if not latest:
        return unknown(Gap.NOT_RECORDED, name, rule="marrow-class")
    return _class_of(view, name, latest, flags)


def _labelled(view: View, point: str) -> frozenset[tuple[str, str]]:
    """Return the places of the marrow counts that carry a label that begins so: one report may hold several counts."""
    counts = with_concept(view, "marrow-blasts")
    return frozenset(_place(r) for r in counts if any(word.startswith(point) for word in _words(r)))


def _place(found: Evidence | Reading) -> tuple[str, str]:
    return found.reference, found.path


def _words(reading: Reading) -> frozenset[str]:
    parts = frozenset(word for part in reading.components for word in (*part.answers, *part.concepts))
    return reading.concepts | reading.answers | reading.methods | parts


def _class_of(view: View, name: str, latest: list[Marrow], flags: tuple[str, ...]) -> Fact[object]:
    evidence = tuple(m.evidence for m in latest)
    percents = [m.percent for m in latest if m.percent is not None]
    if not percents:
        return unknown(Gap.UNREADABLE, name, evidence=evidence, rule="marrow-class")
    second, third = view.limits.number("marrow_m2_from_percent"), view.limits.number("marrow_m3_from_percent")
    classes = {_CLASSES.get((p.at_least(second), p.at_least(third))) for p in percents}
    word = classes.pop()
    if word is None or classes:
        return unknown(Gap.AMBIGUOUS, name, evidence=evidence, rule="marrow-class")
    early = ("preliminary",) if any("preliminary" in m.flags for m in latest) else ()
    return known(word, evidence, rule="marrow-class", flags=(*flags, *early))


_CLASSES = {(Truth.NO, Truth.NO): "M1", (Truth.YES, Truth.NO): "M2", (Truth.YES, Truth.YES): "M3"}

for _name, _point in (
    ("marrow_class_end_of_induction", "mrd-at-end-of-induction"),
    ("marrow_class_end_of_consolidation", "mrd-at-end-of-consolidation"),
):
    derive(_name, Kind.WORD, values=("M1", "M2", "M3"), reads=("marrow-blasts",))(
        partial(marrow_class_at, name=_name, point=_point)
    )
