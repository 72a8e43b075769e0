"""The early response that AIEOP-BFM asks for: remission at the end of induction, and whether MRD could be followed by PCR."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.facts.catalogue import Kind, derive
from service.facts.choose import with_concept
from service.facts.disease import first_treatment
from service.facts.events import signals
from service.facts.marrow_course import looks_like_regeneration
from service.facts.response import marrows
from service.logic.fact import Fact, Gap, known, unknown
from service.logic.truth import Truth

if TYPE_CHECKING:
    from service.facts.catalogue import View
    from service.logic.dates import PartialDate

_POINTS = ("mrd_end_of_induction_percent", "mrd_end_of_consolidation_percent")


@derive("remission_at_end_of_induction", Kind.TRUTH)
def remission_at_end_of_induction(view: View) -> Fact[object]:
    """Whether the first induction ended in remission, by what was judged or counted in the window of its end.

    An internal fact beside the assessment's own. Unknown: the beginning of treatment is not recorded, nothing in the window, or
    a remission and a full marrow both (`ambiguous`). Source: limits/mrd.yaml, limits/marrow.yaml.
    """
    name, rule = "remission_at_end_of_induction", "end-of-induction"
    start = first_treatment(view)
    if start is None:
        return unknown(Gap.NOT_RECORDED, name, rule=rule)
    blasts = view.limits.number("remission_blasts_below_percent")
    clear = tuple(s.evidence for s in signals(view) if s.says == "remission" and _at_its_end(view, start, s.when))
    full = tuple(
        marrow.evidence
        for marrow in marrows(view)
        if marrow.percent is not None and marrow.percent.at_least(blasts) is Truth.YES
        if _at_its_end(view, start, marrow.when) and not looks_like_regeneration(view, marrow)
    )
    if clear and full:
        return unknown(Gap.AMBIGUOUS, name, evidence=(*clear, *full), rule=rule)
    if clear or full:
        return known(bool(clear), clear or full, rule=rule, flags=("computed",))
    return unknown(Gap.NOT_RECORDED, name, rule=rule)


def _at_its_end(view: View, start: PartialDate, when: PartialDate | None) -> bool:
    """Return whether a day lies surely in the window of the end of the first induction."""
    if when is None:
        return False
    first, last = view.limits.number("mrd_end_of_induction_from_day"), view.limits.number("mrd_end_of_induction_to_day")
    return (when.low - start.high).days >= first and (when.high - start.low).days <= last


@derive("mrd_pcr_unavailable", Kind.TRUTH)
def mrd_pcr_unavailable(view: View) -> Fact[object]:
    """Whether it is written down that MRD was not measured by PCR, and no result says otherwise.

    An internal fact beside the assessment's own. False with a result of another method than flow at the end of induction or of
    consolidation, and with any result there where nothing is written down. Unknown: neither; a missing result excludes none.
    """
    results = [fact for name in _POINTS if (fact := view.fact(name)).is_known]
    by_others = [fact for fact in results if dict(fact.beside).get("method") != "flow"]
    told = tuple(
        reading.evidence("MRD by PCR not performed")
        for reading in with_concept(view, "mrd")
        if "method-pcr" in reading.methods | reading.concepts
        if "absent-not-performed" in reading.absent_for
    )
    if by_others or (results and not told):
        seen = tuple(item for fact in by_others or results for item in fact.evidence)
        return known(value=False, evidence=seen, rule="MRD-by-PCR")
    if told:
        return known(value=True, evidence=told, rule="MRD-by-PCR")
    return unknown(Gap.NOT_RECORDED, "mrd_pcr_unavailable", rule="MRD-by-PCR")
