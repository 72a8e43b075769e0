"""The record laid out once: what stands under each concept, so that no fact looks through what cannot concern it."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from service.record.record import Diagnosis, Drug, PatientRecord, Reading, Treatment, Unread

OWN_SYSTEM = "all-cds-facts"


class Conceptual(Protocol):
    """Something that stands for concepts."""

    @property
    def concepts(self) -> frozenset[str]:
        """The value sets in which its codes stand."""


C = TypeVar("C", bound=Conceptual)


class ByConcept(Generic[C]):
    """Items in the order of the record, found by their concepts."""

    __slots__ = ("_places", "concepts", "items")

    def __init__(self, items: Sequence[C]) -> None:
        """Keep the items with the places of each concept."""
        self.items = items
        self._places = places_of([item.concepts for item in items])
        self.concepts = frozenset(self._places)

    def of(self, concept: str) -> list[C]:
        """Return the items with one concept."""
        places = self._places.get(concept)
        if places is None:
            return []
        items = self.items
        return [items[place] for place in places]

    def of_any(self, concepts: Iterable[str]) -> list[C]:
        """Return the items with one of these concepts."""
        if self.concepts.isdisjoint(concepts):
            return []
        items = self.items
        return [items[place] for place in sorted(self.places(concepts))]

    def places(self, concepts: Iterable[str]) -> set[int]:
        """Return where the items with one of these concepts stand."""
        return _places_in(self._places, concepts)


def places_of(kinds: Iterable[frozenset[str]]) -> dict[str, list[int]]:
    """Return for each concept the places at which it stands, in order; a record has many items and few kinds of them."""
    by_kind: dict[frozenset[str], list[int]] = {}
    for place, kind in enumerate(kinds):
        if kind in by_kind:
            by_kind[kind].append(place)
        else:
            by_kind[kind] = [place]
    found: dict[str, list[int]] = {}
    several: set[str] = set()
    for kind, places in by_kind.items():
        for concept in kind:
            if concept not in found:
                found[concept] = places
            elif concept in several:
                found[concept] += places
            else:
                several.add(concept)
                found[concept] = found[concept] + places
    for concept in several:
        found[concept].sort()
    return found


def _places_in(places: Mapping[str, list[int]], concepts: Iterable[str]) -> set[int]:
    return {place for concept in concepts if concept in places for place in places[concept]}


class Layout(msgspec.Struct, frozen=True, gc=False):
    """The parts of a record by concept.

    `readings` holds components as readings of their own. `own`: the places of results with a code of the project's own system,
    by that code; `stated`: those that are final, components left out. `spoken`: the places of readings whose words name a marker.
    `written`: the places of readings in whose texts a notation may stand. `focused`: some result says what it is about.
    `broken`: what could not be read, by what it would have been about.
    """

    readings: ByConcept[Reading]
    parents: Mapping[str, list[int]]
    own: Mapping[str, list[int]]
    stated: Mapping[str, list[Reading]]
    spoken: tuple[int, ...]
    written: tuple[int, ...]
    focused: bool
    diagnoses: ByConcept[Diagnosis]
    drugs: ByConcept[Drug]
    treatments: ByConcept[Treatment]
    broken: ByConcept[Unread]

    def within(self, concepts: Iterable[str]) -> set[int]:
        """Return the places of the components of results with one of these concepts."""
        return _places_in(self.parents, concepts)

    def at(self, places: Iterable[int]) -> list[tuple[int, Reading]]:
        """Return the readings at these places, in order, each with its place."""
        readings = self.readings.items
        return [(place, readings[place]) for place in sorted(places)]


_COMPONENTS = attrgetter("components")


def lay_out(record: PatientRecord) -> Layout:
    """Return a record laid out by concept."""
    readings = record.readings
    parted = any(map(_COMPONENTS, readings))
    if parted:
        readings = tuple(_flat(readings))
    own: dict[str, list[int]] = {}
    spoken, written, focused = [], [], False
    for place, reading in enumerate(readings):
        for system, code in reading.code_codings:
            if system == OWN_SYSTEM:
                own.setdefault(code, []).append(place)
        if reading.findings:
            spoken.append(place)
        if reading.focus:
            focused = True
        if (
            (reading.words and _looks_written(reading.words))
            or (reading.coded and _codes_look_written(reading.coded))
            or (reading.components and _has_written_parts(reading))
        ):
            written.append(place)
    return Layout(
        ByConcept(readings),
        places_of([reading.parent for reading in readings]) if parted else {},
        own,
        _statements(readings, own, record.readings) if own else {},
        tuple(spoken),
        tuple(written),
        focused,
        ByConcept(record.diagnoses),
        ByConcept(record.drugs),
        ByConcept(record.treatments),
        ByConcept(record.unreadable),
    )


def _flat(readings: Iterable[Reading]) -> Iterable[Reading]:
    for reading in readings:
        yield reading
        if reading.components:
            yield from _flat(reading.components)


def _statements(
    readings: Sequence[Reading], own: Mapping[str, list[int]], not_parts: Iterable[Reading]
) -> dict[str, list[Reading]]:
    whole = frozenset(map(id, not_parts))
    found: dict[str, list[Reading]] = {}
    for code, places in own.items():
        final = [r for place in dict.fromkeys(places) if id(r := readings[place]) in whole and not r.preliminary]
        if final:
            found[code] = final
    return found


def _looks_written(text: str) -> bool:
    """Return whether a karyotype, which has a comma, or FISH, which has its `ish`, may stand in a text."""
    return "," in text or "ish" in text.lower()


def _codes_look_written(coded: tuple[tuple[str, str], ...]) -> bool:
    for _, code in coded:  # noqa: SIM110 - a record has thousands of codes: no call for each
        if "," in code or "ish" in code.lower():
            return True
    return False


def _has_written_parts(reading: Reading) -> bool:
    """Return whether components stand for changes of chromosomes, which are looked at whatever they say."""
    return "genetic-variant" in reading.concepts or any("component-iscn" in part.concepts for part in reading.components)
