"""Whether any fact could ask for a resource: one look at its codes, and at the names beside them."""

from __future__ import annotations

from enum import IntEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from service.record.bundle import NOTHING, components_in, concept_in, concepts_in

if TYPE_CHECKING:
    from msgspec import Raw

    from service.record.bundle import Head
    from service.record.vocabulary import Terms

LONGEST_REMEMBERED = 120  # characters of a name
LONGEST_SEEN = 1_000  # bytes of a concept

# Concepts in the names of half of all laboratory results. No fact asks for a number by one of these alone.
UNASKED = frozenset(
    {
        "specimen-blood", "specimen-marrow", "specimen-csf", "specimen-urine",
        "alp", "lymphocyte-count",
    }
)  # fmt: skip


# What these are about may stand elsewhere than in their code.
_LOOKED_AT = frozenset({"Condition", "DiagnosticReport", "AllergyIntolerance"})


class _Sight(IntEnum):
    """What one look at a code or a name shows, the most telling last."""

    NOTHING = 0
    KNOWN = 1  # only what no fact asks for by itself
    ASKED = 2


_KNOWN, _ASKED = _Sight.KNOWN, _Sight.ASKED


def is_wanted(head: Head, terms: Terms) -> bool:
    """Return whether the resource has a known code or name, or no code at all (then it must be looked at).

    A number must have a code or name that some fact asks for; words are looked at wherever anything in them is known.
    """
    if head.resourceType in _LOOKED_AT or head.medicationReference is not NOTHING:
        return True
    if head.hasMember is not NOTHING:
        return True  # a panel: it may hold results, or tell what they are of
    concept = head.code if head.code is not NOTHING else head.medicationCodeableConcept
    if concept is NOTHING:
        return head.resourceType != "Encounter" or is_wanted_visit(head.reasonCode, terms)
    written = bytes(concept)
    seen = _seen(written, terms) if len(written) <= LONGEST_SEEN else _look(written, terms)
    if seen is _ASKED:
        return True
    if head.component is NOTHING:
        return seen is _KNOWN and not head.is_number
    return _is_wanted_panel(head, seen, terms)


RELAPSE_AT_VISITS = frozenset({"all-in-relapse", "lymphoid-leukaemia-in-relapse", "acute-leukaemia-in-relapse"})
REMISSION_AT_VISITS = frozenset({"all-in-remission", "acute-leukaemia-in-remission"})
STATES_AT_VISITS = RELAPSE_AT_VISITS | REMISSION_AT_VISITS
"""What a visit may be coded with that tells of the course."""


def is_wanted_visit(reasons: Raw, terms: Terms) -> bool:
    """Return whether a visit is coded with a relapse or a remission, or cannot be read."""
    if reasons is NOTHING:
        return False
    written = bytes(reasons)
    return _states(written, terms) if len(written) <= LONGEST_SEEN else _tells_state(written, terms)


def _tells_state(reasons: bytes, terms: Terms) -> bool:
    found = concepts_in(reasons)
    return found is None or any(
        not STATES_AT_VISITS.isdisjoint(terms.concepts_of(coding.system, coding.code or ""))
        for concept in found
        for coding in concept.coding
    )


_states = lru_cache(maxsize=1_024)(_tells_state)


def _is_wanted_panel(head: Head, seen: _Sight, terms: Terms) -> bool:
    parts = components_in(head.component)
    if parts is None:
        return True
    known, numbers = seen is _KNOWN, head.has_no_words
    for part in parts:
        sight = _sight(bytes(part.code), terms) if part.code is not NOTHING else _Sight.NOTHING
        if sight is _ASKED:
            return True
        known = known or sight is _KNOWN
        numbers = numbers and part.is_number
    return known and not numbers


def _sight(concept: bytes, terms: Terms) -> _Sight:
    return _look(concept, terms) if len(concept) > LONGEST_SEEN else _seen(concept, terms)


def _look(raw: bytes, terms: Terms) -> _Sight:
    concept = concept_in(raw)
    if concept is None:
        return _ASKED  # broken: reading it will say where
    names = [concept.text, *(coding.display for coding in concept.coding)]
    known = {
        *(found for coding in concept.coding for found in terms.concepts_of(coding.system, coding.code or "")),
        *(found for name in names if name for found in names_of(name, terms)),
    }
    if not known:
        return _Sight.NOTHING
    return _KNOWN if known <= UNASKED else _ASKED


# The code of a test comes again with each of its thousand results: looked at once.
_seen = lru_cache(maxsize=8_192)(_look)


def names_of(name: str, terms: Terms) -> tuple[str, ...]:
    """Return the concepts whose names stand in the words beside a code, such as the name of a test."""
    return terms.names_in(name) if len(name) > LONGEST_REMEMBERED else _remembered(name, terms)


@lru_cache(maxsize=8_192)
def _remembered(name: str, terms: Terms) -> tuple[str, ...]:
    # names of tests and drugs repeat by the thousand in one record; they are words of catalogues, not of patients
    return terms.names_in(name)
