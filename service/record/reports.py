"""Reports: the words of a conclusion are read by the same explicit patterns as any text; a document only is not read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.record.codes import coded, concept_of
from service.record.observations import COUNTED, EARLY, findings_in
from service.record.record import Reading
from service.record.tolerant import Json, day, mappings, period, refuse_modified, text

if TYPE_CHECKING:
    from service.record.shelf import Shelf


def read_report(resource: Json, reference: str, shelf: Shelf) -> Reading | None:
    """Return the conclusion of a report as a reading of words; None without one, or where its status takes it out."""
    status = text(resource, "status")
    if status not in COUNTED and status not in EARLY:
        return None
    refuse_modified(resource)
    codes = [concept_of(item, shelf.terms, f"conclusionCode[{n}].") for n, item in mappings(resource, "conclusionCode")]
    said = " ; ".join(part for part in (text(resource, "conclusion"), *(code.text for code in codes)) if part)
    said = shelf.clipped(said, f"{reference} conclusion")
    if not said:
        return None
    code = coded(resource, "code", shelf.terms)
    start, end = period(resource, "effectivePeriod")
    return Reading(
        reference=reference,
        path="conclusion",
        when=day(resource, "effectiveDateTime") or start or end or day(resource, "issued"),
        concepts=code.concepts & REPORTS,
        text=code.text,
        words=said,
        findings=findings_in(said, shelf),
        preliminary=status in EARLY,
    )


REPORTS = frozenset({"immunophenotyping-panel", "marrow-report", "genetic-report", "fish-result"})
