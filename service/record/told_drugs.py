"""Drugs of which nothing tells what they are: whoever has one cannot be said not to have had another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.record.record import NOT_TOLD

if TYPE_CHECKING:
    from collections.abc import Iterable

    from service.record.record import Drug
    from service.record.shelf import Shelf

_TYPES = {
    "request": "MedicationRequest",
    "administration": "MedicationAdministration",
    "statement": "MedicationStatement",
    "dispense": "MedicationDispense",
}


def types_not_told(drugs: Iterable[Drug], shelf: Shelf) -> frozenset[str]:
    """Return the types of resources of which some drug is not told; the first of each type is noted as a problem.

    Nobody knows what was not given then, as where some of these resources did not come.
    """
    first: dict[str, Drug] = {}
    for drug in drugs if shelf.not_told else ():
        if NOT_TOLD in drug.concepts:
            first.setdefault(_TYPES[drug.kind], drug)
    for drug in first.values():
        said = "The drug is not among the data and has no name here: what was not given is not known"
        shelf.problem("warning", NOT_TOLD, f"{drug.reference} medicationReference", said)
    return frozenset(first)
