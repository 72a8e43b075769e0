"""Whether any fact could ask for a resource: one look at its codes, and at the names beside them."""

from __future__ import annotations

from enum import IntEnum
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from service.record.bundle import Head, HeadComponent, HeadConcept
    from service.record.vocabulary import Terms

LONGEST_REMEMBERED = 120

# Concepts in the names of half of all laboratory results. No fact asks for a number by one of these alone.
UNASKED = frozenset(
    {
        "specimen-blood", "specimen-marrow", "specimen-csf",
        "creatinine", "alp", "lymphocyte-count", "body-height",
    }
)  # fmt: skip


class _Sight(IntEnum):
    """What one look at a code or a name shows, the most telling last."""

    NOTHING = 0
    KNOWN = 1  # only what no fact asks for by itself
    ASKED = 2


def is_wanted(head: Head, terms: Terms) -> bool:
    """Return whether the resource has a known code or name, or no code at all (then it must be looked at).

    A number must have a code or name that some fact asks for; words are looked at wherever anything in them is known.
    """
    if head.resourceType == "Condition" or head.medicationReference is not None:
        return True
    concept = head.code or head.medicationCodeableConcept
    if concept is None:
        return True
    seen = _sight(concept, terms)
    for part in head.component:
        if seen is not _Sight.ASKED and part.code is not None:
            seen = max(seen, _sight(part.code, terms))
    return seen is _Sight.ASKED or (seen is _Sight.KNOWN and not _is_all_numbers(head))


def _is_all_numbers(head: Head) -> bool:
    parts: tuple[HeadComponent, ...] = head.component
    return (head.is_number or (bool(parts) and head.is_bare)) and all(part.is_number for part in parts)


def _sight(concept: HeadConcept, terms: Terms) -> _Sight:
    seen = _Sight.NOTHING
    for coding in concept.coding:
        if coding.code:
            seen = max(seen, _at_code(coding.system, coding.code, terms))
        if coding.display:
            seen = max(seen, _at_name(coding.display, terms))
    return max(seen, _at_name(concept.text, terms)) if concept.text else seen


@lru_cache(maxsize=16_384)
def _at_code(system: str | None, code: str, terms: Terms) -> _Sight:
    return _of(terms.concepts_of(system, code))


def _at_name(name: str, terms: Terms) -> _Sight:
    return _of(terms.names_in(name)) if len(name) > LONGEST_REMEMBERED else _at_remembered(name, terms)


@lru_cache(maxsize=8_192)
def _at_remembered(name: str, terms: Terms) -> _Sight:
    return _of(_remembered(name, terms))


def _of(concepts: tuple[str, ...]) -> _Sight:
    if not concepts:
        return _Sight.NOTHING
    return _Sight.KNOWN if UNASKED.issuperset(concepts) else _Sight.ASKED


def names_of(name: str, terms: Terms) -> tuple[str, ...]:
    """Return the concepts whose names stand in the words beside a code, such as the name of a test."""
    return terms.names_in(name) if len(name) > LONGEST_REMEMBERED else _remembered(name, terms)


@lru_cache(maxsize=8_192)
def _remembered(name: str, terms: Terms) -> tuple[str, ...]:
    # names of tests and drugs repeat by the thousand in one record; they are words of catalogues, not of patients
    return terms.names_in(name)
