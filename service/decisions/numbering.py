"""The tests of the rules get their numbers, when the rules are bound."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.decisions.comparisons import Aged, FactNode, IfAbsent
from service.decisions.numbered import NO_BITS, Ages, Bits, FactTests, Joint, Leaf, Numbered, said_by
from service.decisions.predicate import Group
from service.facts.catalogue import CATALOGUE, Kind, name_now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from service.decisions.predicate import Node


def number_tests(tests: Iterable[Node], possible: Callable[[str], tuple[object, ...]]) -> Numbered:
    """Return these tests and all of their parts by number; parts come before what they are parts of.

    `possible` returns the values that a missing fact might turn out to have.
    """
    bits: dict[int, int] = {}
    paths: dict[int, tuple[tuple[int, str], ...]] = {}
    leaves: dict[str, list[tuple[Leaf, FactNode]]] = {}
    joints: list[Joint] = []
    joints_of: dict[str, list[Joint]] = {}

    def add(node: Node) -> int:
        found = bits.get(id(node))
        if found is not None:
            return found
        parts = 0
        if isinstance(node, Group):
            for part in node.parts:
                parts |= add(part)
        bit = bits[id(node)] = 1 << len(bits)
        if isinstance(node, Group):
            joint = Joint(bit, node.how, parts)
            joints.append(joint)
            for name in node.fact_names:
                joints_of.setdefault(name, []).append(joint)
            paths[id(node)] = tuple([(inner | bit, name) for part in node.parts for inner, name in paths[id(part)]])
        elif isinstance(node, FactNode):
            leaves.setdefault(node.name, []).append((Leaf(bit, node.compare), node))
            paths[id(node)] = ((bit, node.name),)
        else:
            paths[id(node)] = ()
        return bit

    for test in tests:
        add(test)
    names = dict.fromkeys((*leaves, *CATALOGUE))  # one that no test reads may stand in a table of risk
    by_fact = {
        name: _tests(name, leaves.get(name, []), tuple(joints_of.get(name, ())), possible(name_now(name))) for name in names
    }
    return Numbered(bits, paths, by_fact, tuple(joints), tuple(name_now(name) for name in leaves if name != name_now(name)))


def _tests(name: str, found: list[tuple[Leaf, FactNode]], joints: tuple[Joint, ...], possible: tuple[object, ...]) -> FactTests:
    leaves = tuple(leaf for leaf, _ in found)
    compared, joined = sum(leaf.bit for leaf in leaves), sum(joint.bit for joint in joints)
    spec = CATALOGUE.get(name_now(name))
    words = spec.candidates() if spec is not None and spec.kind in {Kind.WORD, Kind.TRUTH} else ()
    return FactTests(
        leaves=leaves,
        ages=_ages(found),
        joints=joints,
        touched=compared | joined,
        compared=compared,
        words={value: said_by(leaves, value) for value in words},
        absent=_absent(found),
        tried=tuple(said_by(leaves, value) for value in possible),
    )


_DAYS_OF_EVERY_MONTH = 28


def _in_order(node: FactNode) -> bool:
    """Return whether a comparison is with a span of months and few days: whoever has reached one has reached the shorter ones."""
    return isinstance(node, Aged) and node.span.days <= _DAYS_OF_EVERY_MONTH


def _ages(found: list[tuple[Leaf, FactNode]]) -> Ages | None:
    """Return the comparisons with an age by their spans; None where there are none."""
    aged = [(leaf.bit, node) for leaf, node in found if isinstance(node, Aged) and _in_order(node)]
    if not aged:
        return None
    spans = tuple(sorted({node.span for _, node in aged}, key=lambda span: (span.months, span.days)))
    at = [
        Bits(*(sum(bit for bit, node in aged if node.span == span and node.below is below) for below in (False, True)))
        for span in spans
    ]

    def together(some: list[Bits]) -> Bits:
        return Bits(sum(bits.holds for bits in some), sum(bits.fails for bits in some))

    numbers = range(len(spans) + 1)
    reached = tuple(together(at[:number]) for number in numbers)
    young = (together(at[number:]) for number in numbers)
    rest = tuple(leaf for leaf, node in found if not _in_order(node))
    return Ages(spans, reached, tuple(Bits(bits.fails, bits.holds) for bits in young), rest)


def _absent(found: list[tuple[Leaf, FactNode]]) -> Bits:
    """Return what those comparisons say that take a value for granted where nothing was recorded."""
    assumed = [(leaf, node.value) for leaf, node in found if isinstance(node, IfAbsent)]
    said = [said_by((leaf,), value) for leaf, value in assumed]
    return Bits(sum(bits.holds for bits in said), sum(bits.fails for bits in said)) if said else NO_BITS
