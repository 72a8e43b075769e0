"""The card that says which leukaemia this is, in one line and with dates."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from service.cards.escape import escape
from service.cards.parts import Content, Draft, Plan, bullets
from service.cards.resources import risk_group
from service.cards.shown import bare_words
from service.logic.fact import Gap, State
from service.logic.interval import Interval
from service.logic.truth import Truth

if TYPE_CHECKING:
    from service.cards.parts import Desk
    from service.cards.wording import SummaryPart
    from service.decisions.verdicts import RiskVerdict

_NAMED = frozenset({"decided", "reported"})
_NO_RELAPSE = Decimal(0)
_TOLD = frozenset({"decided", "reported", "open"})
_NOT_THERE = frozenset({Gap.NOT_RECORDED, Gap.NOT_RECEIVED})
_KNOWN, _UNKNOWN = State.KNOWN, State.UNKNOWN  # a member is found several times as fast here as in its class


def profile_line(desk: Desk) -> str:
    """Return the leukaemia in one line: as many parts as fit, the most telling first."""
    words = desk.wording.profile
    groups = [
        words.summary_group.format(system=verdict.system.called, group=verdict.group)
        for verdict in desk.consultation.risk_groups
        if verdict.state in _NAMED and verdict.group
    ]
    between, parts = len(words.joined_by), []
    room = words.longest_summary + between
    for part in (*[_part(desk, part) for part in words.summary], *groups):
        if part and len(part) + between <= room:
            parts.append(part)
            room -= len(part) + between
    return words.joined_by.join(parts)


def _part(desk: Desk, part: SummaryPart) -> str:
    fact = desk.consultation.facts.get(part.fact)
    if fact is None:
        return ""
    if fact.state is not _KNOWN:
        return part.unknown if fact.state is _UNKNOWN else part.conflicting
    if part.shown:
        return part.shown.format(value=bare_words(fact, desk.wording))
    said = part.values.get(str(fact.value), "")
    if said or not part.alone:
        return said
    beside = desk.consultation.facts.get(part.beside)
    return "" if beside is not None and beside.state is _KNOWN else part.alone.get(str(fact.value), "")


def leukaemia_card(desk: Desk) -> Plan:
    """Return the profile."""
    return Plan(desk.wording.topics.profile.display, partial(_card, desk))


def _card(desk: Desk) -> Content:
    """Return what it says; where a system's group is decided, with a draft that records it."""
    words = desk.wording.profile
    line = profile_line(desk)
    facts, groups = desk.consultation.facts, desk.consultation.risk_groups
    named = [name for name in words.facts if (fact := facts.get(name)) is not None and fact.state is _KNOWN]
    named += [
        name for name in words.when_true if (fact := facts.get(name)) is not None and fact.state is _KNOWN and fact.value is True
    ]
    unknown = [name for name in words.asked if name in facts and facts[name].state is _UNKNOWN]
    missing = [name for name in unknown if facts[name].gap in _NOT_THERE]
    unsettled = [name for name in unknown if name not in missing]
    paragraphs = [
        words.lead.format(line=escape(line)),
        *bullets(words.facts_heading, _fact_lines(desk, named)),
        *bullets(
            words.groups_heading,
            [
                _group_line(desk, verdict)
                for verdict in groups
                if verdict.state in _TOLD or (verdict.state == "not-encoded" and verdict.question)
            ],
        ),
    ]
    paragraphs += bullets(words.unsettled_heading, _fact_lines(desk, unsettled))
    if missing:
        paragraphs.append(words.missing.format(labels=", ".join(map(desk.wording.label, missing))))
    paragraphs += could_not_be_had(desk)
    drafts = tuple(
        [
            _record(desk, verdict)
            for verdict in groups
            if verdict.state == "decided" and verdict.system.system in words.recorded_systems and AGREES not in verdict.flags
        ]
    )
    return Content(
        summary=line,
        paragraphs=tuple(paragraphs),
        topic=desk.wording.topics.profile,
        drafts=drafts,
        rules=tuple(
            [
                {"id": verdict.row or verdict.system.system, "system": verdict.system.system, "state": verdict.state}
                for verdict in groups
                if verdict.state in _NAMED
            ]
        ),
        evidence=desk.evidence_of([*named, *unsettled]),
    )


def could_not_be_had(desk: Desk) -> list[str]:
    """Return the paragraphs that name the kinds of data which were not received or not fetched; none where all were."""
    words, paragraphs = desk.wording.profile, []
    for said, kinds in (
        (words.could_not_be_had, desk.unavailable - desk.not_fetched),
        (words.could_not_be_fetched, desk.not_fetched),
    ):
        if kinds:
            listed = sorted(desk.wording.kinds.get(kind, kind) for kind in kinds)
            paragraphs.append(said.format(kinds=desk.wording.listing(listed)))
    return paragraphs


AGREES = "reported-agrees"  # the group is recorded already


def _fact_lines(desk: Desk, names: list[str]) -> list[str]:
    facts, words, read = desk.consultation.facts, desk.sentences.facts, desk.evidence_words
    lines = []
    for name in names:
        fact, evidence = facts[name], read((name,))
        value, said = words.value_or_gap(fact), words.lines[name]
        line = said.evidenced(value, evidence) if evidence else said.bare(value)
        lines.append(line + words.flagged(fact.flags) if fact.flags else line)
    return lines


def _group_line(desk: Desk, verdict: RiskVerdict) -> str:
    words, system = desk.wording.profile, verdict.system.called
    if verdict.state == "decided":
        line = words.group_decided.format(system=system, group=verdict.group)
    elif verdict.state == "reported":
        line = words.group_reported.format(system=system, group=escape(verdict.group or ""))
    elif verdict.state == "not-encoded":
        line = words.group_not_encoded.format(system=system)
    elif verdict.needs:
        labels, most = desk.sentences.facts.labels, words.needs_named
        needs = ", ".join([labels[name] for name in verdict.needs[:most]])
        if len(verdict.needs) > most:
            needs = f"{needs} {desk.wording.more.format(count=len(verdict.needs) - most)}"
        line = words.group_open.format(system=system, possible=", ".join(verdict.possible), needs=needs)
    else:
        line = words.group_open_for_good.format(system=system, possible=", ".join(verdict.possible))
    if verdict.allocation and verdict.allocation.to and not _is_of_the_past(desk, verdict):
        line += words.group_allocation.format(to=verdict.allocation.to)
    if verdict.recorded and verdict.state != "reported":
        line += words.group_recorded.format(group=escape(verdict.recorded))
    if verdict.question:
        line += words.group_question.format(question=verdict.question)
    return line + desk.sentences.facts.flagged(verdict.flags) if verdict.flags else line


def _is_of_the_past(desk: Desk, verdict: RiskVerdict) -> bool:
    """Return whether a system speaks of the first treatment alone, and a relapse was since: what it allocated is none for now."""
    relapses = desk.consultation.facts["relapse_count"].value
    seen = isinstance(relapses, Interval) and relapses.above(_NO_RELAPSE) is Truth.YES
    return verdict.system.dated_by == "diagnosis" and seen


def _record(desk: Desk, verdict: RiskVerdict) -> Draft:
    words, system, group = desk.wording.profile, verdict.system, verdict.group or ""
    return Draft(
        label=words.record_label.format(system=system.called, group=group),
        resource=risk_group(
            desk.consultation, system.system, group, words.record_text.format(system=system.called, group=group), verdict.evidence
        ),
    )
