"""CodeableConcepts in the words of our value sets."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from service.record.tolerant import Json, Unreadable, mapping, mappings, text
from service.record.wanted import LONGEST_REMEMBERED, names_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from service.record.vocabulary import Terms


@dataclass(frozen=True, slots=True)
class Coded:
    """What a CodeableConcept says: our concepts, the codings by short system name, and the text beside them.

    `by_name` tells that no code was known and the concepts come from names in the text.
    """

    concepts: frozenset[str]
    codings: tuple[tuple[str, str], ...]
    text: str
    by_name: bool = False


PAIRED = "::"  # two genes written into one code, as in HGNC:3689::HGNC:2697

# elements whose words are those of catalogues, not of patients
CATALOGUED = frozenset({"code", "medicationCodeableConcept", "clinicalStatus", "verificationStatus"})

NOTHING = Coded(frozenset(), (), "")


def coded(holder: Json, key: str, terms: Terms, path: str = "", *, named: bool = True) -> Coded:
    """Return the concept element of that name; names in its text count only where no code is known."""
    if key not in holder:
        return NOTHING
    concept = mapping(holder, key, path)
    if not concept:
        return NOTHING
    read = catalogued if key in CATALOGUED else concept_of
    return read(concept, terms, f"{path}{key}.", named=named)


def catalogued(concept: Json, terms: Terms, path: str, *, named: bool = True) -> Coded:
    """Return what a concept says whose words are those of catalogues; the same ones come by the thousand and are remembered."""
    if len(str(concept.get("text"))) <= LONGEST_REMEMBERED:
        try:
            return _remembered(_written(concept), terms, named)
        except (TypeError, AttributeError, Unreadable):
            pass  # an odd shape: the long way tells where
    return concept_of(concept, terms, path, named=named)


Written = tuple[object, tuple[tuple[tuple[str, object], ...], ...]]


def _written(concept: Json) -> Written:
    """Return the text and the codings of a concept as something that can be looked up."""
    codings: list[Json] = concept.get("coding") or []  # type: ignore[assignment]  # any other shape raises in the caller's sight
    return concept.get("text"), tuple(tuple(coding.items()) for coding in codings)


@lru_cache(maxsize=8_192)
def _remembered(written: Written, terms: Terms, named: bool) -> Coded:  # noqa: FBT001 - as `coded` was asked
    text_, codings = written
    return concept_of({"text": text_, "coding": [dict(coding) for coding in codings]}, terms, "", named=named, look=names_of)


def _names_in(name: str, terms: Terms) -> tuple[str, ...]:
    return terms.names_in(name)


def concept_of(
    concept: Json, terms: Terms, path: str, *, named: bool = True, look: Callable[[str, Terms], tuple[str, ...]] = _names_in
) -> Coded:
    """Return what one CodeableConcept says; `look` finds the concepts whose names stand in its text."""
    found: list[str] = []
    codings: list[tuple[str, str]] = []
    words = [text(concept, "text", path)]
    for position, coding in mappings(concept, "coding", path):
        here = f"{path}coding[{position}]."
        system, code = text(coding, "system", here), text(coding, "code", here)
        if code:
            codings.append((terms.system_of(system) or system, code))
            found.extend(concept for part in code.split(PAIRED) for concept in terms.concepts_of(system or None, part))
        words.append(text(coding, "display", here))
    joined = " | ".join(dict.fromkeys(word for word in words if word))
    if found or not named or not joined:
        return Coded(frozenset(found), tuple(codings), joined)
    by_name = frozenset(look(joined, terms))
    by_name = by_name.difference(terms.of_other_tests(joined)) if by_name else by_name
    return Coded(by_name, tuple(codings), joined, by_name=bool(by_name))
