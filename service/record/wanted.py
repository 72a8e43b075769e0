"""Whether any fact could ask for a resource: one look at its codes, and at its names where no code is known."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from service.record.bundle import Head, HeadConcept
    from service.record.vocabulary import Terms

LONGEST_REMEMBERED = 120


def is_wanted(head: Head, terms: Terms) -> bool:
    """Return whether the resource has a known code or name, or no code at all (then it must be looked at)."""
    if head.resourceType == "Condition":
        return True
    if head.medicationReference is not None:
        return True
    concept = head.code or head.medicationCodeableConcept
    if concept is None or _known(concept, terms):
        return True
    return any(part.code is not None and _known(part.code, terms) for part in head.component)


def _known(concept: HeadConcept, terms: Terms) -> bool:
    for coding in concept.coding:
        if coding.code and terms.concepts_of(coding.system, coding.code):
            return True
    return any(_named(name, terms) for name in (concept.text, *(coding.display for coding in concept.coding)) if name)


def _named(name: str, terms: Terms) -> bool:
    if len(name) > LONGEST_REMEMBERED:
        return bool(terms.names_in(name))
    return _remembered(name, terms)


@lru_cache(maxsize=8192)
def _remembered(name: str, terms: Terms) -> bool:
    # names of tests and drugs repeat by the thousand in one record; they are words of catalogues, not of patients
    return bool(terms.names_in(name))
