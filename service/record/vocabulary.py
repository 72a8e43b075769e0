"""Everything a reader of records must know of words: codes and names, phrases, the names of markers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from service.record.phrases import Phrases, marker_pattern

if TYPE_CHECKING:
    import re
    from collections.abc import Mapping, Sequence

    from service.knowledge.schema import ValueSet


class Terms(Protocol):
    """What a reader asks of the terminology."""

    def __hash__(self) -> int:
        """Return the hash by which look-ups are remembered."""

    def concepts_of(self, system_uri: str | None, code: str) -> tuple[str, ...]:
        """Return the concepts of a coding."""

    def system_of(self, uri: str) -> str | None:
        """Return the short name of a code system."""

    def names_in(self, text: str) -> tuple[str, ...]:
        """Return the concepts whose names stand in a text."""


# markers whose answer may stand in free text; c for cytoplasmic and s for surface may precede an antigen
_MARKERS = {"cd19-blasts": "[cs]?", "cd22-blasts": "[cs]?", "marker-ph": "", "status-relapse": ""}


@dataclass(frozen=True)
class Vocabulary:
    """Terms, phrases and, by concept, the patterns of the markers that free text may answer."""

    terms: Terms
    phrases: Phrases
    markers: Mapping[str, re.Pattern[str]]

    @classmethod
    def of(cls, terms: Terms, value_sets: Mapping[str, ValueSet], words: Mapping[str, Sequence[str]]) -> Vocabulary:
        """Return the vocabulary of one library."""
        markers = {
            concept: marker_pattern(value_sets[concept].names, prefix)
            for concept, prefix in _MARKERS.items()
            if concept in value_sets
        }
        return cls(terms, Phrases(words), markers)
