"""The warning that the record contradicts itself."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from cds_hooks import Indicator
from service.cards.escape import escape
from service.cards.parts import Content, Plan
from service.logic.fact import State

if TYPE_CHECKING:
    from service.cards.parts import Desk
    from service.logic.fact import Fact
    from service.record.record import Problem

_CONFLICTING = State.CONFLICTING  # a member is found several times as fast here as in its class


def conflict_card(desk: Desk) -> list[Plan]:
    """Return the card; none where nothing is contradicted."""
    facts = {name: fact for name, fact in desk.consultation.facts.items() if fact.state is _CONFLICTING}
    problems = [problem for problem in desk.consultation.problems if problem.code == "conflict"]
    if not facts and not problems:
        return []
    return [Plan(desk.wording.topics.conflict.display, partial(_card, desk, facts, problems), Indicator.WARNING)]


def _card(desk: Desk, facts: dict[str, Fact[object]], problems: list[Problem]) -> Content:
    words, wording = desk.wording.conflict, desk.wording
    lines = [
        words.fact.format(
            label=wording.label(name), evidence=desk.evidence_lines.phrase(fact.evidence, most=4) or wording.contradictory
        )
        for name, fact in facts.items()
    ]
    said = [desk.sentences.facts.spoken.problem(problem.text) for problem in problems]
    lines += [
        words.problem.format(text=escape(text), where=escape(problem.where)) for text, problem in zip(said, problems, strict=True)
    ]
    kept = lines[: words.listed]
    if len(lines) > words.listed:
        kept.append("- " + wording.more.format(count=len(lines) - words.listed))
    labels = ", ".join(wording.label(name) for name in facts)
    summary = words.summary.format(names=labels) if facts else words.summary_unnamed.format(text=said[0])
    return Content(
        summary=summary,
        paragraphs=(words.lead, "\n".join(kept)),
        topic=wording.topics.conflict,
        evidence=desk.evidence_of(facts),
    )
