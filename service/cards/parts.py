"""What all cards are made with: words, ids, the consultation, and the parts that are the same on each of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cds_hooks import (
    LONGEST_SUMMARY,
    Action,
    ActionType,
    Card,
    Filled,
    Indicator,
    Link,
    LinkType,
    SelectionBehavior,
    Suggestion,
)
from service.cards.escape import one_line
from service.cards.evidence_lines import EvidenceLines
from service.cards.resources import draft_order, reason_of
from service.cards.shortening import shorten_safely
from service.logic.once import once

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from cds_hooks import OverrideReason
    from service.cards.product import Products
    from service.cards.resources import Json
    from service.cards.sentences import Sentences
    from service.cards.wording import Topic, Wording
    from service.consultation import Consultation
    from service.decisions.trial_verdicts import TrialVerdict
    from service.knowledge.library import Library
    from service.logic.fact import Evidence

TRACE = "all-cds.trace"
ORDERS = "all-cds.associatedOrders"


@dataclass(frozen=True, slots=True)
class Draft:
    """A resource that a suggestion would create, and how the suggestion is called."""

    label: str
    resource: dict[str, object]


@dataclass(frozen=True, slots=True)
class Content:
    """What one card says, before it gets ids, links and the parts that all cards share."""

    summary: str
    paragraphs: tuple[str, ...]
    topic: Topic
    source_label: str = ""
    source_url: str | None = None
    drafts: tuple[Draft, ...] = ()
    rules: tuple[dict[str, object], ...] = ()
    evidence: tuple[dict[str, object], ...] = ()
    links: tuple[Link, ...] = ()
    shorter: tuple[str, ...] = ()  # other summaries, for clients with little room
    orders: tuple[str, ...] = ()  # the orders that the card is about, as the caller names them


@dataclass(frozen=True, slots=True)
class Plan:
    """A card that may be shown. What it says is composed once it is chosen: of many products and trials most are not.

    `name`: how the overflow line calls the card.
    """

    name: str
    compose: Callable[[], Content]
    indicator: Indicator = Indicator.INFO


@dataclass(frozen=True)
class Desk:
    """Everything a card needs beside its content; made once for each consultation, with what several cards say of it."""

    consultation: Consultation
    library: Library
    wording: Wording
    sentences: Sentences
    products: Products
    reasons: tuple[OverrideReason, ...]
    explanation: str | None = None
    unavailable: frozenset[str] = field(default_factory=frozenset)
    not_fetched: frozenset[str] = field(default_factory=frozenset)
    app: str | None = None  # where the record system opens the page about the patient by itself; then nothing else leads there
    longest_summary: int = LONGEST_SUMMARY  # characters; a longer one is replaced by a shorter wording, where there is one
    first: tuple[str, ...] = ()  # paragraphs that every card begins with
    # Several cards read the same facts. For this consultation only: it is a patient's data.
    _evidence: dict[tuple[str, ...], str] = field(default_factory=dict)
    _rows: dict[str, tuple[Json, ...]] = field(default_factory=dict)

    def say(self, text: str) -> str:
        """Return a text of a knowledge file in the language of the cards; as it is where nobody has translated it."""
        return self.sentences.say(text)

    def finish(self, indicator: Indicator, content: Content, ids: Iterator[str], *more: str) -> Card:
        """Return the card of a content, as urgent as it was planned, with `more` paragraphs below it.

        It takes one of the ids for itself and one for each draft.
        """
        trace = dict(self._trace)
        if content.rules:
            trace["rules"] = content.rules
        if content.evidence:
            trace["evidence"] = content.evidence
        return Card(
            summary=self._summary(content),
            indicator=indicator,
            source=self.sentences.source(content.source_label or self._source_label, content.source_url, content.topic),
            detail="\n\n".join((*self.first, *content.paragraphs, *more, self._footer)),
            uuid=next(ids),
            suggestions=tuple([_suggestion(draft, next(ids)) for draft in content.drafts]),
            selection_behavior=SelectionBehavior.ANY if content.drafts else None,
            override_reasons=self.reasons,
            links=(*content.links, *self._page),
            # How orders are called comes from outside; the rest is written here only where there is something to write.
            extension={TRACE: trace, ORDERS: content.orders} if content.orders else Filled({TRACE: trace}),
        )

    @once
    def _trace(self) -> Json:
        """What the traces of all cards have in common."""
        question = self.consultation.question
        return {
            "knowledgeVersion": self.consultation.knowledge_version,
            "knowledgeDigest": self.consultation.knowledge_digest,
            "asOf": question.as_of.isoformat(),
            "knownBy": question.known_by.isoformat(),
            "language": self.wording.language,
        }

    @once
    def _footer(self) -> str:
        return self.wording.footer_of(self.consultation.question.as_of.isoformat(), self.consultation.knowledge_version)

    @once
    def _source_label(self) -> str:
        return self.wording.source_label.format(version=self.consultation.knowledge_version)

    @once
    def _page(self) -> tuple[Link, ...]:
        if self.app:
            return (Link(self.wording.link_label, self.app, LinkType.SMART),)
        return (Link(self.wording.link_label, self.explanation),) if self.explanation else ()

    def _summary(self, content: Content) -> str:
        summary = one_line(content.summary)
        if len(summary) > self.longest_summary and content.shorter:
            wordings = [one_line(text) for text in content.shorter]
            summary = next((text for text in wordings if len(text) <= self.longest_summary), wordings[-1])
        return shorten_safely(summary, LONGEST_SUMMARY, self.wording.never_cut_off, content.topic.display)

    def order(self, label: str, asked: Json, resource: str = "ServiceRequest") -> Draft:
        """Return the draft of an order of what the concept `asked` says, with the disease as its reason."""
        return Draft(label, draft_order(self.consultation.patient, asked, self._reason, resource))

    @once
    def _reason(self) -> Json:
        return reason_of(self.consultation)

    @once
    def trials(self) -> dict[str, TrialVerdict]:
        """The verdicts of the trials by the id of their file."""
        return {verdict.on_file.trial.id: verdict for verdict in self.consultation.trials}

    def evidence_words(self, facts: tuple[str, ...]) -> str:
        """Return what was read for these facts and when, as the lines of cards show it."""
        words = self._evidence.get(facts)
        if words is None:
            known = self.consultation.facts
            read = [known[name].evidence for name in facts if name in known]
            items = read[0] if len(read) == 1 else [item for items in read for item in items]
            words = self._evidence[facts] = self.evidence_lines.phrase(items) if items else ""
        return words

    def flag_words(self, facts: tuple[str, ...]) -> str:
        """Return what there is to say of what was read for these facts, in the words of the profile; mostly nothing."""
        known = self.consultation.facts
        read = [known[name] for name in facts if name in known]
        flags = dict.fromkeys([flag for fact in read if fact.is_known for flag in fact.flags])
        return self.sentences.facts.flagged(tuple(flags)) if flags else ""

    @once
    def evidence_lines(self) -> EvidenceLines:
        """The pieces of evidence as cards show them."""
        return EvidenceLines(self.wording, self.sentences.facts)

    def evidence_of(self, facts: Iterable[str]) -> tuple[Json, ...]:
        """Return the evidence of these facts for the trace: which resource, which element, which day."""
        kept = self._rows
        return tuple([row for name in dict.fromkeys(facts) for row in (kept[name] if name in kept else self._rows_of(name))])

    def _rows_of(self, name: str) -> tuple[Json, ...]:
        fact = self.consultation.facts.get(name)
        rows = self._rows[name] = _rows(name, fact.evidence) if fact is not None else ()
        return rows


def _suggestion(draft: Draft, new_id: str) -> Suggestion:
    action = Action(ActionType.CREATE, description=draft.label, resource=draft.resource)
    return Suggestion(label=draft.label, uuid=new_id, actions=(action,))


def _rows(name: str, evidence: tuple[Evidence, ...]) -> tuple[Json, ...]:
    if len(evidence) > 1:
        distinct: dict[tuple[str, str], Evidence] = {}
        for item in evidence:
            distinct.setdefault((item.reference, item.path), item)
        evidence = tuple(distinct.values())
    rows = []
    for item in evidence:
        if item.reference:
            row: Json = {"fact": name, "reference": item.reference}
            if item.path:
                row["path"] = item.path
            if item.date:
                row["date"] = item.date.text
            rows.append(row)
    return tuple(rows)


def bullets(heading: str, lines: Collection[str]) -> tuple[str, ...]:
    """Return the heading with its list as one paragraph; nothing where the list is empty."""
    return (heading + "\n\n" + "\n".join(lines),) if lines else ()
