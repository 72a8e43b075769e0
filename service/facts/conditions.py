"""Booleans that rest on a recorded condition: present, or not recorded; absence is never a no."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.logic.fact import Evidence, Fact, Gap, known, unknown

if TYPE_CHECKING:
    from service.facts.catalogue import View
    from service.record.record import Diagnosis

OVER = frozenset({"inactive", "remission", "resolved"})


def evidence_of(diagnosis: Diagnosis, text: str, path: str = "code") -> Evidence:
    """Return a diagnosis as evidence."""
    return Evidence(diagnosis.reference, path, diagnosis.onset or diagnosis.recorded, text)


def condition_fact(view: View, name: str, concepts: frozenset[str], *, active: bool = False) -> Fact[object]:
    """Return True where such a condition is recorded (and, if asked, not over).

    Unknown: none recorded; only unconfirmed ones; or, if asked for an active one, only ones that are over: another may have come.
    """
    found = [d for d in view.record.diagnoses if not concepts.isdisjoint(d.concepts)]
    certain = [d for d in found if d.certain]
    present = [d for d in certain if not (active and (d.clinical in OVER or d.abated is not None))]
    if present:
        return known(value=True, evidence=tuple(evidence_of(d, "recorded condition") for d in present), rule="condition")
    if certain:
        over = tuple(evidence_of(d, "recorded, no longer active", "clinicalStatus") for d in certain)
        return unknown(Gap.NOT_RECORDED, name, evidence=over, rule="condition")
    if found:
        return unknown(
            Gap.AMBIGUOUS,
            name,
            evidence=tuple(evidence_of(d, "unconfirmed", "verificationStatus") for d in found),
            rule="condition",
        )
    return unknown(Gap.NOT_RECORDED, name, rule="condition")
