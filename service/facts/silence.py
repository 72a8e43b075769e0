"""What each fact is where the record says nothing of it: worked out once for a library, so that silence costs nothing.

Every fact is derived from a record that holds nothing, and what it asks for is noted. Where a record holds none of that either,
the fact can only be the same: it asked for nothing else. A gap that rests on the day, on a limit or on the date of the relapse,
whatever these are, is none of these facts and is derived for each record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, cast

from service.facts import every_fact
from service.facts.catalogue import CATALOGUE, Untold
from service.facts.genetic_tests import tests_by_marker
from service.facts.genetics import markers_told
from service.facts.per_knowledge import per_knowledge
from service.record.record import PatientRecord

if TYPE_CHECKING:
    from collections.abc import Iterable

    from service.facts.catalogue import View
    from service.facts.layout import Layout
    from service.knowledge.treatments import Treatments
    from service.logic.fact import Fact

every_fact()

_RELAPSE_DATE = "relapse_date"  # asked for by every marker that was never tested, for the order of problems alone


class Silence:
    """The gaps of all facts that rest on what a record may not hold, each found again by what would wake it."""

    def __init__(self, treatments: Treatments) -> None:
        """Derive every fact from nothing; which treatments are products and cells decides for what facts ask."""
        self._gaps: list[tuple[int, str, Fact[object]]] = []
        self._untold: list[tuple[int, Untold]] = []
        self._wakes: dict[str, dict[str, int]] = {part: {} for part in (*_PARTS, _RECORD, _LAYOUT)}
        self.concepts_of: dict[str, frozenset[str]] = {}
        """By fact: the concepts that it asks a record for."""
        for place, name in enumerate(CATALOGUE):
            listening = _Listening(treatments)
            try:
                gap = listening.derived(name)
            except _MattersError:
                continue
            finally:
                self.concepts_of[name] = frozenset(concept for part, concept in listening.asked if part in _PARTS)
            bit = 1 << place
            markers = frozenset(concept for part, concept in listening.asked if part == _MARKERS)
            for part, concept in listening.asked:
                if part != _MARKERS:
                    self._wakes[part][concept] = self._wakes[part].get(concept, 0) | bit
            if listening.asked_for_relapse or markers:
                self._untold.append((bit, Untold(name, markers, gap)))
            else:
                self._gaps.append((bit, name, gap))

    def of(self, record: PatientRecord, layout: Layout) -> tuple[dict[str, Fact[object]], tuple[Untold, ...]]:
        """Return the facts of which a record says nothing, and those that are gaps too where no marker of theirs is told."""
        woken = self._woken(record, layout)
        gaps = {name: gap for bit, name, gap in self._gaps if not woken & bit}
        return gaps, tuple([untold for bit, untold in self._untold if not woken & bit])

    def _woken(self, record: PatientRecord, layout: Layout) -> int:
        """Return the facts, a bit for each, that asked for something that is there."""
        held: tuple[Iterable[str], ...] = (
            layout.readings.concepts, layout.diagnoses.concepts, layout.drugs.concepts, layout.treatments.concepts,
            layout.parents, layout.own, layout.stated, layout.broken.concepts,
        )  # fmt: skip
        woken = 0
        for part, concepts in zip(_PARTS, held, strict=True):
            wakes = self._wakes[part]
            for concept in concepts:
                if concept in wakes:
                    woken |= wakes[concept]
        for part, holder in ((_RECORD, record), (_LAYOUT, layout)):
            for name, bits in self._wakes[part].items():
                if getattr(holder, name):
                    woken |= bits
        return woken


silence_of = per_knowledge(Silence)

# ---------------------------------------------------------------- a view of nothing, that notes what it is asked

# of the layout, by concept or code
_PARTS = ("readings", "diagnoses", "drugs", "treatments", "parents", "own", "stated", _BROKEN := "broken")
_RECORD, _LAYOUT, _MARKERS = "record", "layout", "markers"
_NOTHING = PatientRecord("")

Asked = set[tuple[str, str]]  # part and concept


# What is worked out of many results is asked for by marker.
_BY_MARKER = tuple(cast("Any", function).__wrapped__ for function in (markers_told, tests_by_marker))


class _MattersError(Exception):
    """A gap rests on something that an empty record has too."""


def _refuse(*_: object) -> NoReturn:
    raise _MattersError


_USES = (
    *("getattribute", "eq", "ne", "hash", "bool", "str", "repr", "format", "int", "float", "index", "iter", "len", "contains"),
    *("lt", "le", "gt", "ge", "add", "radd", "sub", "rsub", "mul", "rmul", "truediv", "rtruediv", "neg", "getitem", "call"),
)
_SEALED: Any = type("Sealed", (), {f"__{use}__": _refuse for use in _USES})()
"""Stands for a limit, the day or the date of the relapse: it may be asked for and handed on, and refuses to be looked at."""


class _Part:
    """A part that holds nothing and notes for what it was asked."""

    def __init__(self, asked: Asked, part: str) -> None:
        self._asked, self._part = asked, part

    def of(self, concept: str) -> list[object]:
        self._asked.add((self._part, concept))
        return []

    def of_any(self, concepts: Iterable[str]) -> list[object]:
        self._asked.update((self._part, concept) for concept in concepts)
        return []

    def places(self, concepts: Iterable[str]) -> set[int]:
        self.of_any(concepts)
        return set()

    def get(self, concept: str, default: object = None) -> object:
        self.of(concept)
        return default

    def __contains__(self, concept: str) -> bool:
        self.of(concept)
        return False


class _Record:
    """A record that holds nothing and notes for which of its parts it was asked."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked

    def __getattr__(self, name: str) -> object:
        self._asked.add((_RECORD, name))
        return getattr(_NOTHING, name)


