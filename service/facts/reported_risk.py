"""Risk groups that somebody recorded: never taken over, always compared with what is derived."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.facts.catalogue import ReportedRisk
from service.facts.choose import in_time
from service.facts.layout import OWN_SYSTEM

if TYPE_CHECKING:
    from service.facts.catalogue import View
    from service.record.record import Reading

# the two values that mCODE knows name no system; they are compared with the NCI classes, which they are made for
_WITHOUT_SYSTEM = (("risk-standard", "SR"), ("risk-high", "HR"))


def reported_risks(view: View) -> tuple[ReportedRisk, ...]:
    """Return every recorded risk group, oldest first; preliminary ones, such as our own suggestions, are left out."""
    found: list[ReportedRisk] = []
    layout = view.layout
    places = layout.readings.places(("reported-risk",)).union(layout.own.get("risk-group", ()))
    for reading in in_time(reading for _, reading in layout.at(places)):
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
        else:
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
