"""Reports that are not read for antigens, and whose words may say otherwise than the newest results: these are then not firm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.facts.choose import newest
from service.facts.specimen_blasts import had_blasts
from service.facts.tested import NAMES, Tested, label_status
from service.logic.truth import Truth
from service.record.antigens_doubted import PANELS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service.facts.catalogue import View
    from service.logic.fact import Evidence
    from service.record.findings import Finding
    from service.record.record import Reading


def not_read(view: View, antigen: str, governing: Sequence[Tested]) -> tuple[Evidence, ...]:
    """Return the reports that would be among the newest results and would not agree with them, as evidence without their words.

    A plain positive changes nothing, nor does one of a specimen without blasts (rule CD19-7), or one that only names the antigen.
    """
    concept = f"{antigen}-blasts"
    statuses: set[str | None] | None = None
    doubts: list[Tested] = []
    for _, reading in view.layout.at(view.layout.spoken):
        if reading.path != "conclusion" or not PANELS.isdisjoint(reading.concepts):
            continue
        finding = dict(reading.findings).get(concept)
        if finding is None:
            continue
        if statuses is None:
            statuses = {label_status(view, antigen, t) for t in governing}
        told = _as_told(antigen, reading, finding)
        if _differs(view, antigen, told, statuses) and had_blasts(view, told.when) is not Truth.NO:
            doubts.append(told)
    if not doubts:
        return ()
    used = set(map(id, governing))
    return tuple(t.evidence for t in newest([*governing, *doubts]) if id(t) not in used)


def _as_told(antigen: str, reading: Reading, finding: Finding) -> Tested:
    evidence = reading.evidence(f"{NAMES[antigen]} named, not read")
    return Tested(reading.when, "indeterminate" if finding.contradictory else finding.answer, finding.percent, evidence)


def _is_of_few(view: View, antigen: str, told: Tested) -> bool:
    """Return whether CD22 is perhaps on fewer blasts than some trials ask for: that is no plain positive."""
    if antigen != "cd22" or told.percent is None:
        return False
    return told.percent.at_least(view.limits.number("cd22_trial_from_percent")) is not Truth.YES


def _differs(view: View, antigen: str, told: Tested, statuses: set[str | None]) -> bool:
    status = label_status(view, antigen, told)
    return _is_of_few(view, antigen, told) if status == "positive" else {status} != statuses
