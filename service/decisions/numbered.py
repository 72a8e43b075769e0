"""All tests of the rules, numbered once: what one record says of them is two whole numbers, a bit for each test.

In `holds` the tests that hold have their bit, in `fails` those that do not; a test with neither is unknown. A conjunction is
then decided by a few operations on whole numbers, whatever it consists of. How a test is judged by itself, with its reasons,
stands in `predicate`; this is the same truth, worked out for all tests at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from service.logic.fact import State
from service.logic.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from service.logic.fact import Fact

    Facts = Mapping[str, Fact[object]]


class Bits(NamedTuple):
    """The tests that hold and those that fail."""

    holds: int
    fails: int


class Leaf(NamedTuple):
    """A comparison with one fact: its bit, and the truth for a known value."""

    bit: int
    compare: Callable[[object], Truth]


class Joint(NamedTuple):
    """All, any or none of the tests with these bits."""

    bit: int
    how: str
    parts: int


@dataclass(frozen=True, slots=True)
class Numbered:
    """The tests by number. `bits` finds a test by its identity: tests live as long as the rules.

    `joints` come after their parts; `joints_of` holds those that read a fact, in the same order. `words` holds what the words
    and truths of a fact decide, worked out once.
    """

    bits: Mapping[int, int] = field(default_factory=dict)
    leaves: Mapping[str, tuple[Leaf, ...]] = field(default_factory=dict)
    joints: tuple[Joint, ...] = ()
    joints_of: Mapping[str, tuple[Joint, ...]] = field(default_factory=dict)
    words: Mapping[tuple[str, object], Bits] = field(default_factory=dict)

    def __reduce__(self) -> NoReturn:
        """Refuse to be sent to another process or copied: there the tests are others, and their numbers would mean nothing."""
        raise TypeError("rules are bound anew in each process, or inherited by a fork")

    def read(self, facts: Facts) -> Bits:
        """Return what the facts of one record say of all tests; a fact that is not among them is unknown."""
        holds = fails = 0
        for name, leaves in self.leaves.items():
            fact = facts.get(name)
            if fact is not None and fact.state is State.KNOWN:
                said = self._said(name, leaves, fact.value)
                holds |= said[0]
                fails |= said[1]
        return _joined(holds, fails, self.joints)

    def changed(self, bits: Bits, facts: Facts) -> Bits:
        """Return what would be said if these facts were as given here, and all others as they were."""
        holds, fails = bits
        touched = new_holds = new_fails = 0
        for name, fact in facts.items():
            leaves = self.leaves.get(name, ())
            for leaf in leaves:
                touched |= leaf.bit
            if fact.state is State.KNOWN:
                said = self._said(name, leaves, fact.value)
                new_holds |= said[0]
                new_fails |= said[1]
        joints = self._joints_of(tuple(facts))
        for joint in joints:
            touched |= joint.bit
        return _joined(holds & ~touched | new_holds, fails & ~touched | new_fails, joints)

    def mask(self, nodes: Iterable[object]) -> int:
        """Return the bits of these tests together."""
        mask = 0
        for node in nodes:
            mask |= self.bits[id(node)]
        return mask

    def _joints_of(self, names: tuple[str, ...]) -> tuple[Joint, ...]:
        if len(names) == 1:
            return self.joints_of.get(names[0], ())
        asked = {joint.bit for name in names for joint in self.joints_of.get(name, ())}
        return tuple(joint for joint in self.joints if joint.bit in asked)

    def _said(self, name: str, leaves: tuple[Leaf, ...], value: object) -> Bits:
        if isinstance(value, (str, bool)):
            said = self.words.get((name, value))
            if said is not None:
                return said
        return said_by(leaves, value)


def truth_in(bits: Bits, bit: int) -> Truth:
    """Return the truth of the test with this bit."""
    if bits.holds & bit:
        return Truth.YES
    return Truth.NO if bits.fails & bit else Truth.UNKNOWN


def said_by(leaves: tuple[Leaf, ...], value: object) -> Bits:
    """Return which comparisons hold and which fail for a known value."""
    holds = fails = 0
    for bit, compare in leaves:
        truth = compare(value)
        if truth is Truth.YES:
            holds |= bit
        elif truth is Truth.NO:
            fails |= bit
    return Bits(holds, fails)


def _joined(holds: int, fails: int, joints: tuple[Joint, ...]) -> Bits:
    """Return the bits with those of the joint tests: Kleene's conjunction, disjunction, or the opposite of a disjunction."""
    for bit, how, parts in joints:
        if how == "all":
            if fails & parts:
                fails |= bit
            elif holds & parts == parts:
                holds |= bit
        elif holds & parts:
            if how == "any":
                holds |= bit
            else:
                fails |= bit
        elif fails & parts == parts:
            if how == "any":
                fails |= bit
            else:
                holds |= bit
    return Bits(holds, fails)


class Conjunction(NamedTuple):
    """Tests that must hold and tests that must fail.

    `blocking` and `blocking_excluded` are those of them that may block: what is not verified is shown and never the only reason
    for a no.
    """

    required: int
    excluded: int
    blocking: int
    blocking_excluded: int

    def truth(self, bits: Bits) -> Truth:
        """Return NO where a test that may block fails, YES where all are as they must be, else UNKNOWN."""
        holds, fails = bits
        if fails & self.blocking or holds & self.blocking_excluded:
            return Truth.NO
        if holds & self.required == self.required and fails & self.excluded == self.excluded:
            return Truth.YES
        return Truth.UNKNOWN
