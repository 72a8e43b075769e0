"""Allergies and intolerances: those that count, with their substances and dates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.record.clinical_status import clinical_status
from service.record.codes import coded
from service.record.conditions import DENIED, OVER, verification_of
from service.record.record import Sensitivity
from service.record.tolerant import Json, day, mappings, refuse_modified

if TYPE_CHECKING:
    from service.record.shelf import Shelf


def read_allergy(resource: Json, reference: str, shelf: Shelf) -> Sensitivity | None:
    """Return one allergy or intolerance, with the substances of its reactions; None where it was refuted or is over."""
    refuse_modified(resource)
    if not DENIED.isdisjoint(verification_of(resource, shelf)) or clinical_status(resource, shelf)[0] in OVER:
        return None
    code = coded(resource, "code", shelf.terms)
    when = day(resource, "onsetDateTime") or day(resource, "recordedDate")
    reactions = (coded(reaction, "substance", shelf.terms, f"reaction[{n}].") for n, reaction in mappings(resource, "reaction"))
    substances = frozenset(concept for substance in reactions for concept in substance.concepts)
    return Sensitivity(reference, code.concepts | substances, code.text, when)
