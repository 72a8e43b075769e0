"""The words that data files may use: every fact with its kind, values and the function that derives it."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol

from service.facts.layout import Layout, lay_out
from service.facts.received import unless_broken
from service.logic.dates import PartialDate
from service.logic.fact import Evidence, Fact, Gap, State, unknown
from service.logic.interval import Interval
from service.record.superseded import NEWEST_ONLY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from service.knowledge.chromosomes import ChromosomeFile
    from service.knowledge.regimens import Regimen
    from service.knowledge.treatments import Treatments
    from service.record.record import PatientRecord, Problem


class Kind(Enum):
    """What kind of value a fact has, and so which tests may be asked of it."""

    TRUTH = "boolean"
    WORD = "word"
    WORDS = "list of words"
    NUMBER = "number"  # an Interval
    COUNT = "integer"  # an Interval of integers
    DATE = "date"  # a PartialDate
    AGE = "age"  # an Age


class Limits(Protocol):
    """The numbers that facts use, as of one day."""

    def number(self, name: str) -> Decimal:
        """Return the number of that name."""

    def regimens(self) -> tuple[Regimen, ...]:
        """Return the drug combinations that tell a phase of treatment."""

    def treatments(self) -> Treatments:
        """Return which treatments are cells or antibodies, and against what."""

    def chromosomes(self) -> ChromosomeFile:
        """Return where genes lie, how probes are called and which fusion is which marker."""

    def words(self) -> Mapping[str, Sequence[str]]:
        """Return the words of free text, by the part they play."""


@dataclass(frozen=True, slots=True)
class ReportedRisk:
    """A risk group that somebody recorded; `system` is None where the record names none."""

    system: str | None
    group: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Untold:
    """A fact that is this gap where neither the rest of the record nor any test, code or statement tells one of its markers."""

    name: str
    markers: frozenset[str]
    gap: Fact[object]


@dataclass(slots=True)
class View:
    """What a deriving function sees: the record, the limits, the day, and the other facts.

    Facts are derived on first use and remembered; `problems` collects what the record contradicts; `layout` is the record by
    concept. `untold`: the gaps of facts that only a marker could still tell.
    """

    record: PatientRecord
    limits: Limits
    today: PartialDate
    facts: dict[str, Fact[object]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    noted: set[Problem] = field(default_factory=set)
    memory: dict[object, Any] = field(default_factory=dict)
    untold: tuple[Untold, ...] = ()
    layout: Layout = field(init=False)

    def __post_init__(self) -> None:
        """Lay the record out by concept."""
        self.layout = lay_out(self.record)

    def take(self, record: PatientRecord) -> None:
        """Look at another record instead; what was worked out from the one before is forgotten, but no fact."""
        self.record, self.layout = record, lay_out(record)
        self.memory.clear()

    def note(self, problem: Problem) -> None:
        """Add a problem, once."""
        if problem not in self.noted:
            self.noted.add(problem)
            self.problems.append(problem)

    def fact(self, name: str) -> Fact[object]:
        """Return another fact, deriving it if need be; while it is itself being derived it is unknown."""
        found = self.facts.get(name)
        if found is None:
            self.facts[name] = _IN_PROGRESS
            spec = CATALOGUE[name]
            found = spec.derive(self)
            if self.record.unreadable and spec.reads:
                found = unless_broken(name, found, self.layout.broken.of_any(spec.reads))
            self.facts[name] = found
        return found


_IN_PROGRESS: Fact[object] = unknown(Gap.NOT_ASSESSABLE, rule="circular")


@dataclass(frozen=True, slots=True)
class FactSpec:
    """One fact: its name, kind, allowed words and unit, and how it is derived."""

    name: str
    kind: Kind
    derive: Callable[[View], Fact[object]]
    values: tuple[str, ...] = ()
    unit: str = ""
    reads: frozenset[str] = frozenset()  # the concepts of results on which it rests
    of_products: bool = False  # its words are the products of the knowledge files, whatever stands there
    at_diagnosis: bool = False  # risk systems of the first treatment, and some criteria of trials, ask it as it was at diagnosis

    def words(self, products: Iterable[str]) -> tuple[str, ...]:
        """Return the words that it may have, where these are the products."""
        return tuple(products) if self.of_products else self.values

    def candidates(self) -> tuple[object, ...]:
        """Return values that a missing fact might turn out to have, to see what it could decide."""
        match self.kind:
            case Kind.TRUTH:
                return (True, False)
            case Kind.WORD:
                return self.values
            case Kind.NUMBER:
                return tuple(Interval.point(Decimal(n)) for n in ("0", "1000000"))
            case Kind.COUNT:
                return tuple(Interval.point(Decimal(n)) for n in (0, 1, 2, 9))
            case _:
                return ()


CATALOGUE: dict[str, FactSpec] = {}

_THEN = " at diagnosis"  # no file can name a fact so


def name_then(name: str) -> str:
    """Return the name under which a fact stands as it was at diagnosis, beside itself as it is now."""
    return name + _THEN


def name_now(name: str) -> str:
    """Return the fact's own name, whichever time is meant."""
    return name.removesuffix(_THEN)


def derive(  # noqa: PLR0913 - all that a fact says of itself
    name: str,
    kind: Kind,
    *,
    values: tuple[str, ...] = (),
    unit: str = "",
    reads: tuple[str, ...] = (),
    of_products: bool = False,
    at_diagnosis: bool = False,
) -> Callable[[Callable[[View], Fact[object]]], Callable[[View], Fact[object]]]:
    """Enter the decorated function into the catalogue under the fact's name."""

    def enter(function: Callable[[View], Fact[object]]) -> Callable[[View], Fact[object]]:
        if name in CATALOGUE:
            raise ValueError(f"the fact {name} is derived twice")
        CATALOGUE[name] = FactSpec(name, kind, function, values, unit, frozenset(reads), of_products, at_diagnosis)
        return function

    return enter


def is_yes(fact: Fact[object]) -> bool:
    """Return whether a boolean fact is known to be true."""
    return fact.state is State.KNOWN and fact.value is True


_CHANGING = frozenset({"pregnant", "blood_blasts_per_ul"})


def is_measured(spec: FactSpec) -> bool:
    """Return whether a fact is one of the numbers of which the newest counts, or changes as fast: it may be another one soon."""
    return not spec.reads.isdisjoint(NEWEST_ONLY) or spec.name in _CHANGING
