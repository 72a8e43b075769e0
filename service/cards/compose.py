"""Which cards, in which order, how many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

from cds_hooks import ServiceResponse, override_reasons
from service.cards.conflict import conflict_card
from service.cards.gaps import gaps_card
from service.cards.leukaemia import leukaemia_card
from service.cards.order import order_cards
from service.cards.parts import Desk
from service.cards.therapy import therapy_cards
from service.cards.trial import trial_cards

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cds_hooks import OverrideReason
    from service.cards.parts import Content
    from service.cards.wording import Wording
    from service.consultation import Consultation
    from service.decisions.orders import OrderVerdict
    from service.knowledge.library import Library


def _new_id() -> str:
    return str(uuid4())


@dataclass(frozen=True, slots=True)
class CardWriter:
    """Writes the cards of any consultation; made once when the service starts."""

    library: Library
    wording: Wording
    reasons: tuple[OverrideReason, ...]
    most: int
    trial_needs: int = 2
    new_id: Callable[[], str] = _new_id

    @classmethod
    def of(cls, library: Library, wording: Wording, most: int, trial_needs: int = 2) -> CardWriter:
        """Return a writer that shows at most so many cards, and trials that lack at most so many data."""
        return cls(library, wording, override_reasons(wording.override_reasons), most, trial_needs)

    def write(
        self, consultation: Consultation, unavailable: frozenset[str] = frozenset(), explanation: str | None = None
    ) -> ServiceResponse:
        """Return the cards, the most urgent first; none for a record that shows no ALL.

        `unavailable` are kinds of data that could not be had; `explanation` is the address of a page about this answer.
        """
        if not consultation.concerns_all:
            return ServiceResponse()
        desk = Desk(consultation, self.library, self.wording, self.reasons, self.new_id, explanation, unavailable)
        contents = [
            content
            for content in (
                conflict_card(desk),
                leukaemia_card(desk),
                *therapy_cards(desk),
                gaps_card(desk),
                *trial_cards(desk, self.trial_needs),
            )
            if content is not None
        ]
        return self._shown(desk, contents)

    def write_orders(
        self,
        consultation: Consultation,
        verdicts: Sequence[OrderVerdict],
        unavailable: frozenset[str] = frozenset(),
        explanation: str | None = None,
    ) -> ServiceResponse:
        """Return the cards about orders, the most urgent first; also for a record that shows no ALL, which they then say."""
        desk = Desk(consultation, self.library, self.wording, self.reasons, self.new_id, explanation, unavailable)
        forbidden_first = sorted(verdicts, key=lambda verdict: not verdict.forbidden)
        return self._shown(desk, [content for verdict in forbidden_first for content in order_cards(desk, verdict)])

    def _shown(self, desk: Desk, contents: list[Content]) -> ServiceResponse:
        """Return the most urgent contents as cards, the last of which names those that are held back."""
        contents.sort(key=lambda content: -content.indicator.urgency)  # stable: clinical order within one urgency
        shown, held_back = contents[: self.most], contents[self.most :]
        overflow = self.wording.overflow.format(
            count=len(held_back), limit=self.most, names=", ".join(content.name for content in held_back)
        )
        cards = [desk.finish(content) for content in shown[:-1]]
        cards += [desk.finish(content, *([overflow] if held_back else [])) for content in shown[-1:]]
        return ServiceResponse(tuple(cards))
