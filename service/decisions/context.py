"""Words that tests of trials may use and that the caller tells, not the record: the country and the study group of the centre."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from service.facts.catalogue import CATALOGUE, FactSpec, Kind
from service.logic.fact import Gap, known, unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from service.decisions.predicate import Facts
    from service.facts.catalogue import View
    from service.knowledge.trial_rows import Trial
    from service.logic.fact import Fact

COUNTRY, SITE_GROUP = "country", "site_group"


def _not_in_a_record(_view: View) -> Fact[object]:
    return unknown(Gap.NOT_RECORDED, rule="caller")


CONTEXT: Mapping[str, FactSpec] = {name: FactSpec(name, Kind.WORD, _not_in_a_record) for name in (COUNTRY, SITE_GROUP)}
"""What the caller may tell; any word is allowed."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Which countries and study groups the trials name, so that a caller's spelling can be matched and what is missing tried."""

    countries: tuple[str, ...] = ()
    site_groups: tuple[str, ...] = ()
    _by_word: dict[str, str] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, trials: Mapping[str, Trial]) -> Whereabouts:
        """Return the countries and study groups of these trials."""
        countries = dict.fromkeys(code for trial in trials.values() for code in trial.countries)
        groups = dict.fromkeys(group for trial in trials.values() for group in trial.site_groups)
        return cls(tuple(countries), tuple(groups), {group.casefold(): group for group in groups})

    def told(self, country: str, site_group: str) -> Facts:
        """Return the two words as facts; what the caller did not tell is unknown. Evidence: none, no resource says it."""
        words = {COUNTRY: country, SITE_GROUP: self._by_word.get(site_group.casefold(), site_group)}
        return {
            name: known(word, rule="caller") if word else unknown(Gap.NOT_RECORDED, name, rule="caller")
            for name, word in words.items()
        }

    def possible(self, name: str) -> tuple[Fact[object], ...]:
        """Return the values that a word which the caller did not tell could have."""
        words = {COUNTRY: self.countries, SITE_GROUP: self.site_groups}.get(name, ())
        return tuple(known(word) for word in words)

    def tried(self, name: str) -> tuple[object, ...]:
        """Return the values that a missing fact might turn out to have, the caller's words among them."""
        spec = CATALOGUE.get(name)
        return spec.candidates() if spec is not None else tuple(fact.value for fact in self.possible(name))
