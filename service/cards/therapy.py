"""One card for each product whose criteria are met, naming every regulator for which they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.cards.label import (
    capitalised,
    caution_line,
    closed_trials,
    criteria_lines,
    indication_line,
    mark_of,
    rule_of,
    unverified_lines,
)
from service.cards.parts import Content, Draft, bullets
from service.cards.resources import therapy_order
from service.cards.wording import Topic
from service.decisions.orders import is_contraindicated
from service.logic.truth import Truth

if TYPE_CHECKING:
    from service.cards.parts import Desk
    from service.decisions.verdicts import IndicationVerdict, TherapyVerdict


def therapy_cards(desk: Desk) -> list[Content]:
    """Return one card for each product on label, in the order of the verdicts."""
    products: dict[str, list[TherapyVerdict]] = {}
    for verdict in desk.consultation.therapies:
        if verdict.verdict == "on-label":
            products.setdefault(verdict.therapy.product, []).append(verdict)
    return [_card(desk, verdicts) for verdicts in products.values()]


def _card(desk: Desk, verdicts: list[TherapyVerdict]) -> Content:
    words, therapy = desk.wording.therapy, verdicts[0].therapy
    met = [row for verdict in verdicts for row in verdict.indications if row.truth is Truth.YES]
    cautions = list({caution.caution.id: caution for verdict in verdicts for caution in verdict.cautions}.values())
    forbidding = [caution for caution in cautions if is_contraindicated(caution)]
    regulators = desk.wording.listing([verdict.regulator for verdict in verdicts])
    summary = words.summary_contraindicated if forbidding else words.summary
    shorter = words.shorter_contraindicated if forbidding else words.shorter
    shown = {"name": capitalised(desk.say(therapy.name)), "regulators": regulators}
    document = desk.library.sources.get(met[0].indication.document)
    return Content(
        name=desk.say(therapy.name),
        summary=summary.format(**shown),
        shorter=tuple(text.format(**shown) for text in shorter),
        paragraphs=(
            *(
                words.contraindicated.format(text=desk.say(found.caution.text), mark=mark_of(desk, found.caution))
                for found in forbidding
            ),
            *(indication_line(desk, row) for row in met),
            *bullets(words.criteria_heading, criteria_lines(desk, met)),
            *bullets(words.cautions_heading, [line for caution in cautions if (line := caution_line(desk, caution))]),
            *bullets(words.evidence_heading, _evidence(desk, therapy.product, met)),
            *bullets(words.open_heading, _questions(desk, verdicts)),
            *bullets(
                words.closes_heading,
                closed_trials(desk, [row for row in desk.consultation.closings if row.product == therapy.product]),
            ),
            *bullets(words.unverified_heading, unverified_lines(desk, met, verdicts)),
        ),
        topic=Topic(code=therapy.topic, display=desk.say(therapy.name)),
        source_label=document.title if document is not None else "",
        source_url=document.url if document is not None else None,
        drafts=()
        if forbidding
        else (Draft(desk.say(therapy.suggestion.label), therapy_order(desk.consultation, therapy.suggestion)),),
        rules=tuple(rule_of(row) for row in met),
        evidence=desk.evidence_of(tuple(dict.fromkeys(name for row in met for result in row.criteria for name in result.facts))),
    )


def _evidence(desk: Desk, product: str, met: list[IndicationVerdict]) -> list[str]:
    words, ids = desk.wording.therapy, {row.indication.id for row in met}
    lines = [
        words.evidence_line.format(line=desk.say(study.line), citation=study.citation)
        for study in desk.library.studies(product)
        if study.line is not None and ids & set(study.indications)
    ]
    return lines[: words.evidence_lines]


def _questions(desk: Desk, verdicts: list[TherapyVerdict]) -> list[str]:
    words = desk.wording.therapy
    asked = {question.id: question for verdict in verdicts for question in verdict.questions}
    # those that a fact of this patient raises come before those that concern everybody
    ordered = sorted(asked.values(), key=lambda question: question.test is None)
    return [
        words.open_line.format(question=desk.say(row.question), line=desk.say(row.line)) for row in ordered[: words.open_lines]
    ]
