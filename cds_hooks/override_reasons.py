"""The codes of the "clinical" starter set for not following a card, from the code system that CDS Hooks 3.0 suggests.

A code keeps its meaning for ever: feedback of all years is counted by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from cds_hooks.errors import InvalidValue
from cds_hooks.models import OverrideReason

SYSTEM: Final = "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes"

CLINICAL_REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        # the six categories
        "cds-not-applicable": "Does not apply to this patient or situation",
        "cds-suboptimal-context": "Wrong moment, place or person for this advice",
        "recipient-disagrees-evidence": "I disagree with the evidence",
        "recipient-concerns-outcomes": "I am concerned about the outcome",
        "does-not-align-preferences": "Does not fit the patient's preferences",
        "not-convenient-feasible": "Not feasible here",
        # single reasons
        "action-completed": "Already done",
        "patient-contraindication": "Contraindicated in this patient",
        "patient-refuses": "The patient refuses",
        "too-costly-uncovered": "Too costly or not covered",
        "service-not-available": "Not available here",
        "recipient-does-not-understand": "I do not understand this advice",
    }
)
"""Each code with a display in our words; the official displays are not reproduced."""


def override_reasons(codes: Iterable[str], displays: Mapping[str, str] = MappingProxyType({})) -> tuple[OverrideReason, ...]:
    """The reasons of these codes, in this order; `displays` replaces our words, code by code.

    Raises: InvalidValue for a code outside the set.
    """
    reasons = []
    for code in codes:
        if code not in CLINICAL_REASONS:
            raise InvalidValue("overrideReasons.code", f"not in the clinical set of {SYSTEM}")
        reasons.append(OverrideReason(code, SYSTEM, displays.get(code) or CLINICAL_REASONS[code]))
    return tuple(reasons)
