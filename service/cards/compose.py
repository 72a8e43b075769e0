"""Which cards, in which order, how many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cds_hooks import ServiceResponse, override_reasons
from service.cards.choice import EVERYTHING, CardKind
from service.cards.conflict import conflict_card
from service.cards.gaps import gaps_card
from service.cards.ids import new_ids
from service.cards.leukaemia import could_not_be_had, leukaemia_card
from service.cards.order import order_cards
from service.cards.parts import Desk
from service.cards.product import Products
from service.cards.sentences import Sentences
from service.cards.therapy import therapy_cards
from service.cards.trial import trial_cards

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from cds_hooks import OverrideReason
    from service.cards.choice import CardChoice
    from service.cards.parts import Plan
    from service.cards.wording import Wording
    from service.consultation import Consultation
    from service.decisions.orders import OrderVerdict
    from service.knowledge.library import Library


@dataclass(frozen=True, slots=True)
class CardWriter:
    """Writes the cards of any consultation; made once when the service starts."""

    library: Library
    wording: Wording
    sentences: Sentences
    products: Products
    reasons: tuple[OverrideReason, ...]
    most: int
    trial_needs: int = 2
    new_ids: Callable[[int], Iterator[str]] = new_ids

    @classmethod
    def of(cls, library: Library, wording: Wording, most: int, trial_needs: int = 2) -> CardWriter:
        """Return a writer that shows at most so many cards, and trials that lack at most so many data."""
        reasons = override_reasons(wording.override_reasons, wording.reason_words)
        translations = library.translations.get(wording.language)
        sentences = Sentences(library, wording, translations.texts if translations else {})
        return cls(library, wording, sentences, Products(sentences, library), reasons, most, trial_needs)

    def write(
        self,
        consultation: Consultation,
        unavailable: frozenset[str] = frozenset(),
        explanation: str | None = None,
        choice: CardChoice = EVERYTHING,
        *,
        not_fetched: frozenset[str] = frozenset(),
    ) -> ServiceResponse:
        """Return the cards, the most urgent first; none for a record that shows no ALL, or the death of the patient.

        `unavailable` are kinds of data that could not be had, `not_fetched` those of them that were asked of the record system
        in vain; `explanation` is the address of a page about this answer.
        """
        if not consultation.is_advised:
            return ServiceResponse()
        desk = self._desk(consultation, unavailable, explanation, choice, not_fetched)
        profile = leukaemia_card(desk)
        plans = [
            *conflict_card(desk),
            profile,
            *(therapy_cards(desk) if CardKind.THERAPIES in choice.kinds else ()),
            *(gaps_card(desk) if CardKind.GAPS in choice.kinds else ()),
            *(trial_cards(desk, self.trial_needs) if CardKind.TRIALS in choice.kinds else ()),
        ]
        return self._shown(desk, plans, choice, profile)

    def write_orders(  # noqa: PLR0913 - what `write` takes, and the orders
        self,
        consultation: Consultation,
        verdicts: Sequence[OrderVerdict],
        unavailable: frozenset[str] = frozenset(),
        explanation: str | None = None,
        *,
        choice: CardChoice = EVERYTHING,
        not_fetched: frozenset[str] = frozenset(),
    ) -> ServiceResponse:
        """Return the cards about orders, the most urgent first; also for a record that shows no ALL, which they then say.

        None for a record that shows the death of the patient.
        """
        if consultation.deceased:
            return ServiceResponse()
        desk = self._desk(consultation, unavailable, explanation, choice, not_fetched)
        forbidden_first = sorted(verdicts, key=lambda verdict: not verdict.forbidden)
        plans = [plan for verdict in forbidden_first for plan in order_cards(desk, verdict)]
        return self._shown(desk, plans, choice)

    def _desk(
        self,
        consultation: Consultation,
        unavailable: frozenset[str],
        explanation: str | None,
        choice: CardChoice,
        not_fetched: frozenset[str],
    ) -> Desk:
        return Desk(
            *(consultation, self.library, self.wording, self.sentences, self.products, self.reasons),
            *(explanation, unavailable, not_fetched),
            longest_summary=choice.longest_summary,
            app=choice.app,
            first=self._first(choice),
        )

    def _shown(self, desk: Desk, plans: list[Plan], choice: CardChoice, told_by: Plan | None = None) -> ServiceResponse:
        """Return the most urgent plans as cards, the last of which names those that are held back.

        What could not be had is said on some card, always: on the last one, where that which tells it is not shown.
        """
        plans.sort(key=lambda plan: -plan.indicator.urgency)  # stable: clinical order within one urgency
        most = self.most if choice.most is None else min(self.most, choice.most)
        shown, held_back = plans[:most], plans[most:]
        more = [] if any(plan is told_by for plan in shown) else could_not_be_had(desk)
        if held_back:
            names = ", ".join(plan.name for plan in held_back)
            more.append(self.wording.overflow.format(count=len(held_back), limit=most, names=names))
        contents = [(plan.indicator, plan.compose()) for plan in shown]
        ids = self.new_ids(sum([1 + len(content.drafts) for _, content in contents]))
        cards = [desk.finish(*content, ids) for content in contents[:-1]]
        cards += [desk.finish(*content, ids, *more) for content in contents[-1:]]
        return ServiceResponse(tuple(cards))

    def _first(self, choice: CardChoice) -> tuple[str, ...]:
        """Return what every card begins with where it does not answer for today, so that nobody takes it for that."""
        lines = []
        if choice.asked_day is not None:
            lines.append(self.wording.asked_for_day.format(as_of=choice.asked_day.isoformat()))
        if choice.known_by is not None:
            lines.append(self.wording.asked_for_knowledge.format(known_by=choice.known_by.isoformat()))
        return tuple(lines)
