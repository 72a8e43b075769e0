"""The criteria of a trial by number: those that no result grows too old for are decided together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.decisions.numbered import Conjunction, Disjunction, truth_in
from service.logic.truth import Truth

if TYPE_CHECKING:
    from service.decisions.numbered import Bits, Numbered
    from service.decisions.trial_rules import Criteria


@dataclass(frozen=True, slots=True)
class NumberedCriteria:
    """The criteria of a trial or an arm with the bits of their tests.

    `joint` and `alternatives` are the plain ones: their truth is that of their test, with what the absence of a record means.
    `aging` and `aging_alternatives` are the places of those, alone or beside each other, for which a result may be too old;
    `aging_names` are the facts that these read.
    """

    criteria: Criteria
    bits: tuple[int, ...]
    joint: Conjunction
    alternatives: tuple[Disjunction, ...]
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

        plain = masks(tuple(place for place in criteria.alone if not rows[place].ages))
        aging = tuple(place for place in criteria.alone if rows[place].ages)
        groups = tuple(places for places in criteria.alternatives if any(rows[place].ages for place in places))
        places = (*aging, *(place for group in groups for place in group))
        return cls(
            criteria=criteria,
            bits=tuple(numbered.mask((row.assumed,)) for row in rows),
            joint=Conjunction(*plain, *plain),
            alternatives=tuple(Disjunction(*masks(places)) for places in criteria.alternatives if places not in groups),
            aging=aging,
            aging_alternatives=groups,
            aging_names=frozenset(name for place in places for name in rows[place].node.fact_names),
        )

    def plain(self, bits: Bits) -> Truth:
        """Return whether all plain criteria hold, of alternatives at least one."""
        truth = self.joint.truth(bits)
        for group in self.alternatives:
            truth &= group.truth(bits)
        return truth

    def at(self, place: int, bits: Bits) -> Truth:
        """Return the truth of one criterion in the patient's favour, the age of results left aside."""
        return self.criteria.rows[place].favour(truth_in(bits, self.bits[place]))
