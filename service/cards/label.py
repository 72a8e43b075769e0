"""What the label says of a product, line by line: the same words on the card of a product and on that of an order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.logic.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service.cards.parts import Desk
    from service.decisions.choices import Closing
    from service.decisions.verdicts import CautionResult, CriterionResult, IndicationVerdict, TherapyVerdict

_NO, _YES = Truth.NO, Truth.YES  # a member is found several times as fast here as in its class


def rule_of(desk: Desk, row: IndicationVerdict) -> dict[str, object]:
    """Return a row for the trace: its id, its day, how far it was checked. Not to be changed: all answers share it."""
    return desk.sentences.indication(row).rule


def indication_line(desk: Desk, row: IndicationVerdict) -> str:
    """Return what the regulator says in one row, with its status and its day."""
    return desk.sentences.indication(row).line


def criteria_lines(desk: Desk, met: list[IndicationVerdict]) -> list[str]:
    """Return the criteria of the rows, each once, with what was read for it."""
    results = {(result.id, result.text): result for row in met for result in row.criteria}
    return [_criterion(desk, result) for result in results.values()]


def _criterion(desk: Desk, result: CriterionResult) -> str:
    said, evidence = desk.sentences.criterion(result.text), desk.evidence_words(result.facts)
    return said.evidenced.filled(evidence) if evidence else said.bare


def caution_line(desk: Desk, found: CautionResult) -> str:
    """Return a caution as far as it concerns this patient; empty where it does not, or is a matter for the label alone."""
    if found.truth is _NO:
        return ""
    said = desk.sentences.caution(found.caution)
    if said.decided is not None:
        return said.decided
    if found.truth is _YES:
        return said.holds
    if said.undecided is not None and found.needs:
        return said.undecided.filled(desk.labels(found.needs))
    return said.open


def closed_trials(desk: Desk, closings: Sequence[Closing]) -> list[str]:
    """Return the trials that a product would close, as far as they may take patients."""
    words, names = desk.wording.therapy, desk.trials
    closed = [row for row in closings if row.trial in names]
    taking = [row for row in closed if names[row.trial].recruitment.open != "no"]
    return [
        words.closes_line.format(name=names[row.trial].trial.name, id=row.trial, criteria=desk.wording.listing(row.criteria))
        for row in taking
    ]


def unverified_lines(desk: Desk, met: list[IndicationVerdict], verdicts: list[TherapyVerdict]) -> list[str]:
    """Return what of the rows was not verified, and what is our reading of them."""
    flags = desk.wording.therapy.flags
    lines = [line for row in met for line in desk.sentences.indication(row).unverified]
    lines += [flags[flag] for verdict in verdicts for flag in verdict.flags if flag in flags]
    return list(dict.fromkeys(lines))
