"""What the label says of a product, line by line: the same words on the card of a product and on that of an order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.cards.escape import escape
from service.cards.shown import state_words
from service.logic.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from service.cards.parts import Desk
    from service.cards.sentences import Criteria
    from service.decisions.choices import Closing
    from service.decisions.verdicts import CautionResult, IndicationVerdict, TherapyVerdict

_NO, _UNKNOWN, _YES = Truth.NO, Truth.UNKNOWN, Truth.YES  # a member is found several times as fast here as in its class


def rule_of(desk: Desk, row: IndicationVerdict) -> dict[str, object]:
    """Return a row for the trace: its id, its day, how far it was checked. Not to be changed: all answers share it."""
    return desk.sentences.indication(row).rule


def indication_line(desk: Desk, row: IndicationVerdict) -> str:
    """Return what the regulator says in one row, with its status and its day."""
    return desk.sentences.indication(row).line


def criteria_lines(desk: Desk, criteria: Criteria) -> list[str]:
    """Return the lines of criteria, with what was read for each and what there is to say of it."""
    read, flagged = desk.evidence_words, desk.flag_words
    return [
        (said.evidenced.filled(evidence) if (evidence := read(facts)) else said.bare) + flagged(facts) for facts, said in criteria
    ]


def caution_lines(desk: Desk, found: Collection[CautionResult]) -> list[str]:
    """Return the cautions as far as they concern this patient, without those that are a matter for the label alone."""
    lines, phrase = [], desk.sentences.facts.phrase
    for result, said in zip(found, desk.sentences.caution.of([result.caution for result in found]), strict=True):
        if said.decided is not None:
            line = said.decided
        elif result.truth is _NO:
            continue
        elif result.truth is _YES:
            line = said.holds
        elif (said.undecided is not None or result.suspected) and (read := result.read):
            line = said.read.filled(_read(desk, result, read))
        elif said.undecided is not None and (needs := result.needs):
            line = said.undecided.filled(phrase(needs))
        else:
            line = said.open
        if line:
            lines.append(line)
    return lines


def read_for(found: Iterable[CautionResult]) -> tuple[str, ...]:
    """Return the facts of which cards show what was read, although it decides none of these cautions."""
    shown = [result for result in found if result.truth is _UNKNOWN and (result.caution.stated or result.suspected)]
    return tuple([name for result in shown for name in result.read])


def _read(desk: Desk, result: CautionResult, names: tuple[str, ...]) -> str:
    """Return what was read and does not decide a caution, each under its name, and what was not found at all."""
    words, facts = desk.wording.therapy, desk.consultation.facts
    read = "; ".join(
        words.read.format(
            label=desk.wording.label(name),
            evidence=desk.evidence_words((name,)) or escape(state_words(facts[name], desk.wording)),
        )
        for name in names
    )
    told = {need for name in names for need in (facts[name].needs or (name,))}
    missing = tuple([need for need in result.needs if need not in told])
    return words.read_in_part.format(read=read, needs=desk.sentences.facts.phrase(missing)) if missing else read


def closed_trials(desk: Desk, closings: Sequence[Closing]) -> list[str]:
    """Return the trials that a product would close, as far as they may take patients."""
    if not closings:
        return []
    words, names = desk.wording.therapy, desk.trials
    closed = [row for row in closings if row.trial in names]
    taking = [row for row in closed if names[row.trial].recruitment.open != "no"]
    return [
        words.closes_line.format(name=names[row.trial].trial.name, id=row.trial, criteria=desk.wording.listing(row.criteria))
        for row in taking
    ]


def unverified_lines(desk: Desk, rows: Iterable[str], verdicts: Iterable[TherapyVerdict]) -> list[str]:
    """Return what of the rows was not verified or is our reading of them, each once, and what the flags of the verdicts say."""
    flags = desk.wording.therapy.flags
    told = [flags[flag] for verdict in verdicts for flag in verdict.flags_among(flags.keys())]
    return list(dict.fromkeys((*rows, *told)))
