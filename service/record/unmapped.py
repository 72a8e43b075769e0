"""The codes of bundles that no value set knows, counted; what could be a patient's own words is left out."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson

from service.record.bundle import open_bundle
from service.record.codes import concept_of
from service.record.observations import WRITTEN_OUT
from service.record.tolerant import Json, Unreadable, mapping, mappings, text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from service.record.bundle import Slice
    from service.record.vocabulary import Terms

_DRUG = "medicationCodeableConcept"
_ELEMENTS = {
    "Observation": "code",
    "Condition": "code",
    "Procedure": "code",
    "AllergyIntolerance": "code",
    "Medication": "code",
    "MedicationRequest": _DRUG,
    "MedicationAdministration": _DRUG,
    "MedicationStatement": _DRUG,
    "MedicationDispense": _DRUG,
}
_OWN_SYSTEM = "all-cds-facts"  # its words need no mapping, those that stand for nothing further included
_PEOPLE = frozenset({"Patient", "RelatedPerson", "Practitioner", "Person"})

_ANSWER = ".value"
LONGEST_TEXT = 80  # characters; what is longer was written about a patient, not taken from a catalogue
_SHORTEST_NAME = 3  # letters of a person's name that are looked for
_WORD = re.compile(r"[^\W\d_]+")
_DATE_OR_NUMBER = re.compile(
    r"\d{5,}"  # record numbers
    r"|\d{3,}[ -]\d{3,}"
    r"|\d{1,4}[./-]\d{1,2}[./-]\d{1,4}"  # days
    r"|\b\d{1,2}[./-](?:19|20)\d\d\b"  # months
    r"|\b(?:19|20)\d\d[./-]\d{1,2}\b"
)


@dataclass(frozen=True, slots=True)
class UnmappedCode:
    """A code that is not understood; without system and code: words that stood where a code was due.

    `system` is the short name where the system is on file; `places` are such as `Observation.component`, the commonest first.
    """

    system: str
    code: str
    display: str
    seen: int
    places: tuple[str, ...]

    @property
    def is_answer(self) -> bool:
        """Whether it stood for what was found, and not for what was asked."""
        return self.places[0].endswith(_ANSWER)


@dataclass(slots=True)
class _Sightings:
    displays: Counter[str] = field(default_factory=Counter)
    places: Counter[str] = field(default_factory=Counter)


class UnmappedCodes:
    """What several bundles hold. Bundles need no patient, and may hold many."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._seen: dict[tuple[str, str, str], _Sightings] = {}  # system, code, words where there is no code

    def add(self, body: bytes) -> None:
        """Count the codes of one bundle; resources that cannot be read are passed over.

        Raises: NotJson, NotABundle.
        """
        slices = [found for found in open_bundle(body) if not found.deleted]
        people = _names_of_people(slices)
        for slice_ in slices:
            kind = slice_.head.resourceType if slice_.head is not None else ""
            if kind in _ELEMENTS:
                try:
                    self._resource(kind, slice_.decoded(), people)
                except (Unreadable, orjson.JSONDecodeError, RecursionError):
                    continue

    def listed(self) -> tuple[UnmappedCode, ...]:
        """Return the codes, the most frequent first."""
        rows = [
            UnmappedCode(
                system,
                code,
                words or next(iter(_commonest(seen.displays)), ""),
                seen.places.total(),
                tuple(_commonest(seen.places)),
            )
            for (system, code, words), seen in self._seen.items()
        ]
        return tuple(sorted(rows, key=lambda row: (-row.seen, row.system, row.code, row.display)))

    def _resource(self, kind: str, resource: Json, people: frozenset[str]) -> None:
        self._concept(mapping(resource, _ELEMENTS[kind]), kind, people, texts=True)
        for _, inner in mappings(resource, "contained"):
            if inner.get("resourceType") == "Medication":
                self._concept(mapping(inner, "code"), "Medication", people, texts=True)
        if kind != "Observation":
            return
        asked = self._is_asked(resource)
        if asked:
            self._answer(resource, f"Observation{_ANSWER}", people)
        for _, component in mappings(resource, "component"):
            self._concept(mapping(component, "code"), "Observation.component", people, texts=True)
            if asked or self._is_asked(component):
                self._answer(component, f"Observation.component{_ANSWER}", people)

    def _is_asked(self, holder: Json) -> bool:
        """Return whether the test is one that we know: only then does its answer matter."""
        return bool(concept_of(mapping(holder, "code"), self._terms, "").concepts)

    def _answer(self, holder: Json, place: str, people: frozenset[str]) -> None:
        # the text of an answer is a patient's result, not a name
        self._concept(mapping(holder, "valueCodeableConcept"), place, people, texts=False)

    def _concept(self, concept: Json, place: str, people: frozenset[str], *, texts: bool) -> None:
        if not concept or concept_of(concept, self._terms, "", named=False).concepts:
            return
        codings = [
            (text(coding, "system").partition("|")[0].strip(), text(coding, "code").strip(), _clean(text(coding, "display")))
            for _, coding in mappings(concept, "coding")
        ]
        with_code = [(system, code, display) for system, code, display in codings if code]
        for system, code, display in with_code:
            short = self._terms.system_of(system) or _clean(system)
            if short in {*WRITTEN_OUT, _OWN_SYSTEM} or _names_somebody(code, people):
                continue
            shown = display if _is_shown(display, people) else ""
            self._count((short, _clean(code), ""), shown, place)
        if with_code or not texts:
            return
        words = next((word for word in (_clean(text(concept, "text")), *(display for _, _, display in codings)) if word), "")
        if len(words) <= LONGEST_TEXT and _is_shown(words, people) and not self._terms.names_in(words):
            self._count(("", "", words), "", place)

    def _count(self, key: tuple[str, str, str], display: str, place: str) -> None:
        seen = self._seen.setdefault(key, _Sightings())
        seen.places[place] += 1
        if display:
            seen.displays[display] += 1


def _commonest(counts: Counter[str]) -> list[str]:
    return sorted(counts, key=lambda word: (-counts[word], word))


def _clean(words: str) -> str:
    return "".join(sign for sign in " ".join(words.split()) if sign.isprintable())


def _is_shown(words: str, people: frozenset[str]) -> bool:
    return bool(words) and _DATE_OR_NUMBER.search(words) is None and not _names_somebody(words, people)


def _names_somebody(words: str, people: frozenset[str]) -> bool:
    return any(word.lower() in people for word in _WORD.findall(words))


def _names_of_people(slices: Iterable[Slice]) -> frozenset[str]:
    """Return the words of all names of people in the bundle, in small letters."""
    found: set[str] = set()
    for slice_ in slices:
        if slice_.head is not None and slice_.head.resourceType in _PEOPLE:
            try:
                found.update(_words_in(slice_.decoded().get("name")))
            except (orjson.JSONDecodeError, RecursionError):
                continue
    return frozenset(word for word in found if len(word) >= _SHORTEST_NAME)


def _words_in(value: object) -> Iterable[str]:
    match value:
        case str():
            yield from (word.lower() for word in _WORD.findall(value))
        case list():
            for item in value:
                yield from _words_in(item)
        case dict():
            for key in ("text", "family", "given"):
                yield from _words_in(value.get(key))
