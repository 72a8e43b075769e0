"""One card for each product whose criteria are met, naming every regulator for which they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.cards.parts import Content, Draft, bullets
from service.cards.resources import therapy_order
from service.cards.wording import Topic
from service.decisions.orders import is_contraindicated
from service.knowledge.schema import Verification
from service.logic.truth import Truth

if TYPE_CHECKING:
    from service.cards.parts import Desk
    from service.decisions.verdicts import CautionResult, CriterionResult, IndicationVerdict, TherapyVerdict
    from service.knowledge.schema import Caution

_ALWAYS_SHOWN = frozenset({"contraindication", "boxed-warning"})


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
    document = desk.library.sources.get(met[0].indication.document)
    return Content(
        name=therapy.name,
        summary=summary.format(name=_capitalised(therapy.name), regulators=regulators),
        paragraphs=(
            *(words.contraindicated.format(text=found.caution.text, mark=_mark(desk, found.caution)) for found in forbidding),
            *(_indication(desk, row) for row in met),
            *bullets(words.criteria_heading, _criteria(desk, met)),
            *bullets(words.cautions_heading, [line for caution in cautions if (line := _caution(desk, caution))]),
            *bullets(words.evidence_heading, _evidence(desk, therapy.product, met)),
            *bullets(words.open_heading, _questions(desk, verdicts)),
            *bullets(words.closes_heading, _closed_trials(desk, therapy.product)),
            *bullets(words.unverified_heading, _unverified(desk, met, verdicts)),
        ),
        topic=Topic(code=therapy.topic, display=therapy.name),
        source_label=document.title if document is not None else "",
        source_url=document.url if document is not None else None,
        drafts=() if forbidding else (Draft(therapy.suggestion.label, therapy_order(desk.consultation, therapy.suggestion)),),
        rules=tuple(_rule(row) for row in met),
        evidence=desk.evidence_of(tuple(dict.fromkeys(name for row in met for result in row.criteria for name in result.facts))),
    )


def _capitalised(name: str) -> str:
    return name[:1].upper() + name[1:]


def _rule(row: IndicationVerdict) -> dict[str, object]:
    version = row.version
    return {
        "id": row.indication.id,
        "effective": version.effective.isoformat(),
        "verification": version.verification.value,
        "readOn": version.read_on.isoformat(),
    }


def _mark(desk: Desk, caution: Caution) -> str:
    return desk.wording.therapy.mark if caution.verification is Verification.UNVERIFIED else ""


def _indication(desk: Desk, row: IndicationVerdict) -> str:
    words = desk.wording.therapy
    return words.indication.format(
        regulator=row.indication.regulator,
        status=words.statuses.get(row.version.status, row.version.status),
        effective=row.version.effective.isoformat(),
        says=row.indication.says.rstrip("."),
    )


def _criteria(desk: Desk, met: list[IndicationVerdict]) -> list[str]:
    results = {(result.id, result.text): result for row in met for result in row.criteria}
    return [_criterion(desk, result) for result in results.values()]


def _criterion(desk: Desk, result: CriterionResult) -> str:
    words = desk.wording.therapy
    evidence = desk.evidence_words(result.facts)
    if not evidence:
        return words.criterion_bare.format(text=result.text)
    return words.criterion.format(text=result.text, evidence=evidence)


def _caution(desk: Desk, found: CautionResult) -> str:
    words, caution = desk.wording.therapy, found.caution
    shown = {"level": words.levels.get(caution.level, caution.level), "text": caution.text, "mark": _mark(desk, caution)}
    if found.truth is Truth.NO:
        return ""
    if caution.test is None:
        return words.caution.format(**shown) if caution.level in _ALWAYS_SHOWN or caution.on_card else ""
    if found.truth is Truth.YES:
        return words.caution_holds.format(**shown)
    if caution.level not in _ALWAYS_SHOWN and not caution.on_card:
        return ""
    needs = desk.wording.listing([desk.wording.label(name) for name in found.needs])
    return words.caution_unknown.format(**shown, needs=needs) if needs else words.caution.format(**shown)


def _evidence(desk: Desk, product: str, met: list[IndicationVerdict]) -> list[str]:
    words, ids = desk.wording.therapy, {row.indication.id for row in met}
    studies = (study for study in desk.library.studies(product) if study.line is not None and ids & set(study.indications))
    return [words.evidence_line.format(line=study.line, citation=study.citation) for study in studies][: words.evidence_lines]


def _closed_trials(desk: Desk, product: str) -> list[str]:
    """Return the trials that the product would close, those first that take patients."""
    words, names = desk.wording.therapy, {verdict.id: verdict for verdict in desk.consultation.trials}
    closed = [row for row in desk.consultation.closings if row.product == product and row.trial in names]
    taking = [row for row in closed if names[row.trial].recruitment.open != "no"]
    return [
        words.closes_line.format(name=names[row.trial].trial.name, id=row.trial, criteria=desk.wording.listing(row.criteria))
        for row in taking
    ]


def _questions(desk: Desk, verdicts: list[TherapyVerdict]) -> list[str]:
    words = desk.wording.therapy
    asked = {question.id: question for verdict in verdicts for question in verdict.questions}
    # those that a fact of this patient raises come before those that concern everybody
    ordered = sorted(asked.values(), key=lambda question: question.test is None)
    return [words.open_line.format(question=row.question, line=row.line) for row in ordered[: words.open_lines]]


def _unverified(desk: Desk, met: list[IndicationVerdict], verdicts: list[TherapyVerdict]) -> list[str]:
    words = desk.wording.therapy
    lines: list[str] = []
    for row in met:
        version = row.version
        if version.verification is Verification.UNVERIFIED:
            lines.append(words.unverified_line.format(text=words.row_unverified.format(id=row.indication.id)))
        lines += [words.unverified_line.format(text=text) for text in version.unverified]
        lines += [
            words.unverified_line.format(text=criterion.text)
            for criterion in version.criteria
            if criterion.verification is Verification.UNVERIFIED
        ]
        lines += [words.interpretation_line.format(text=text) for text in version.interpretation]
    lines += [words.flags[flag] for verdict in verdicts for flag in verdict.flags if flag in words.flags]
    return list(dict.fromkeys(lines))
