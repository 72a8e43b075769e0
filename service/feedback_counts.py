"""What became of the cards that were shown, counted by rule, by product or trial, and by client. Pure: no store, no clock."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from service.knowledge.library import Library
    from service.stores.kept import CardStory, GivenFeedback

Fate = Literal["accepted", "overridden", "untold"]

NO_REASON = "no reason"
OWN_WORDS = "own words"

_ACCEPTED, _OVERRIDDEN = "accepted", "overridden"


@dataclass(slots=True)
class Tally:
    """The cards of one rule, product, trial or client; `reasons` are those of the overridden ones."""

    shown: int = 0
    accepted: int = 0
    unnamed: int = 0  # of the accepted: nobody said which suggestion
    overridden: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def untold(self) -> int:
        """Cards of which nothing was told; that is neither agreement nor disagreement."""
        return self.shown - self.accepted - self.overridden


@dataclass(frozen=True, slots=True)
class TooOften:
    """From which share of how many cards on a rule counts as overridden too often; the share in percent."""

    from_percent: Decimal
    least_cards: int

    def holds(self, tally: Tally) -> bool:
        """Return whether it is, as far as can be told from so many cards."""
        return tally.shown >= self.least_cards and 100 * tally.overridden >= self.from_percent * tally.shown

    @classmethod
    def of(cls, library: Library, today: date) -> TooOften:
        """Return what holds today. Raises: KnowledgeError."""
        share = library.limit("feedback_overridden_often_from_percent", today, today)
        least = library.limit("feedback_overridden_often_least_cards", today, today)
        return cls(share.value, int(least.value))


@dataclass(frozen=True, slots=True)
class Counts:
    """The counts; each by name, most shown first. A card of two rules is counted for both, and once in `total`."""

    total: Tally
    rules: Mapping[str, Tally]
    subjects: Mapping[str, Tally]
    clients: Mapping[str, Tally]
    too_often: tuple[str, ...]


def subjects_of(library: Library) -> dict[str, str]:
    """Return for the id of each indication and caution its product, for that of each trial itself: what a rule is about."""
    products = library.therapies.values()
    subjects = {row.id: therapy.product for therapy in products for row in therapy.indications}
    subjects |= {caution.id: therapy.product for therapy in products for caution in therapy.cautions}
    return subjects | {trial: trial for trial in library.trials}


def count(stories: Iterable[CardStory], subjects: Mapping[str, str], too_often: TooOften) -> Counts:
    """Return the counts of these cards; a card without rules stands under its topic."""
    total, rules, about, clients = Tally(), dict[str, Tally](), dict[str, Tally](), dict[str, Tally]()
    for story in stories:
        names = story.rules or (f"topic {story.topic}",)
        tallies = [total, clients.setdefault(story.client, Tally())]
        tallies += [rules.setdefault(name, Tally()) for name in dict.fromkeys(names)]
        tallies += [about.setdefault(name, Tally()) for name in dict.fromkeys(subjects[row] for row in names if row in subjects)]
        for tally in tallies:
            _add(tally, story)
    often = tuple(name for name, tally in _most_shown(rules).items() if too_often.holds(tally))
    return Counts(total, _most_shown(rules), _most_shown(about), _most_shown(clients), often)


def fate_of(feedback: Iterable[GivenFeedback]) -> Fate:
    """Return what became of a card: accepted where any suggestion was, for the rest of a card that was used may be put away."""
    outcomes = {item.outcome for item in feedback}
    if _ACCEPTED in outcomes:
        return "accepted"
    return "overridden" if _OVERRIDDEN in outcomes else "untold"


def _add(tally: Tally, story: CardStory) -> None:
    fate = fate_of(story.feedback)
    tally.shown += 1
    if fate == "accepted":
        tally.accepted += 1
        tally.unnamed += not any(item.suggestions for item in story.feedback)
    elif fate == "overridden":
        tally.overridden += 1
        tally.reasons.update(_reasons(story.feedback))


def _reasons(feedback: Iterable[GivenFeedback]) -> set[str]:
    """Return the reasons given for one card, each once; that none was given is said only where none was."""
    told = {item.reason_code or item.reason_text or (OWN_WORDS if item.commented else "") for item in feedback} - {""}
    return told or {NO_REASON}


def _most_shown(tallies: Mapping[str, Tally]) -> dict[str, Tally]:
    return dict(sorted(tallies.items(), key=lambda row: (-row[1].shown, row[0])))
