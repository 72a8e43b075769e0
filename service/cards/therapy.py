"""One card for each product whose criteria are met, naming every regulator for which they are."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from service.cards.label import (
    caution_lines,
    closed_trials,
    criteria_lines,
    read_for,
    unverified_lines,
)
from service.cards.parts import Content, Plan, bullets
from service.decisions.orders import is_contraindicated
from service.logic.truth import Truth

if TYPE_CHECKING:
    from service.cards.parts import Desk
    from service.cards.product import ProductSentences
    from service.decisions.verdicts import TherapyVerdict

_YES = Truth.YES  # a member is found several times as fast here as in its class


def therapy_cards(desk: Desk) -> list[Plan]:
    """Return one card for each product on label, in the order of the verdicts."""
    products: dict[str, list[TherapyVerdict]] = {}
    for verdict in desk.consultation.therapies:
        if verdict.verdict == "on-label":
            products.setdefault(verdict.therapy.product, []).append(verdict)
    return [
        Plan(desk.sentences.therapy(verdicts[0].therapy).name, partial(_card, desk, verdicts)) for verdicts in products.values()
    ]


def _card(desk: Desk, verdicts: list[TherapyVerdict]) -> Content:
    words, therapy = desk.wording.therapy, verdicts[0].therapy
    met = [row for verdict in verdicts for row in verdict.indications if row.truth is _YES]
    product = desk.products.of(verdicts, met)
    said = product.said
    cautions = {found.caution.id: found for verdict in verdicts for found in verdict.pressing}.values()
    forbidding = [found for found in cautions if found.test is not None and found.truth is _YES and is_contraindicated(found)]
    headline = product.contraindicated if forbidding else product.headline
    closings = [row for row in desk.consultation.closings if row.product == therapy.product]
    return Content(
        summary=headline.summary,
        shorter=headline.shorter,
        paragraphs=(
            *[
                words.contraindicated.format(text=desk.say(found.caution.text), mark=desk.sentences.caution(found.caution).mark)
                for found in forbidding
            ],
            *product.rows,
            *bullets(words.criteria_heading, criteria_lines(desk, product.criteria)),
            *bullets(words.cautions_heading, caution_lines(desk, cautions)),
            *bullets(words.evidence_heading, _studies(desk, verdicts, product)),
            *bullets(words.open_heading, _questions(desk, verdicts)),
            *bullets(words.closes_heading, closed_trials(desk, closings)),
            *bullets(words.unverified_heading, unverified_lines(desk, product.unverified, verdicts)),
        ),
        topic=said.topic,
        source_label=product.source_label,
        source_url=product.source_url,
        drafts=() if forbidding else (desk.order(said.suggestion_label, said.concept, therapy.suggestion.resource),),
        rules=product.rules,
        evidence=desk.evidence_of((*product.facts, *read_for(cautions))),
    )


def _studies(desk: Desk, verdicts: list[TherapyVerdict], product: ProductSentences) -> list[str]:
    others = verdicts[0].studies_of_others
    return [line for study, line in product.studies if study not in others][: desk.wording.therapy.evidence_lines]


def _questions(desk: Desk, verdicts: list[TherapyVerdict]) -> list[str]:
    asked = {question.id: question for verdict in verdicts for question in verdict.questions}
    # those that a fact of this patient raises come before those that concern everybody
    raised = [question for question in asked.values() if question.test is not None]
    ordered = [*raised, *[question for question in asked.values() if question.test is None]]
    return desk.sentences.question.of(ordered[: desk.wording.therapy.open_lines])
