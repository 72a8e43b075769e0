"""The warning that the record contradicts itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_hooks import Indicator
from service.cards.escape import escape
from service.cards.parts import Content
from service.logic.fact import State

if TYPE_CHECKING:
    from service.cards.parts import Desk


def conflict_card(desk: Desk) -> Content | None:
    """Return the card, or None where nothing is contradicted."""
    words, wording = desk.wording.conflict, desk.wording
    facts = {name: fact for name, fact in desk.consultation.facts.items() if fact.state is State.CONFLICTING}
    problems = [problem for problem in desk.consultation.problems if problem.code == "conflict"]
    if not facts and not problems:
        return None
    lines = [
        words.fact.format(
            label=wording.label(name), evidence=desk.evidence_lines.phrase(fact.evidence, most=4) or wording.contradictory
        )
        for name, fact in facts.items()
    ]
    lines += [words.problem.format(text=escape(problem.text), where=escape(problem.where)) for problem in problems]
    kept = lines[: words.listed]
    if len(lines) > words.listed:
        kept.append("- " + wording.more.format(count=len(lines) - words.listed))
    labels = ", ".join(wording.label(name) for name in facts)
    summary = words.summary.format(names=labels) if facts else words.summary_unnamed.format(text=problems[0].text)
    return Content(
        name=wording.topics.conflict.display,
        summary=summary,
        paragraphs=(words.lead, "\n".join(kept)),
        topic=wording.topics.conflict,
        indicator=Indicator.WARNING,
        evidence=desk.evidence_of(facts),
    )
