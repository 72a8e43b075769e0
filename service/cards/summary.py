"""A consultation as plain text for people at a command line."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from service.cards.escape import one_line
from service.cards.evidence_phrases import evidence_phrases
from service.cards.shown import state_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from service.cards.wording import Wording
    from service.consultation import Consultation


def plain_summary(consultation: Consultation, wording: Wording, texts: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return facts with their evidence, risk groups, therapies, needs and problems, one item a line.

    `texts`: texts of knowledge files in the language of the wording.
    """
    return "\n".join(_lines(consultation, wording, texts)) + "\n"


def _lines(consultation: Consultation, wording: Wording, texts: Mapping[str, str]) -> Iterator[str]:
    words, question = wording.summary, consultation.question
    yield words.title.format(
        patient=one_line(consultation.patient),
        as_of=question.as_of.isoformat(),
        known_by=question.known_by.isoformat(),
        version=consultation.knowledge_version,
    )
    yield from _facts(consultation, wording)
    if consultation.concerns_all:
        yield from _decisions(consultation, wording, texts)
    else:
        yield words.not_answered
    spoken = evidence_phrases(wording.language)
    if consultation.problems:
        yield words.problems
    for problem in consultation.problems:
        yield words.problem.format(
            severity=problem.severity,
            code=problem.code,
            where=one_line(problem.where),
            text=one_line(spoken.problem(problem.text)),
        )


def _facts(consultation: Consultation, wording: Wording) -> Iterator[str]:
    words, spoken = wording.summary, evidence_phrases(wording.language)
    yield words.facts
    for name, fact in consultation.facts.items():
        value = state_words(fact, wording)
        yield words.fact.format(label=wording.label(name), value=value if fact.is_known else words.unknown.format(gap=value))
        for item in fact.evidence:
            text = one_line(spoken.evidence(item.text))
            shown = (
                wording.evidence.format(text=text, date=item.date.text)
                if item.date
                else wording.evidence_undated.format(text=text)
            )
            yield words.fact_evidence.format(evidence=f"{item.reference}: {shown}")


def _decisions(consultation: Consultation, wording: Wording, texts: Mapping[str, str]) -> Iterator[str]:
    words = wording.summary
    yield words.groups
    for risk in consultation.risk_groups:
        group = risk.group or ", ".join(risk.possible)
        yield words.group.format(system=risk.system.system, state=risk.state, group=f" {group}" if group else "")
    yield words.therapies
    for therapy in consultation.therapies:
        name = texts.get(therapy.therapy.name, therapy.therapy.name)
        yield words.therapy.format(regulator=therapy.regulator, name=name, verdict=therapy.verdict)
        for row in therapy.indications:
            yield words.indication.format(id=row.indication.id, truth=row.truth.word)
        if therapy.needs:
            yield words.therapy_needs.format(needs=", ".join(wording.label(name) for name in therapy.needs))
    yield from _trials(consultation, wording)
    if consultation.needs:
        yield words.needs
    for need in consultation.needs:
        gap = wording.gaps.gaps.get(need.gap, wording.not_found)
        keys = ", ".join((*need.therapies, *need.trials, *need.risk_groups))
        yield words.need.format(
            ask=texts.get(need.ask, need.ask), gap=gap, count=need.weight, targets=f": {keys}" if keys else ""
        )


def _trials(consultation: Consultation, wording: Wording) -> Iterator[str]:
    """Yield the trials that fit or may fit, and how many do not."""
    words, suits = wording.summary, [row for row in consultation.trials if row.fit != "does-not-fit"]
    if not consultation.trials:
        return
    yield words.trials
    for verdict in suits:
        seen = verdict.recruitment
        yield words.trial.format(
            id=verdict.id,
            name=verdict.trial.name,
            fit=verdict.fit,
            status=wording.trial.statuses.get(seen.status, seen.status) or wording.trial.not_open,
            seen=seen.seen.isoformat() if seen.seen else wording.trial.undated,
            open=seen.open,
        )
        if verdict.needs:
            yield words.trial_needs.format(needs=", ".join(wording.label(name) for name in verdict.needs))
    yield words.trials_not_fitting.format(count=len(consultation.trials) - len(suits))
