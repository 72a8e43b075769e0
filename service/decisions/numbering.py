"""The tests of the rules get their numbers, when the rules are bound."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.decisions.numbered import Joint, Leaf, Numbered, said_by
from service.decisions.predicate import FactNode, Group
from service.facts.catalogue import CATALOGUE, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from service.decisions.numbered import Bits
    from service.decisions.predicate import Node


def number_tests(tests: Iterable[Node]) -> Numbered:
    """Return these tests and all of their parts by number; parts come before what they are parts of."""
    bits: dict[int, int] = {}
    leaves: dict[str, list[Leaf]] = {}
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
            leaves.setdefault(node.name, []).append(Leaf(bit, node.compare))
        return bit

    for test in tests:
        add(test)
    compared = {name: tuple(found) for name, found in leaves.items()}
    return Numbered(bits, compared, tuple(joints), {name: tuple(found) for name, found in joints_of.items()}, _words(compared))


def _words(leaves: dict[str, tuple[Leaf, ...]]) -> dict[tuple[str, object], Bits]:
    """Return what each word that a fact may be decides."""
    words: dict[tuple[str, object], Bits] = {}
    for name, compared in leaves.items():
        spec = CATALOGUE.get(name)
        if spec is not None and spec.kind in {Kind.WORD, Kind.TRUTH}:
            words |= {(name, value): said_by(compared, value) for value in spec.candidates()}
    return words
