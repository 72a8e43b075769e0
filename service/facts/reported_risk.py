"""Risk groups that somebody recorded: never taken over, always compared with what is derived."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.facts.catalogue import ReportedRisk
from service.facts.choose import OWN_SYSTEM, every_reading, order

if TYPE_CHECKING:
    from service.facts.catalogue import View
    from service.record.record import Reading

# the two values that mCODE knows name no system; they are compared with the NCI classes, which they are made for
_WITHOUT_SYSTEM = (("risk-standard", "SR"), ("risk-high", "HR"))


def reported_risks(view: View) -> tuple[ReportedRisk, ...]:
    """Return every recorded risk group, oldest first; preliminary ones, such as our own suggestions, are left out."""
    found: list[ReportedRisk] = []
    for reading in sorted(every_reading(view), key=order):
        if reading.preliminary:
            continue
        if (OWN_SYSTEM, "risk-group") in reading.code_codings:
            system, group = _part(reading, "system"), _part(reading, "group")
            if group:
                found.append(
                    ReportedRisk(
                        system or None, group, reading.evidence(f"recorded risk group {system} {group}".replace("  ", " "))
                    )
                )
        elif "reported-risk" in reading.concepts:
            found.extend(
                ReportedRisk(None, group, reading.evidence(f"recorded risk group {group}"))
                for concept, group in _WITHOUT_SYSTEM
                if concept in reading.answers
            )
    return tuple(found)


def _part(reading: Reading, code: str) -> str:
    for component in reading.components:
        if (OWN_SYSTEM, code) in component.code_codings:
            return next((value for system, value in component.coded if system == OWN_SYSTEM), component.words)
    return ""
