"""Everything a reader of records must know of words: codes and names, phrases, the names of markers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from service.record.clauses import any_of, marker_pattern
from service.record.disease_words import DiseaseWords
from service.record.given_words import GivenWords
from service.record.phrases import Phrases
from service.record.relapse_words import TRANSPLANTS, RelapseWords

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

    def letters_behind(self, system_uri: str, code: str) -> str:
        """Return the letters that German systems write behind a code."""

    def names_in(self, text: str) -> tuple[str, ...]:
        """Return the concepts whose names stand in a text."""

    def of_other_tests(self, text: str) -> tuple[str, ...]:
        """Return the concepts that a test is not about because of words beside its name."""


RELAPSE = "status-relapse"
# markers whose answer may stand in free text; c for cytoplasmic and s for surface may precede an antigen
_MARKERS = {"cd19-blasts": "[cs]?", "cd22-blasts": "[cs]?", "marker-ph": "", RELAPSE: ""}
# a relapse may be named by its number or by what came before it
RELAPSES = ("first-relapse", "second-or-later-relapse", "relapse-after-hsct")
# or by where it was
SITES = ("relapse-site-marrow", "relapse-site-extramedullary", "relapse-site-combined")

NAMES_MARROW = "specimen-marrow"
"""The concept of the names of the marrow, where words tell of a place; no number is asked for by it."""


def is_judgement(concept: str) -> bool:
    """Return whether a concept is an answer or a state of the disease: what a `not` beside its name turns around."""
    return concept.startswith(("answer-", "status-", "response-", "relapse-site-")) or concept in {*RELAPSES, "no-relapse"}


class NamePatterns:
    """The pattern of the names of each concept; each is made when it is first asked for, because of hundreds few ever are."""

    def __init__(self, names: Mapping[str, Sequence[str]]) -> None:
        self._names = names
        self._made: dict[str, re.Pattern[str]] = {}

    def get(self, concept: str) -> re.Pattern[str] | None:
        """Return the pattern, None for a concept without names."""
        made = self._made.get(concept)
        if made is None and concept in self._names:
            made = self._made[concept] = marker_pattern(self._names[concept])
        return made


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """Terms, phrases and, by concept, the patterns of the markers that free text may answer; equal to itself alone.

    `markers` are looked for in every text, `named_markers` only where one of their names stands in it; `judgements` are the
    names of answers and of states of the disease, `persons` words for a relative, a donor or an unborn child. `immunotherapies`:
    the concepts of cells and antibodies, for procedures that are only named. `at_once`: those of cells and of transplants, which
    are given on one day. `told_before`: the treatments of which words may tell that they were given before.
    """

    terms: Terms
    phrases: Phrases
    markers: Mapping[str, re.Pattern[str]]
    named_markers: Mapping[str, re.Pattern[str]]
    judgements: re.Pattern[str]
    transplants: re.Pattern[str]
    names: NamePatterns
    diseases: DiseaseWords
    relapses: RelapseWords
    given: GivenWords
    persons: re.Pattern[str]
    immunotherapies: frozenset[str]
    at_once: frozenset[str]
    told_before: frozenset[str]

    def is_plain_transplant(self, text: str) -> bool:
        """Return whether a text names a transplant, its donor, graft and day, the remission, and nothing of a plan or search."""
        return self.phrases.is_plain(self.phrases.without_grafts(self.relapses.without_remissions(text)), self.transplants)

    def tells_transplant(self, text: str) -> bool:
        """Return whether a text tells of a transplant before what it tells, or of nothing but one: `allo-HSCT in CR1`."""
        return self.diseases.says_given(text, self.transplants) or self.is_plain_transplant(text)

    def is_plain_judgement(self, text: str, judged: frozenset[str], *, dated: bool = False) -> bool:
        """Return whether a text holds the names of what it judges, and nothing that could turn their sense.

        `dated`: it may tell since which day nothing was seen.
        """
        left = self.relapses.without_duration(text, judged, dated=dated)
        return not self.relapses.is_of_before(left, judged) and self.phrases.is_plain(left, self.judgements)

    @classmethod
    def of(  # noqa: PLR0913 - what the parts of a library know
        cls,
        terms: Terms,
        value_sets: Mapping[str, ValueSet],
        words: Mapping[str, Sequence[str]],
        immunotherapies: frozenset[str],
        cells: frozenset[str],
        inhibitors: frozenset[str],
    ) -> Vocabulary:
        """Return the vocabulary of one library."""
        markers = {
            concept: marker_pattern(value_sets[concept].names, prefix)
            for concept, prefix in _MARKERS.items()
            if concept in value_sets
        }
        relapses = [
            name for concept in (RELAPSE, *RELAPSES, *SITES) if concept in value_sets for name in value_sets[concept].names
        ]
        if relapses:
            markers[RELAPSE] = marker_pattern(relapses)
        named_markers = {
            concept: marker_pattern(row.names)
            for concept, row in value_sets.items()
            if concept.startswith("marker-") and row.names and concept not in markers
        }
        judged = [name for concept, row in value_sets.items() if is_judgement(concept) for name in row.names]
        transplants = [name for concept in sorted(TRANSPLANTS) if concept in value_sets for name in value_sets[concept].names]
        names = {concept: row.names for concept, row in value_sets.items() if row.names}
        diseases = DiseaseWords(words, names)
        return cls(
            terms, Phrases(words), markers, named_markers, marker_pattern(judged), marker_pattern(transplants),
            NamePatterns(names), diseases, RelapseWords(words, names, diseases, marker_pattern(relapses)), GivenWords(words),
            any_of(words["persons"]),
            immunotherapies, cells | TRANSPLANTS, immunotherapies | inhibitors,
        )  # fmt: skip
