"""A consultation and the orders that are being written become what is to be said of those orders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.decisions.orders import OrderVerdict, judge_order

if TYPE_CHECKING:
    from service.consultation.consult import Consultation
    from service.decisions.bind import Rules
    from service.decisions.orders import Ordered


def consult_orders(consultation: Consultation, rules: Rules, ordered: tuple[Ordered, ...]) -> tuple[OrderVerdict, ...]:
    """Return one verdict for each ordered product; the consultation is that of the record alone: orders are no facts."""
    question = consultation.question
    facts = {**consultation.facts, **consultation.now}
    looks = rules.looks({**facts, **rules.whereabouts.told(question.country, question.site_group)})
    days = (question.as_of, question.known_by)
    therapies, trials = consultation.therapies, consultation.trials
    return tuple(judge_order(product, looks, rules, days, question.regulators, therapies, trials) for product in ordered)
