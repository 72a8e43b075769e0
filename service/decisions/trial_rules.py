"""The criteria of a trial, bound to compiled tests: what can be computed, what is asked, which are alternatives."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from service.decisions.numbered import not_recorded
from service.decisions.predicate import unique
from service.facts.catalogue import name_now
from service.logic.truth import Truth, all_of, any_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from service.decisions.predicate import Facts, Node
    from service.knowledge.trial_rows import TrialArm, TrialCriterion, TrialVersion
    from service.logic.fact import Fact


_READ = "S"


@dataclass(frozen=True, slots=True)
class BoundCriterion:
    """One criterion with its test.

    `absent` holds the values that facts without a record stand for, and `assumed` is the test with them: the test itself where a
    missing record means nothing. `measured` names the facts that rest on results, which grow old: an age or a sex does not.
    `ages`: some results are too old for the criterion, so that its truth is not simply that of the test.
    """

    criterion: TrialCriterion
    node: Node
    assumed: Node
    absent: Mapping[str, Fact[object]]
    measured: tuple[str, ...] = ()
    ages: bool = field(init=False, default=False)
    excludes: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "ages", bool(self.criterion.window and self.measured))
        object.__setattr__(self, "excludes", self.criterion.kind == "exclusion")

    def closed(self, facts: Facts) -> tuple[str, ...]:
        """Return the facts that nothing was recorded about and that have a value for that here."""
        return tuple(name for name in self.absent if not_recorded(facts[name]))

    def truth(self, facts: Facts) -> Truth:
        """Return the truth in the patient's favour, the age of results left aside."""
        return self.favour(self.assumed.truth(facts))

    def favour(self, truth: Truth) -> Truth:
        """Return the truth in the patient's favour: of an exclusion, that it does not apply."""
        return ~truth if self.excludes else truth


@dataclass(frozen=True, slots=True)
class Criteria:
    """The computable criteria of a trial or an arm, and the places of those that are alternatives."""

    rows: tuple[BoundCriterion, ...]
    alternatives: tuple[tuple[int, ...], ...]
    alone: tuple[int, ...]
    assuming: tuple[int, ...]  # those to which the absence of a record means something
    aging: tuple[int, ...]  # those for which a result may be too old
    read: frozenset[str]  # the ids of those whose text somebody read

    @classmethod
    def of(cls, rows: tuple[BoundCriterion, ...]) -> Criteria:
        """Return the rows with those of one `any_of` put together."""
        groups: dict[str, list[int]] = {}
        for place, row in enumerate(rows):
            if row.criterion.any_of:
                groups.setdefault(row.criterion.any_of, []).append(place)
        alone = tuple(place for place, row in enumerate(rows) if not row.criterion.any_of)
        assuming = tuple(place for place, row in enumerate(rows) if row.absent)
        aging = tuple(place for place, row in enumerate(rows) if row.ages)
        read = frozenset(row.criterion.id for row in rows if row.criterion.provenance == _READ)
        return cls(rows, tuple(tuple(places) for places in groups.values()), alone, assuming, aging, read)

    def truth(self, truths: Sequence[Truth]) -> Truth:
        """Return whether all hold, of alternatives at least one."""
        return all_of(
            (
                *(truths[place] for place in self.alone),
                *(any_of(truths[place] for place in places) for places in self.alternatives),
            )
        )

    def failing(self, truths: Sequence[Truth]) -> tuple[int, ...]:
        """Return the places that fail; alternatives fail together or not at all."""
        found = [place for place in self.alone if truths[place] is Truth.NO]
        for places in self.alternatives:
            if any_of(truths[place] for place in places) is Truth.NO:
                found += [place for place in places if truths[place] is Truth.NO]
        return tuple(sorted(found))


@dataclass(frozen=True, slots=True)
class BoundArm:
    """An arm with its bound criteria."""

    arm: TrialArm
    criteria: Criteria


@dataclass(frozen=True, slots=True)
class BoundVersion:
    """One text of a trial with all of its criteria bound."""

    version: TrialVersion
    criteria: Criteria
    arms: tuple[BoundArm, ...]

    @property
    def asked(self) -> tuple[TrialCriterion, ...]:
        """The criteria that only a human can judge."""
        return tuple(row for row in self.version.criteria if row.ask is not None)

    @property
    def fact_names(self) -> tuple[str, ...]:
        """All facts that the trial and its arms read."""
        rows = (*self.criteria.rows, *(row for arm in self.arms for row in arm.criteria.rows))
        return unique(tuple(name_now(name) for row in rows for name in row.node.fact_names))
