"""The tests of the rules get their numbers, when the rules are bound."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.decisions.numbered import NO_BITS, Bits, FactTests, Joint, Leaf, Numbered, said_by
from service.decisions.predicate import FactNode, Group, IfAbsent
from service.facts.catalogue import CATALOGUE, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from service.decisions.predicate import Node


def number_tests(tests: Iterable[Node], possible: Callable[[str], tuple[object, ...]]) -> Numbered:
    """Return these tests and all of their parts by number; parts come before what they are parts of.

    `possible` returns the values that a missing fact might turn out to have.
    """
    bits: dict[int, int] = {}
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
        elif isinstance(node, FactNode):
            leaves.setdefault(node.name, []).append((Leaf(bit, node.compare), node))
        return bit

    for test in tests:
        add(test)
    names = dict.fromkeys((*leaves, *CATALOGUE))  # one that no test reads may stand in a table of risk
    by_fact = {name: _tests(name, leaves.get(name, []), tuple(joints_of.get(name, ())), possible(name)) for name in names}
    return Numbered(bits, by_fact, tuple(joints))


def _tests(name: str, found: list[tuple[Leaf, FactNode]], joints: tuple[Joint, ...], possible: tuple[object, ...]) -> FactTests:
    leaves = tuple(leaf for leaf, _ in found)
    touched = 0
    for bit in (*(leaf.bit for leaf in leaves), *(joint.bit for joint in joints)):
        touched |= bit
    spec = CATALOGUE.get(name)
    words = spec.candidates() if spec is not None and spec.kind in {Kind.WORD, Kind.TRUTH} else ()
    return FactTests(
        leaves=leaves,
        joints=joints,
        touched=touched,
        words={value: said_by(leaves, value) for value in words},
        absent=_absent(found),
        tried=tuple(said_by(leaves, value) for value in possible),
    )


def _absent(found: list[tuple[Leaf, FactNode]]) -> Bits:
    """Return what those comparisons say that take a value for granted where nothing was recorded."""
    assumed = [(leaf, node.value) for leaf, node in found if isinstance(node, IfAbsent)]
    said = [said_by((leaf,), value) for leaf, value in assumed]
    return Bits(sum(bits.holds for bits in said), sum(bits.fails for bits in said)) if said else NO_BITS
