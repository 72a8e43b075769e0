"""All tests of the rules, numbered once: what one record says of them is two whole numbers, a bit for each test.

In `holds` the tests that hold have their bit, in `fails` those that do not; a test with neither is unknown. A conjunction is
then decided by a few operations on whole numbers, whatever it consists of. How a test is judged by itself, with its reasons,
stands in `predicate`; this is the same truth, worked out for all tests at once.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from service.logic.dates import Age
from service.logic.fact import Gap, State
from service.logic.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from service.logic.dates import Span
    from service.logic.fact import Fact

    Facts = Mapping[str, Fact[object]]


class Bits(NamedTuple):
    """The tests that hold and those that fail."""

    holds: int
    fails: int

    def decided_by(self, others: Bits) -> Bits:
        """Return these with what the others say of the tests that are unknown here."""
        holds, fails = self
        return Bits(holds | others.holds & ~fails, fails | others.fails & ~holds)


NO_BITS = Bits(0, 0)
_KNOWN = State.KNOWN


def not_recorded(fact: Fact[object]) -> bool:
    """Return whether nothing at all was recorded: an unreadable, old or ambiguous result is no absence."""
    return fact.state is State.UNKNOWN and fact.gap is Gap.NOT_RECORDED and not fact.evidence


class Leaf(NamedTuple):
    """A comparison with one fact: its bit, and the truth for a known value."""

    bit: int
    compare: Callable[[object], Truth]


class Joint(NamedTuple):
    """All, any or none of the tests with these bits."""

    bit: int
    how: str
    parts: int


class Ages(NamedTuple):
    """Comparisons with an age by the spans that it has reached or not: `spans` ascend, so that few have to be looked at.

    `reached` is what is said where the first of them are reached, by their number; `young` where those from a number on are not.
    """

    spans: tuple[Span, ...]
    reached: tuple[Bits, ...]
    young: tuple[Bits, ...]
    rest: tuple[Leaf, ...]

    def said(self, age: Age) -> Bits:
        """Return which comparisons hold and which fail."""
        reached = bisect_left(self.spans, x=True, key=lambda span: age.at_least(span) is not Truth.YES)
        young = bisect_left(self.spans, x=True, lo=reached, key=lambda span: age.at_least(span) is Truth.NO)
        old, not_yet, other = self.reached[reached], self.young[young], said_by(self.rest, age)
        return Bits(old[0] | not_yet[0] | other[0], old[1] | not_yet[1] | other[1])


class FactTests(NamedTuple):
    """What hangs on one fact: its comparisons, and the joint tests that read it, each after its parts.

    `touched` are the bits of all of them, `compared` those of the comparisons alone. What is worked out once: what its words and
    truths decide, what is said where nothing was recorded, and what each value decides that the fact might turn out to have.
    """

    leaves: tuple[Leaf, ...]
    ages: Ages | None
    joints: tuple[Joint, ...]
    touched: int
    compared: int
    words: Mapping[object, Bits]
    absent: Bits
    tried: tuple[Bits, ...]

    def said(self, fact: Fact[object]) -> Bits:
        """Return which comparisons hold and which fail."""
        if fact.state is _KNOWN:
            value = fact.value
            said = self.words.get(value) if isinstance(value, (str, bool)) else None
            if said is None:
                said = self.ages.said(value) if self.ages is not None and isinstance(value, Age) else said_by(self.leaves, value)
            return said
        return self.absent if self.absent is not NO_BITS and not_recorded(fact) else NO_BITS


@dataclass(frozen=True, slots=True)
class Numbered:
    """The tests by number. `bits` finds a test by its identity: tests live as long as the rules. `joints` come after parts.

    `paths` are, for each test, the facts that its comparisons read, each with the bits of the comparison and of all groups around
    it up to the test: where none of these is decided, the fact is missing. `then` are the facts that some test asks for as they
    were at diagnosis: these stand beside themselves, under another name.
    """

    bits: Mapping[int, int] = field(default_factory=dict)
    paths: Mapping[int, tuple[tuple[int, str], ...]] = field(default_factory=dict)
    by_fact: Mapping[str, FactTests] = field(default_factory=dict)
    joints: tuple[Joint, ...] = ()
    then: tuple[str, ...] = ()

    def __reduce__(self) -> NoReturn:
        """Refuse to be sent to another process or copied: there the tests are others, and their numbers would mean nothing."""
        raise TypeError("rules are bound anew in each process, or inherited by a fork")

    def read(self, facts: Facts) -> Bits:
        """Return what the facts of one record say of all tests; a fact that is not among them is unknown."""
        holds = fails = 0
        for name, tests in self.by_fact.items():
            fact = facts.get(name)
            if fact is not None and (fact.state is _KNOWN or tests.absent is not NO_BITS):
                said = tests.said(fact)
                holds |= said[0]
                fails |= said[1]
        return _joined(holds, fails, self.joints)

    def changed(self, bits: Bits, facts: Facts) -> Bits:
        """Return what would be said if these facts were as given here, and all others as they were."""
        touched = holds = fails = 0
        read = [(self.by_fact[name], fact) for name, fact in facts.items() if name in self.by_fact]
        for tests, fact in read:
            touched |= tests.touched
            said = tests.said(fact)
            holds |= said[0]
            fails |= said[1]
        joints = read[0][0].joints if len(read) == 1 else sorted({joint for tests, _ in read for joint in tests.joints})
        return _joined(bits[0] & ~touched | holds, bits[1] & ~touched | fails, joints)

    def tried(self, bits: Bits, name: str) -> tuple[Bits, ...]:
        """Return what would be said if one fact had each of the values that it might have, and all others were as they are.

        Nothing for what is no fact, such as the birth date that an age needs.
        """
        tests = self.by_fact.get(name)
        if tests is None:
            return ()
        holds, fails = bits
        decided = holds | fails
        if decided & tests.compared:
            holds, fails, joints = holds & ~tests.touched, fails & ~tests.touched, tests.joints
        else:  # nothing rests on the fact now: what is decided stays so, whatever its value is
            joints = tuple([joint for joint in tests.joints if not decided & joint.bit])
        return tuple(_joined(holds | said[0], fails | said[1], joints) for said in tests.tried)

    def mask(self, nodes: Iterable[object]) -> int:
        """Return the bits of these tests together."""
        mask = 0
        for node in nodes:
            mask |= self.bits[id(node)]
        return mask


def truth_in(bits: Bits, bit: int) -> Truth:
    """Return the truth of the test with this bit."""
    if bits[0] & bit:
        return Truth.YES
    return Truth.NO if bits[1] & bit else Truth.UNKNOWN


def said_by(leaves: Iterable[Leaf], value: object) -> Bits:
    """Return which comparisons hold and which fail for a known value."""
    holds = fails = 0
    for bit, compare in leaves:
        truth = compare(value)
        if truth is Truth.YES:
            holds |= bit
        elif truth is Truth.NO:
            fails |= bit
    return Bits(holds, fails)


def _joined(holds: int, fails: int, joints: Iterable[Joint]) -> Bits:
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


class Disjunction(NamedTuple):
    """Tests of which one must hold, or one of the excluded must fail."""

    required: int
    excluded: int

    def truth(self, bits: Bits) -> Truth:
        """Return YES where one is as it must be, NO where none can be, else UNKNOWN."""
        holds, fails = bits
        if holds & self.required or fails & self.excluded:
            return Truth.YES
        if fails & self.required == self.required and holds & self.excluded == self.excluded:
            return Truth.NO
        return Truth.UNKNOWN
