"""The cards of an ordered product: what the label says of it for this patient today, and which cautions hold."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from cds_hooks import Indicator
from service.cards.escape import escape
from service.cards.label import (
    caution_lines,
    closed_trials,
    criteria_lines,
    indication_line,
    read_for,
    rule_of,
    unverified_lines,
)
from service.cards.parts import Content, Plan, bullets
from service.cards.shown import state_words
from service.cards.wording import Topic
from service.decisions.orders import is_contraindicated
from service.logic.truth import Truth

if TYPE_CHECKING:
    from service.cards.parts import Desk, Draft
    from service.decisions.orders import Held, OrderVerdict
    from service.decisions.verdicts import CautionResult, CriterionResult, IndicationVerdict, TherapyVerdict
    from service.knowledge.schema import OtherRoute


def order_cards(desk: Desk, order: OrderVerdict) -> list[Plan]:
    """Return the warning, where a caution holds, and the card of the label."""
    name = desk.say(order.ordered.therapy.name)
    return [*_warning_card(desk, order), Plan(desk.wording.order.name.format(name=name), partial(_label_card, desk, order))]


# ---------------------------------------------------------------- cautions


def _warning_card(desk: Desk, order: OrderVerdict) -> list[Plan]:
    words, therapy = desk.wording.order, order.ordered.therapy
    answered = desk.consultation.concerns_all
    levels = words.warns if answered else words.warns_without_all
    held = [row for row in order.cautions if row.found.caution.level in levels]
    lost = (therapy.target,) if order.target_lost and answered else ()
    if not held and not lost:
        return []
    name = words.name_warning.format(name=desk.say(therapy.name))
    return [Plan(name, partial(_warning, desk, order, held, lost), Indicator.WARNING)]


def _warning(desk: Desk, order: OrderVerdict, held: list[Held], lost: tuple[str, ...]) -> Content:
    words, therapy = desk.wording.order, order.ordered.therapy
    name = desk.say(therapy.name)
    forbidding = [row for row in held if is_contraindicated(row.found)]
    grounds = tuple(dict.fromkeys(name for row in (forbidding or held) for name in row.grounds))
    named = grounds if forbidding else lost or grounds
    summary = words.summary_contraindicated if forbidding else words.summary_target_lost if lost else words.summary_warning
    lines = [words.target_lost.format(evidence=_grounds(desk, lost))] if lost else []
    lines += [_held(desk, row) for row in held]
    source = next((desk.library.sources[name] for row in held for name in row.found.caution.sources), None)
    facts = tuple(dict.fromkeys((*lost, *(name for row in held for name in row.grounds))))
    return Content(
        summary=summary.format(name=name, labels=desk.wording.listing([desk.wording.label(fact) for fact in named])),
        paragraphs=(words.lead.format(name=name), *bullets(words.warning_heading, lines)),
        topic=Topic(code=words.topic_warning.format(topic=therapy.topic), display=words.name_warning.format(name=name)),
        source_label=source.title if source is not None else "",
        source_url=source.url if source is not None else None,
        rules=tuple({"id": row.found.caution.id, "verification": row.found.caution.verification.value} for row in held),
        evidence=desk.evidence_of(facts),
        orders=order.ordered.references,
    )


def _held(desk: Desk, row: Held) -> str:
    caution = row.found.caution
    return desk.wording.order.warning.format(
        level=desk.wording.therapy.levels.get(caution.level, caution.level),
        text=desk.say(caution.text),
        mark=desk.sentences.caution(caution).mark,
        evidence=_grounds(desk, row.grounds),
    )


def _grounds(desk: Desk, names: tuple[str, ...]) -> str:
    """Return what was read for these facts and when, each under its name."""
    words = desk.wording.order
    return " ".join(
        words.ground.format(
            label=desk.wording.label(name),
            evidence=desk.evidence_words((name,)) or escape(state_words(desk.consultation.facts[name], desk.wording)),
        )
        for name in names
    )


# ---------------------------------------------------------------- label


def _label_card(desk: Desk, order: OrderVerdict) -> Content:
    words, therapy = desk.wording.order, order.ordered.therapy
    name, answered = desk.say(therapy.name), desk.consultation.concerns_all
    if answered and (other := order.ordered.other_route) is not None:
        return _other_route(desk, order, other)
    rows = _telling(order) if answered else []
    document = desk.library.sources.get(rows[0].indication.document) if rows else None
    paragraphs = _by_label(desk, order) if answered else _without_all(desk)
    facts = tuple(dict.fromkeys(name for row in rows for result in row.criteria for name in result.facts))
    cautions = _cautions(desk, order) if answered else []
    return Content(
        summary=_summary(desk, order),
        paragraphs=(
            words.lead.format(name=name),
            *paragraphs,
            *bullets(desk.wording.therapy.cautions_heading, caution_lines(desk, cautions)),
            *bullets(words.alternatives_heading, _alternatives(desk, order)),
            *bullets(desk.wording.therapy.closes_heading, closed_trials(desk, order.closings)),
            *bullets(desk.wording.therapy.unverified_heading, _unverified(desk, order) if answered else []),
        ),
        topic=Topic(code=words.topic.format(topic=therapy.topic), display=words.name.format(name=name)),
        source_label=document.title if document is not None else "",
        source_url=document.url if document is not None else None,
        drafts=_missing_tests(desk, order) if answered else (),
        rules=tuple(rule_of(desk, row) for row in rows),
        evidence=desk.evidence_of((*(facts or ("disease",)), *read_for(cautions))),
        orders=order.ordered.references,
    )


def _other_route(desk: Desk, order: OrderVerdict, other: OtherRoute) -> Content:
    """Return the card of an order that tells a way of giving for which no label is: no criteria, the cautions all the same."""
    words, therapy = desk.wording.order, order.ordered.therapy
    name, cautions = desk.say(therapy.name), _cautions(desk, order)
    source = desk.library.sources[other.sources[0]]
    unverified = [desk.wording.therapy.unverified_line.format(text=desk.say(text)) for text in other.unverified]
    return Content(
        summary=words.summary_other_route.format(name=name, says=desk.say(other.says)),
        paragraphs=(
            words.lead.format(name=name),
            desk.say(other.text),
            *bullets(desk.wording.therapy.cautions_heading, caution_lines(desk, cautions)),
            *bullets(words.alternatives_heading, _alternatives(desk, order)),
            *bullets(desk.wording.therapy.unverified_heading, unverified),
        ),
        topic=Topic(code=words.topic.format(topic=therapy.topic), display=words.name.format(name=name)),
        source_label=source.title,
        source_url=source.url,
        rules=({"id": other.id, "verification": other.verification.value},),
        evidence=desk.evidence_of(read_for(cautions)),
        orders=order.ordered.references,
    )


def _standing(order: OrderVerdict, verdict: str) -> list[TherapyVerdict]:
    return [row for row in order.verdicts if row.verdict == verdict]


def _telling(order: OrderVerdict) -> list[IndicationVerdict]:
    """Return the rows that decide what the card says: those met, else those open, else all in force."""
    rows = [row for verdict in order.verdicts for row in verdict.indications]
    for truth in (Truth.YES, Truth.UNKNOWN):
        if found := [row for row in rows if row.truth is truth]:
            return found
    return rows


def _summary(desk: Desk, order: OrderVerdict) -> str:
    words, name = desk.wording.order, desk.say(order.ordered.therapy.name)
    if not desk.consultation.concerns_all:
        return words.summary_not_all.format(name=name)
    if not order.verdicts:
        regulators = desk.wording.listing(desk.consultation.question.regulators)
        return words.summary_not_listed.format(name=name, regulators=regulators)
    as_of = desk.consultation.question.as_of.isoformat()
    needs = [desk.wording.label(need.fact) for need in order.needs[: words.needs_named]]
    shown = {
        "on-label": words.summary_on_label,
        "undetermined": words.summary_open_needs if needs else words.summary_open,
        "not-on-label": words.summary_not_met,
        "not-approved": words.summary_not_approved,
    }
    standing, text = next((standing, text) for standing, text in shown.items() if _standing(order, standing))
    regulators = desk.wording.listing([verdict.regulator for verdict in _standing(order, standing)])
    return text.format(name=name, regulators=regulators, as_of=as_of, needs=", ".join(needs))


def _without_all(desk: Desk) -> list[str]:
    disease = desk.consultation.facts["disease"]
    return [desk.wording.order.not_all.format(state=escape(state_words(disease, desk.wording)))]


def _by_label(desk: Desk, order: OrderVerdict) -> list[str]:
    """Return a paragraph for each regulator: the rows met, or how far the nearest rows are from it."""
    words = desk.wording.order
    listed = {verdict.regulator for verdict in order.verdicts}
    paragraphs = [part for verdict in order.verdicts for part in _regulator(desk, verdict)]
    if absent := [regulator for regulator in desk.consultation.question.regulators if regulator not in listed]:
        paragraphs.append(words.not_listed.format(regulators=desk.wording.listing(absent)))
    return paragraphs


def _regulator(desk: Desk, verdict: TherapyVerdict) -> list[str]:
    words, regulator = desk.wording.order, verdict.regulator
    match verdict.verdict:
        case "on-label":
            met = [row for row in verdict.indications if row.truth is Truth.YES]
            criteria = bullets(desk.wording.therapy.criteria_heading, criteria_lines(desk, desk.sentences.criteria(met)))
            return [*(indication_line(desk, row) for row in met), *criteria]
        case "not-approved":
            return [words.not_approved.format(regulator=regulator, as_of=desk.consultation.question.as_of.isoformat())]
        case "undetermined":
            open_rows = [row for row in verdict.indications if row.truth is Truth.UNKNOWN]
            return list(bullets(words.open_heading.format(regulator=regulator), _nearest(desk, open_rows)))
        case _:
            rows = list(verdict.indications)
            return list(bullets(words.not_met_heading.format(regulator=regulator), _nearest(desk, rows)))


def _nearest(desk: Desk, rows: list[IndicationVerdict]) -> list[str]:
    """Return the rows of which the fewest criteria fail or are open, with those criteria."""
    words = desk.wording.order
    ordered = sorted(rows, key=lambda row: (len(_with(row, Truth.NO)), len(_with(row, Truth.UNKNOWN))))
    lines = [
        words.row.format(says=desk.say(row.indication.says).rstrip("."), parts=_distance(desk, row))
        for row in ordered[: words.rows]
    ]
    if len(rows) > words.rows:
        lines.append("- " + desk.wording.more.format(count=len(rows) - words.rows))
    return lines


def _with(row: IndicationVerdict, truth: Truth) -> list[CriterionResult]:
    return [result for result in row.criteria if result.truth is truth]


def _distance(desk: Desk, row: IndicationVerdict) -> str:
    words = desk.wording.order
    failing = [_failing(desk, result) for result in _with(row, Truth.NO)]
    still_open = [_open(desk, result) for result in _with(row, Truth.UNKNOWN)]
    parts = [words.part_not_met.format(criteria=", ".join(failing))] if failing else []
    parts += [words.part_open.format(criteria=", ".join(still_open))] if still_open else []
    return "; ".join(parts) or words.part_date


def _failing(desk: Desk, result: CriterionResult) -> str:
    evidence = desk.evidence_words(result.facts)
    text = desk.say(result.text)
    return desk.wording.order.criterion.format(text=text, evidence=evidence) if evidence else text


def _open(desk: Desk, result: CriterionResult) -> str:
    words, facts = desk.wording.order, desk.consultation.facts
    needs = [
        words.need.format(label=desk.wording.label(name), state=escape(state_words(facts[name], desk.wording)))
        for name in result.needs
        if name in facts
    ]
    text = desk.say(result.text)
    return words.criterion.format(text=text, evidence="; ".join(needs)) if needs else text


def _cautions(desk: Desk, order: OrderVerdict) -> list[CautionResult]:
    """Return the cautions that do not stand on the warning: those to be excluded, and those that hold for everybody."""
    found = {row.caution.id: row for verdict in order.verdicts for row in verdict.cautions}
    held = {row.found.caution.id for row in order.cautions if row.found.caution.level in desk.wording.order.warns}
    return [row for name, row in found.items() if name not in held]


def _alternatives(desk: Desk, order: OrderVerdict) -> list[str]:
    words = desk.wording.order
    products: dict[str, list[TherapyVerdict]] = {}
    for verdict in order.alternatives:
        products.setdefault(verdict.therapy.product, []).append(verdict)
    return [
        (words.alternative_contraindicated if _forbidden(verdicts) else words.alternative).format(
            name=desk.say(verdicts[0].therapy.name), regulators=desk.wording.listing([verdict.regulator for verdict in verdicts])
        )
        for verdicts in products.values()
    ]


def _forbidden(verdicts: list[TherapyVerdict]) -> bool:
    return any(is_contraindicated(caution) for verdict in verdicts for caution in verdict.cautions)


def _unverified(desk: Desk, order: OrderVerdict) -> list[str]:
    rows = [desk.sentences.indication(row) for row in _telling(order) if row.truth is not Truth.NO]
    return unverified_lines(desk, [line for row in rows for line in row.unverified], order.verdicts)


def _missing_tests(desk: Desk, order: OrderVerdict) -> tuple[Draft, ...]:
    asked = [(need.ask, need.order) for need in order.needs if need.order is not None][: desk.wording.gaps.suggested]
    return tuple([desk.order(*desk.sentences.gaps.order(ask, code)) for ask, code in asked])
