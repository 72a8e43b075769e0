"""The criteria of a trial by number: those that no result grows too old for are decided together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.decisions.numbered import Conjunction, Disjunction, truth_in
from service.logic.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Container

    from service.decisions.numbered import Bits, Numbered
    from service.decisions.trial_rules import Criteria


@dataclass(frozen=True, slots=True)
class NumberedCriteria:
    """The criteria of a trial or an arm with the bits of their tests.

    `joint` and `alternatives` are the plain ones: their truth is that of their test, with what the absence of a record means.
    `all_joint` and `all_alternatives` are all of them, for whom no result is too old.
    `aging` and `aging_alternatives` are the places of those, alone or beside each other, for which a result may be too old;
    `aging_names` are the facts that these read.
    """

    criteria: Criteria
    bits: tuple[int, ...]
    each: tuple[tuple[int, int], ...]  # the same, one that must hold and one that must fail: the other is nothing
    joint: Conjunction
    alternatives: tuple[Disjunction, ...]
    all_joint: Conjunction
    all_alternatives: tuple[Disjunction, ...]
    aging: tuple[int, ...]
    aging_alternatives: tuple[tuple[int, ...], ...]
    aging_names: frozenset[str]

    @classmethod
    def of(cls, criteria: Criteria, numbered: Numbered) -> NumberedCriteria:
        """Return the criteria with the numbers that their tests have among the rules."""
        rows = criteria.rows

        def masks(places: tuple[int, ...]) -> tuple[int, int]:
            required = numbered.mask(rows[place].assumed for place in places if not rows[place].excludes)
            return required, numbered.mask(rows[place].assumed for place in places if rows[place].excludes)

        every = masks(criteria.alone)
        plain = masks(tuple(place for place in criteria.alone if not rows[place].ages))
        aging = tuple(place for place in criteria.alone if rows[place].ages)
        groups = tuple(places for places in criteria.alternatives if any(rows[place].ages for place in places))
        places = (*aging, *(place for group in groups for place in group))
        return cls(
            criteria=criteria,
            bits=tuple(numbered.mask((row.assumed,)) for row in rows),
            each=tuple(masks((place,)) for place in range(len(rows))),
            joint=Conjunction(*plain, *plain),
            alternatives=tuple(Disjunction(*masks(places)) for places in criteria.alternatives if places not in groups),
            all_joint=Conjunction(*every, *every),
            all_alternatives=tuple(Disjunction(*masks(places)) for places in criteria.alternatives),
            aging=aging,
            aging_alternatives=groups,
            aging_names=frozenset(name for place in places for name in rows[place].node.fact_names),
        )

    def plain(self, bits: Bits) -> Truth:
        """Return whether all plain criteria hold, of alternatives at least one."""
        truth = self.joint.truth(bits)
        if truth is not Truth.NO:
            for group in self.alternatives:
                truth &= group.truth(bits)
        return truth

    def whole(self, bits: Bits) -> Truth:
        """Return whether all criteria hold, of alternatives at least one, the age of results left aside."""
        truth = self.all_joint.truth(bits)
        if truth is not Truth.NO:
            for group in self.all_alternatives:
                truth &= group.truth(bits)
        return truth

    def open(self, bits: Bits, too_old: Container[int]) -> list[int]:
        """Return the places that are unknown, or rest on what is too old, and matter: no alternative to them holds."""
        decided = bits[0] | bits[1]
        found = [place for place, bit in enumerate(self.bits) if not decided & bit or place in too_old]
        for places in self.criteria.alternatives:
            if any(self.at(place, bits) is Truth.YES and place not in too_old for place in places):
                found = [place for place in found if place not in places]
        return found

    def truths(self, bits: Bits) -> list[Truth]:
        """Return the truth of each criterion in the patient's favour, the age of results left aside."""
        holds, fails = bits
        yes, no, unknown = Truth.YES, Truth.NO, Truth.UNKNOWN
        return [
            yes if holds & must or fails & must_not else no if fails & must or holds & must_not else unknown
            for must, must_not in self.each
        ]

    def at(self, place: int, bits: Bits) -> Truth:
        """Return the truth of one criterion in the patient's favour, the age of results left aside."""
        return self.criteria.rows[place].favour(truth_in(bits, self.bits[place]))
