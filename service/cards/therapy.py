"""One card for each product whose criteria are met, naming every regulator for which they are."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from service.cards.label import (
    caution_line,
    closed_trials,
    criteria_lines,
    indication_line,
    rule_of,
    unverified_lines,
)
from service.cards.parts import Content, Plan, bullets
from service.decisions.orders import is_contraindicated
from service.logic.truth import Truth

if TYPE_CHECKING:
    from service.cards.parts import Desk
    from service.cards.sentences import TherapySentences
    from service.decisions.verdicts import IndicationVerdict, TherapyVerdict

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
    said = desk.sentences.therapy(therapy)
    met = [row for verdict in verdicts for row in verdict.indications if row.truth is _YES]
    cautions = list({caution.caution.id: caution for verdict in verdicts for caution in verdict.cautions}.values())
    forbidding = [caution for caution in cautions if caution.truth is _YES and is_contraindicated(caution)]
    regulators = desk.wording.listing([verdict.regulator for verdict in verdicts])
    summary = words.summary_contraindicated if forbidding else words.summary
    shorter = words.shorter_contraindicated if forbidding else words.shorter
    shown = {"name": said.capitalised, "regulators": regulators}
    document = desk.library.sources.get(met[0].indication.document)
    return Content(
        summary=summary.format(**shown),
        shorter=tuple([text.format(**shown) for text in shorter]),
        paragraphs=(
            *(
                words.contraindicated.format(text=desk.say(found.caution.text), mark=desk.sentences.caution(found.caution).mark)
                for found in forbidding
            ),
            *(indication_line(desk, row) for row in met),
            *bullets(words.criteria_heading, criteria_lines(desk, met)),
            *bullets(words.cautions_heading, [line for caution in cautions if (line := caution_line(desk, caution))]),
            *bullets(words.evidence_heading, _evidence(desk, said, met)),
            *bullets(words.open_heading, _questions(desk, verdicts)),
            *bullets(
                words.closes_heading,
                closed_trials(desk, [row for row in desk.consultation.closings if row.product == therapy.product]),
            ),
            *bullets(words.unverified_heading, unverified_lines(desk, met, verdicts)),
        ),
        topic=said.topic,
        source_label=document.title if document is not None else "",
        source_url=document.url if document is not None else None,
        drafts=() if forbidding else (desk.order(said.suggestion_label, said.concept, therapy.suggestion.resource),),
        rules=tuple([rule_of(desk, row) for row in met]),
        evidence=desk.evidence_of([name for row in met for result in row.criteria for name in result.facts]),
    )


def _evidence(desk: Desk, said: TherapySentences, met: list[IndicationVerdict]) -> list[str]:
    ids = {row.indication.id for row in met}
    lines = [line for indications, line in said.studies if not ids.isdisjoint(indications)]
    return lines[: desk.wording.therapy.evidence_lines]


def _questions(desk: Desk, verdicts: list[TherapyVerdict]) -> list[str]:
    asked = {question.id: question for verdict in verdicts for question in verdict.questions}
    # those that a fact of this patient raises come before those that concern everybody
    ordered = sorted(asked.values(), key=lambda question: question.test is None)
    return [desk.sentences.question(row) for row in ordered[: desk.wording.therapy.open_lines]]
