"""Tests on facts, compiled once: three-valued truth, and what is missing where it is unknown."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Protocol

from msgspec.structs import replace

from service.decisions.comparisons import FactNode, IfAbsent
from service.decisions.numbered import Numbered, truth_in
from service.facts.catalogue import name_then
from service.logic.fact import Gap
from service.logic.once import once
from service.logic.truth import Truth, all_of, any_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from service.decisions.numbered import Bits
    from service.logic.fact import Fact

    Facts = Mapping[str, Fact[object]]


class Node(Protocol):
    """One compiled test."""

    @property
    def fact_names(self) -> tuple[str, ...]:
        """The facts that the test reads, in order, once each."""

    def truth(self, facts: Facts) -> Truth:
        """Return whether the test holds."""

    def needs(self, facts: Facts) -> tuple[str, ...]:
        """Return what would have to be known; nothing where the test is decided."""

    def flags(self, facts: Facts) -> tuple[str, ...]:
        """Return the flags of undecided parts and of the facts that were read."""

    def reasons(self, facts: Facts) -> tuple[str, ...]:
        """Return, in sentences, why the test is open although every datum that it reads is there."""


def unique(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names in order, once each."""
    return tuple(dict.fromkeys(names))


@dataclass(frozen=True, slots=True)
class Undecided:
    """Always unknown: the text or the date leaves it open, no datum of the patient would decide."""

    reason: str
    flag: str

    @property
    def fact_names(self) -> tuple[str, ...]:
        """No fact at all."""
        return ()

    def truth(self, facts: Facts) -> Truth:  # noqa: ARG002 - part of the Node interface
        """Return UNKNOWN."""
        return Truth.UNKNOWN

    def needs(self, facts: Facts) -> tuple[str, ...]:  # noqa: ARG002 - part of the Node interface
        """Return nothing: no datum of the patient would decide."""
        return ()

    def flags(self, facts: Facts) -> tuple[str, ...]:  # noqa: ARG002 - part of the Node interface
        """Return the flag, if there is one."""
        return (self.flag,) if self.flag else ()

    def reasons(self, facts: Facts) -> tuple[str, ...]:  # noqa: ARG002 - part of the Node interface
        """Return the reason."""
        return (self.reason,)


@dataclass(frozen=True, slots=True)
class Group:
    """All, any or none of several parts."""

    how: str
    parts: tuple[Node, ...]
    fact_names: tuple[str, ...] = field(init=False, repr=False, compare=False)  # of all parts: asked for at every answer

    def __post_init__(self) -> None:
        object.__setattr__(self, "fact_names", unique(tuple(name for part in self.parts for name in part.fact_names)))

    def of(self, truths: Iterable[Truth]) -> Truth:
        """Return Kleene's conjunction, disjunction, or its opposite, of the parts; what no longer matters is not looked at."""
        if self.how == "all":
            return all_of(truths)
        return any_of(truths) if self.how == "any" else ~any_of(truths)

    def truth(self, facts: Facts) -> Truth:
        """Return the truth of the whole."""
        return self.of(part.truth(facts) for part in self.parts)

    def needs(self, facts: Facts) -> tuple[str, ...]:
        """Return the needs of the parts that are open, where the whole is open."""
        return Looks(facts).needs(self)

    def flags(self, facts: Facts) -> tuple[str, ...]:
        """Return the flags of the parts that are open or hold."""
        return Looks(facts).flags(self)

    def reasons(self, facts: Facts) -> tuple[str, ...]:
        """Return the reasons of the parts that are open; one beside a datum that is missing may not be the reason at all."""
        return Looks(facts).reasons(self)


def if_absent(node: Node, values: Mapping[str, object], same: Callable[[Node], Node]) -> Node:
    """Return the test as it is where these facts have these values if nothing was recorded about them.

    A value can only decide what was unknown: a test that is decided stays so. `same` returns the one node for equal ones.
    """
    if values.keys().isdisjoint(node.fact_names):
        return node
    if isinstance(node, Group):
        return same(Group(node.how, tuple(if_absent(part, values, same) for part in node.parts)))
    return same(IfAbsent(node.name, node, values[node.name])) if isinstance(node, FactNode) else node


def as_then(facts: Facts, numbered: Numbered) -> Facts:
    """Return those of the facts that some test asks for as they were at diagnosis, under the names for that.

    Where one is missing, the fact itself is asked for.
    """
    asked = [(name, facts[name]) for name in numbered.then if name in facts]
    return {name_then(name): fact if fact.needs else replace(fact, needs=(name,)) for name, fact in asked}


_NOTHING_NUMBERED = Numbered()


@dataclass(frozen=True, slots=True)
class Seen:
    """What one test shows: its truth, the flags, what would have to be known, the resources it rests on, why it is open."""

    truth: Truth
    flags: tuple[str, ...]
    needs: tuple[str, ...]
    evidence: tuple[str, ...]
    reasons: tuple[str, ...]