class _Layout:
    """The layout of that record."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._parents = _Part(asked, "parents")
        self.readings, self.diagnoses, self.drugs = _Part(asked, "readings"), _Part(asked, "diagnoses"), _Part(asked, "drugs")
        self.treatments, self.own, self.stated = _Part(asked, "treatments"), _Part(asked, "own"), _Part(asked, "stated")
        self.broken = _Part(asked, _BROKEN)

    def __getattr__(self, name: str) -> tuple[int, ...]:
        """Note that the places of spoken or written results were asked for."""
        self._asked.add((_LAYOUT, name))
        return ()

    def within(self, concepts: Iterable[str]) -> set[int]:
        return self._parents.places(concepts)

    def at(self, places: Iterable[int]) -> list[int]:
        return sorted(places)  # none


class _Limits:
    """Limits that are never looked at, beside treatments that are."""

    def __init__(self, treatments: Treatments) -> None:
        self._treatments = treatments

    def treatments(self) -> Treatments:
        return self._treatments

    def number(self, _: str) -> object:
        return _SEALED

    regimens = chromosomes = number


class _Listening:
    """A view of nothing: what `View` is, as far as facts ask it."""

    untold = ()
    today = _SEALED

    def __init__(self, treatments: Treatments) -> None:
        self.asked: Asked = set()
        self.asked_for_relapse = False
        self.record, self.layout, self.limits = _Record(self.asked), _Layout(self.asked), _Limits(treatments)
        self.problems: Any = None  # a gap that comes with a problem would fail here
        self.memory: dict[object, object] = dict.fromkeys(_BY_MARKER, _Part(self.asked, _MARKERS))
        self.facts: dict[str, Fact[object]] = {}

    def fact(self, name: str) -> Fact[object]:
        """Return another fact, as derived from nothing."""
        if name == _RELAPSE_DATE:
            self.asked_for_relapse = True
            return cast("Fact[object]", _SEALED)
        return self.facts[name] if name in self.facts else self.derived(name)

    def derived(self, name: str) -> Fact[object]:
        """Return a fact; where it comes to ask for itself, it matters which was asked for first.

        Something broken that it reads would be said in its gap, and change what rests on it.
        """
        self.facts[name] = _SEALED
        spec = CATALOGUE[name]
        self.asked.update((_BROKEN, concept) for concept in spec.reads)
        found = self.facts[name] = spec.derive(cast("View", self))
        return found
