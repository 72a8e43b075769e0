"""What the card of missing data says whoever the patient is: how each item is asked for, ordered, and what it would decide."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from service.cards.resources import concept
from service.cards.slots import slots

if TYPE_CHECKING:
    from collections.abc import Callable

    from service.cards.resources import Json
    from service.cards.wording import Wording
    from service.decisions.verdicts import Need
    from service.knowledge.schema import OrderCode


class Asked(NamedTuple):
    """The line of an item that is missing: what fills in the verdicts that it would decide, or that it decides none alone."""

    deciding: Callable[..., str]
    contributing: str


class Ordered(NamedTuple):
    """An order of what is missing: how the suggestion is called and what is ordered. Not to be changed: all answers share it."""

    label: str
    concept: Json


class GapSentences:
    """The sentences of one language, each written once: bounded by what may be missing, why, and the verdicts on file.

    `targets`: how verdicts are named, by their key.
    """

    def __init__(self, wording: Wording, say: Callable[[str], str]) -> None:
        self._wording = wording
        self._say = say
        self._asked: dict[tuple[str, str], Asked] = {}
        self._orders: dict[tuple[str, int], tuple[OrderCode, Ordered]] = {}
        self.targets: dict[str, str] = {}

    def asked(self, need: Need) -> Asked:
        """Return the line of an item."""
        found = self._asked.get((need.ask, need.gap))
        if found is None:
            words, ask = self._wording.gaps, self._say(need.ask)
            gap = words.gaps.get(need.gap, self._wording.not_found)
            found = self._asked[need.ask, need.gap] = Asked(
                slots(words.need, "targets", ask=ask, gap=gap), words.need_contributes.format(ask=ask, gap=gap)
            )
        return found

    def order(self, ask: str, code: OrderCode) -> Ordered:
        """Return the order of an item by its code."""
        kept = self._orders.get((ask, id(code)))
        if kept is None:
            said = self._say(ask)
            ordered = Ordered(self._wording.gaps.suggestion_label.format(ask=said), concept(said, (code,)))
            kept = self._orders[ask, id(code)] = (code, ordered)  # the code is kept, so that nothing else gets its identity
        return kept[1]
