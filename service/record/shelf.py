"""What the readers share: the terms, where references lead, and the problems met on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Literal

import orjson

from service.logic.dates import PartialDate
from service.record.bundle import concept_in
from service.record.codes import coded
from service.record.kinds import TYPES
from service.record.record import ANY_TYPE, Problem, Unread
from service.record.tolerant import MISTAKEN, Unreadable, day_of_broken, mappings

if TYPE_CHECKING:
    from decimal import Decimal

    from msgspec import Raw

    from service.record.bundle import Slice
    from service.record.codes import Coded
    from service.record.findings import Answer, Finding
    from service.record.record import Reading, Specimen
    from service.record.tolerant import Json
    from service.record.vocabulary import Terms, Vocabulary


@dataclass(frozen=True, slots=True)
class Spoken:
    """What the words of a result say: of named markers, of the one thing it is about, and which concepts they name."""

    findings: tuple[tuple[str, Finding], ...]
    answer: Answer | None
    not_quantifiable: bool
    named: frozenset[str]


@dataclass(frozen=True, slots=True)
class Said:
    """What stands beside a number: the same for all results of one test with the same interpretation."""

    about: Coded
    tested: frozenset[str] | None  # what the test is about; None where each result of it must be looked at
    counts_when_newest: bool  # only the newest number of this test counts
    answers: frozenset[str]
    words: str
    coded: tuple[tuple[str, str], ...]
    spoken: Spoken
    named: frozenset[str]
    specimen: Specimen | None
    methods: frozenset[str]
    sensitivity: Decimal | None
    subset: bool


@dataclass(frozen=True, slots=True)
class Dosed:
    """What a drug and its dosage say: the same for all doses of one drug."""

    drug: Coded
    intrathecal: bool
    of_nothing: bool
    taken_back: bool  # its words say that it was planned, declined or not given


_TORN: Json = {"status": MISTAKEN}
"""What stands for two resources of one name that differ: nobody knows which of them was meant."""
LONGEST_READ = 2000
_NEVER_OVER = PartialDate.of_day(date.max)


@dataclass(slots=True)
class Shelf:
    """One reading of one record."""

    vocabulary: Vocabulary
    today: PartialDate = _NEVER_OVER  # the day asked for
    is_past: bool = False  # that day is over: what is recorded may have been done after it
    pointed_at: dict[str, Slice] = field(default_factory=dict)  # Medication and Specimen, by every name they have
    torn: set[str] = field(default_factory=set)  # names that two of them have, which differ
    opened: dict[int, Json] = field(default_factory=dict)  # of these, those that were asked for: ever so many may refer to one
    problems: list[Problem] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    # The same few words stand in most results; what they say is kept for this record only.
    spoken: dict[str, Spoken] = field(default_factory=dict)
    findings: dict[str, tuple[tuple[str, Finding], ...]] = field(default_factory=dict)
    dosed: dict[tuple[bytes, bytes], Dosed] = field(default_factory=dict)
    limits: dict[tuple[bytes, str], Decimal | None] = field(default_factory=dict)  # printed with results, by range and unit
    not_told: bool = False  # some drug is only pointed at, and nothing tells what it is
    subject: Raw | None = None  # of the latest result, where it is a patient
    of_lymphocytes: set[str] = field(default_factory=set)  # addresses of results to which a panel of lymphocytes leads
    within: list[Reading] = field(default_factory=list)  # results that stood within reports
    conditions: dict[str, str] = field(default_factory=dict)  # address of a Condition → how evidence names it

    @property
    def terms(self) -> Terms:
        """The codes and names."""
        return self.vocabulary.terms

    def problem(self, severity: Literal["information", "warning", "error"], code: str, where: str, text: str) -> None:
        """Note something that a human should know."""
        self.problems.append(Problem(severity, code, where, text))

    def clipped(self, said: str, where: str) -> str:
        """Return a text as far as it is read: no note may hold up an answer."""
        if len(said) <= LONGEST_READ:
            return said
        self.problem("information", "text-cut", where, f"Only the first {LONGEST_READ} characters of this text were read")
        return said[:LONGEST_READ]

    def set_aside(self, slice_: Slice, path: str, text: str, *, when: PartialDate | None = None, relapsed: bool = False) -> None:
        """Note a resource that is broken, with what it was about, its day, and whether it may be a relapse."""
        head = slice_.head
        code = None if head is None else concept_in(head.concept)
        known = [] if code is None else [self.terms.concepts_of(coding.system, coding.code or "") for coding in code.coding]
        words = [] if code is None else [code.text, *(coding.display for coding in code.coding)]
        concepts = frozenset(concept for found in known for concept in found)
        named = frozenset(concept for word in words if word for concept in self.terms.names_in(word))
        kind = ANY_TYPE if head is None or head.resourceType not in TYPES else head.resourceType
        lost = "" if code is not None else kind
        self.unread.append(Unread(concepts or named, slice_.reference, path, lost, when, relapsed))
        self.problem("error", "unreadable", f"{slice_.reference} {path}".strip(), text)

    def lose(self, result: Json, reference: str, path: str, broken: str = "") -> None:
        """Note a result within another resource that is lost, with what it was about; `broken`: what is wrong in it."""
        where = broken if broken.startswith(path) else f"{path}{broken}".rstrip(".")
        when = day_of_broken(result)
        try:
            code = coded(result, "code", self.terms)
            self.unread.append(Unread(code.concepts, reference, where, when=when))
        except Unreadable:
            self.unread.append(Unread(frozenset(), reference, where, "Observation", when))
        if broken:
            said = "This element is not what FHIR allows; the result within is set aside"
            self.problem("error", "unreadable", f"{reference} {where}", said)

    def keep(self, slice_: Slice) -> None:
        """Remember a resource that others refer to."""
        names = [slice_.full_url] if slice_.full_url else []
        if slice_.head is not None and slice_.head.id:
            names.append(f"{slice_.head.resourceType}/{slice_.head.id}")
        for name in names:
            before = self.pointed_at.setdefault(name, slice_)
            if before.raw != slice_.raw and _content(self._open(before)) != _content(_decoded(slice_)):
                self.torn.add(name)

    def condition(self, reference: str) -> str:
        """Return how evidence names the Condition to which a reference leads; '' where it leads to something else."""
        reference = reference.split("/_history/", 1)[0]
        if reference in self.conditions:
            return self.conditions[reference]
        parts = reference.rsplit("/", 2)[-2:]
        return "/".join(parts) if parts[0] == "Condition" else ""

    def knows(self, reference: str) -> bool:
        """Return whether a reference leads to a Condition, a Medication or a Specimen among the data."""
        return bool(self.condition(reference)) or reference in self.pointed_at

    def resolve(self, reference: str, around: Json) -> Json:
        """Return the resource that a reference leads to: contained, relative, absolute or urn:uuid; {} where it is not here."""
        if not reference:
            return {}
        if reference.startswith("#"):
            inner = reference[1:]
            return next((item for _, item in mappings(around, "contained") if item.get("id") == inner), {})
        reference = reference.split("/_history/", 1)[0]
        name = reference if reference in self.pointed_at else "/".join(reference.rsplit("/", 2)[-2:])
        if name in self.torn:
            return _TORN
        found = self.pointed_at.get(name)
        return {} if found is None else self._open(found)

    def _open(self, found: Slice) -> Json:
        opened = self.opened.get(id(found))
        if opened is None:
            opened = self.opened[id(found)] = _decoded(found)
        return opened


def _decoded(found: Slice) -> Json:
    try:
        return found.decoded()
    except (orjson.JSONDecodeError, RecursionError):
        return {}


def _content(resource: Json) -> Json:
    """Return a resource without what a server writes of its own copy."""
    return {key: said for key, said in resource.items() if key != "meta"}
