"""CodeableConcepts in the words of our value sets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.record.tolerant import Json, mapping, mappings, text

if TYPE_CHECKING:
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

NOTHING = Coded(frozenset(), (), "")


def coded(holder: Json, key: str, terms: Terms, path: str = "", *, named: bool = True) -> Coded:
    """Return the concept element of that name; names in its text count only where no code is known."""
    concept = mapping(holder, key, path)
    return concept_of(concept, terms, f"{path}{key}.", named=named) if concept else NOTHING


def concept_of(concept: Json, terms: Terms, path: str, *, named: bool = True) -> Coded:
    """Return what one CodeableConcept says."""
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
    by_name = frozenset(terms.names_in(joined))
    return Coded(by_name, tuple(codings), joined, by_name=bool(by_name))
