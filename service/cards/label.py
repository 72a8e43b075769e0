"""What the label says of a product, line by line: the same words on the card of a product and on that of an order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.knowledge.schema import Verification
from service.logic.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service.cards.parts import Desk
    from service.decisions.choices import Closing
    from service.decisions.verdicts import CautionResult, CriterionResult, IndicationVerdict, TherapyVerdict
    from service.knowledge.schema import Caution

_ALWAYS_SHOWN = frozenset({"contraindication", "boxed-warning"})


def capitalised(name: str) -> str:
    """Return the name as it stands at the beginning of a line."""
    return name[:1].upper() + name[1:]


def rule_of(row: IndicationVerdict) -> dict[str, object]:
    """Return a row for the trace: its id, its day, how far it was checked."""
    version = row.version
    return {
        "id": row.indication.id,
        "effective": version.effective.isoformat(),
        "verification": version.verification.value,
        "readOn": version.read_on.isoformat(),
    }


def mark_of(desk: Desk, caution: Caution) -> str:
    """Return the words that mark a caution as not verified; empty where it was."""
    return desk.wording.therapy.mark if caution.verification is Verification.UNVERIFIED else ""


def indication_line(desk: Desk, row: IndicationVerdict) -> str:
    """Return what the regulator says in one row, with its status and its day."""
    words = desk.wording.therapy
    return words.indication.format(
        regulator=row.indication.regulator,
        status=words.statuses.get(row.version.status) or desk.say(row.version.status),
        effective=row.version.effective.isoformat(),
        says=desk.say(row.indication.says).rstrip("."),
    )


def criteria_lines(desk: Desk, met: list[IndicationVerdict]) -> list[str]:
    """Return the criteria of the rows, each once, with what was read for it."""
    results = {(result.id, result.text): result for row in met for result in row.criteria}
    return [_criterion(desk, result) for result in results.values()]


def _criterion(desk: Desk, result: CriterionResult) -> str:
    words = desk.wording.therapy
    evidence = desk.evidence_words(result.facts)
    if not evidence:
        return words.criterion_bare.format(text=desk.say(result.text))
    return words.criterion.format(text=desk.say(result.text), evidence=evidence)


def caution_line(desk: Desk, found: CautionResult) -> str:
    """Return a caution as far as it concerns this patient; empty where it does not, or is a matter for the label alone."""
    words, caution = desk.wording.therapy, found.caution
    shown = {
        "level": words.levels.get(caution.level, caution.level),
        "text": desk.say(caution.text),
        "mark": mark_of(desk, caution),
    }
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


def closed_trials(desk: Desk, closings: Sequence[Closing]) -> list[str]:
    """Return the trials that a product would close, as far as they may take patients."""
    words, names = desk.wording.therapy, {verdict.id: verdict for verdict in desk.consultation.trials}
    closed = [row for row in closings if row.trial in names]
    taking = [row for row in closed if names[row.trial].recruitment.open != "no"]
    return [
        words.closes_line.format(name=names[row.trial].trial.name, id=row.trial, criteria=desk.wording.listing(row.criteria))
        for row in taking
    ]


def unverified_lines(desk: Desk, met: list[IndicationVerdict], verdicts: list[TherapyVerdict]) -> list[str]:
    """Return what of the rows was not verified, and what is our reading of them."""
    words = desk.wording.therapy
    lines: list[str] = []
    for row in met:
        version = row.version
        if version.verification is Verification.UNVERIFIED:
            lines.append(words.unverified_line.format(text=words.row_unverified.format(id=row.indication.id)))
        lines += [words.unverified_line.format(text=desk.say(text)) for text in version.unverified]
        lines += [
            words.unverified_line.format(text=desk.say(criterion.text))
            for criterion in version.criteria
            if criterion.verification is Verification.UNVERIFIED
        ]
        lines += [words.interpretation_line.format(text=desk.say(text)) for text in version.interpretation]
    lines += [words.flags[flag] for verdict in verdicts for flag in verdict.flags if flag in words.flags]
    return list(dict.fromkeys(lines))