class Looks:
    """The facts of one record under many tests; a test, or a part of one, that stands in several labels is looked at once.

    Nodes live as long as the rules, so that their identity names them. `numbered`: the tests whose truths are worked out
    together; others are judged one by one. `bits`: what these say, where that is known already. `then`: the looks on the
    facts as they were at diagnosis, None where these are the same.
    """

    def __init__(self, facts: Facts, numbered: Numbered = _NOTHING_NUMBERED, bits: Bits | None = None) -> None:
        self.facts = facts
        self.then: Looks | None = None
        self.numbered = numbered
        self.bits = bits if bits is not None else numbered.read(facts)
        self._bit_of = numbered.bits
        self._decided = self.bits[0] | self.bits[1]
        self._seen: dict[int, Seen] = {}
        self._truths: dict[int, Truth] = {}
        self._needs: dict[int, tuple[str, ...]] = {}
        self._flags: dict[int, tuple[str, ...]] = {}
        self._newest: dict[str, date] = {}

    def changed(self, facts: Facts) -> Looks:
        """Return the looks on the same facts but for these; those at diagnosis are the same too."""
        if not facts:
            return self
        changed = Looks({**self.facts, **facts}, self.numbered, self.numbered.changed(self.bits, facts))
        changed.then = self.then.changed(facts) if self.then is not None else None
        return changed

    def of_episodes(self, now: Facts, then: Facts) -> Looks:
        """Return the looks on the facts as they are now, with those at diagnosis beside them."""
        looks = self.changed({**now, **as_then(then, self.numbered)})
        if now or then:
            looks.then = self.changed(then)
        return looks

    @property
    def at_diagnosis(self) -> Looks:
        """The looks on the facts as they were at diagnosis."""
        return self if self.then is None else self.then

    @once
    def told_by_facts(self) -> frozenset[str]:
        """All flags of all facts; few facts have any."""
        return frozenset([flag for fact in self.facts.values() if fact.flags for flag in fact.flags])

    @once
    def doubted(self) -> frozenset[str]:
        """The facts of which the record holds something that may be meant, or that it contradicts; most records have few."""
        ambiguous = Gap.AMBIGUOUS
        return frozenset([name for name, fact in self.facts.items() if fact.gap is ambiguous and fact.evidence])

    def newest(self, name: str) -> date:
        """Return the last day of what a fact rests on: the first of all days without a date, the last where nothing is there."""
        newest = self._newest.get(name)
        if newest is None:
            fact, newest = self.facts[name], date.max
            if fact.is_known and fact.evidence:
                newest = max([item.date.high for item in fact.evidence if item.date is not None], default=date.min)
            self._newest[name] = newest
        return newest

    def is_older(self, name: str, day: date) -> bool:
        """Return whether all that a known fact rests on is dated before a day; what has no date is not told to be old."""
        fact = self.facts[name]
        dates = [item.date.high for item in fact.evidence if item.date is not None]
        return fact.is_known and bool(dates) and max(dates) < day

    def truth(self, node: Node) -> Truth:
        """Return the truth alone, for those who need nothing else of most tests."""
        bit = self._bit_of.get(id(node))
        if bit is not None:
            return truth_in(self.bits, bit)
        truth = self._truths.get(id(node))
        if truth is None:
            truth = node.of(map(self.truth, node.parts)) if isinstance(node, Group) else node.truth(self.facts)
            self._truths[id(node)] = truth
        return truth

    def needs(self, node: Node) -> tuple[str, ...]:
        """Return what would have to be known: of a group that is open, what its open parts need."""
        needs = self._needs.get(id(node))
        if needs is None:
            paths = self.numbered.paths.get(id(node))
            if paths is not None:
                names = [name for path, name in paths if not path & self._decided]
                needs = unique(tuple([need for name in names for need in self.facts[name].needs or (name,)])) if names else ()
            elif self.truth(node) is not Truth.UNKNOWN:
                needs = ()
            elif isinstance(node, Group):
                needs = unique(tuple([need for part in node.parts for need in self.needs(part)]))
            elif isinstance(node, Undecided):
                needs = ()
            else:
                (name,) = node.fact_names
                needs = self.facts[name].needs or (name,)
            self._needs[id(node)] = needs
        return needs

    def flags(self, node: Node) -> tuple[str, ...]:
        """Return the flags of the facts that were read: of a group, of the parts that are in question."""
        if not isinstance(node, Group):
            return node.flags(self.facts)
        flags = self._flags.get(id(node))
        if flags is None:
            flagged = [(part, found) for part in node.parts if (found := self.flags(part))]
            flags = unique(tuple(flag for part, found in flagged if self._is_in_question(part, node) for flag in found))
            self._flags[id(node)] = flags
        return flags

    def _is_in_question(self, part: Node, group: Group) -> bool:
        """Return whether a part of a group is open or holds; what a text leaves open only where all that must hold too does."""
        if isinstance(part, Undecided) and group.how == "all":
            return all(self.truth(other) is Truth.YES for other in group.parts if not isinstance(other, Undecided))
        return self.truth(part) is not Truth.NO

    def reasons(self, node: Node) -> tuple[str, ...]:
        """Return why a test is open, although its data are there: of a group, the reasons of its open parts."""
        if not isinstance(node, Group):
            return node.reasons(self.facts)
        if self.truth(node) is not Truth.UNKNOWN:
            return ()
        missing = bool(self.needs(node))
        open_parts = [part for part in node.parts if not (missing and isinstance(part, Undecided))]
        return unique(tuple(reason for part in open_parts if self.truth(part) is Truth.UNKNOWN for reason in self.reasons(part)))

    def at(self, node: Node) -> Seen:
        """Return what the test shows."""
        seen = self._seen.get(id(node))
        if seen is None:
            truth, facts = self.truth(node), self.facts
            seen = self._seen[id(node)] = Seen(
                truth,
                self.flags(node),
                self.needs(node),
                tuple({item.reference: None for name in node.fact_names for item in facts[name].evidence}),
                self.reasons(node) if truth is Truth.UNKNOWN else (),
            )
        return seen
