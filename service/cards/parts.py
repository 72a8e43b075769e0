"""What all cards are made with: words, ids, the consultation, and the parts that are the same on each of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cds_hooks import (
    LONGEST_SUMMARY,
    Action,
    ActionType,
    Card,
    Coding,
    Indicator,
    Link,
    LinkType,
    SelectionBehavior,
    Source,
    Suggestion,
)
from service.cards.escape import one_line
from service.cards.shortening import shorten_safely
from service.cards.shown import evidence_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cds_hooks import OverrideReason
    from service.cards.wording import Topic, Wording
    from service.consultation import Consultation
    from service.knowledge.library import Library

TOPICS = "urn:all-cds:topics"
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

    name: str  # how the overflow line calls the card
    summary: str
    paragraphs: tuple[str, ...]
    topic: Topic
    indicator: Indicator = Indicator.INFO
    source_label: str = ""
    source_url: str | None = None
    drafts: tuple[Draft, ...] = ()
    rules: tuple[dict[str, object], ...] = ()
    evidence: tuple[dict[str, object], ...] = ()
    links: tuple[Link, ...] = ()
    shorter: tuple[str, ...] = ()  # other summaries, for clients with little room
    orders: tuple[str, ...] = ()  # the orders that the card is about, as the caller names them


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything a card needs beside its content; made once for each consultation."""

    consultation: Consultation
    library: Library
    wording: Wording
    reasons: tuple[OverrideReason, ...]
    new_id: Callable[[], str]
    explanation: str | None = None
    unavailable: frozenset[str] = field(default_factory=frozenset)
    not_fetched: frozenset[str] = field(default_factory=frozenset)
    app: str | None = None  # where the record system opens the page about the patient by itself; then nothing else leads there
    longest_summary: int = LONGEST_SUMMARY  # characters; a longer one is replaced by a shorter wording, where there is one
    texts: Mapping[str, str] = field(default_factory=dict)  # texts of knowledge files in the language of the cards
    first: tuple[str, ...] = ()  # paragraphs that every card begins with
    # The criteria of several products read the same facts. For this consultation only: it is a patient's data.
    _evidence: dict[tuple[str, ...], str] = field(default_factory=dict)

    def say(self, text: str) -> str:
        """Return a text of a knowledge file in the language of the cards; as it is where nobody has translated it."""
        return self.texts.get(text, text)

    def finish(self, content: Content, *more: str) -> Card:
        """Return the card of a content, with `more` paragraphs below it."""
        wording, consultation = self.wording, self.consultation
        version = consultation.knowledge_version
        footer = wording.footer_of(consultation.question.as_of.isoformat(), version)
        trace: dict[str, object] = {
            "knowledgeVersion": version,
            "knowledgeDigest": consultation.knowledge_digest,
            "asOf": consultation.question.as_of.isoformat(),
            "knownBy": consultation.question.known_by.isoformat(),
            "language": wording.language,
        }
        if content.rules:
            trace["rules"] = content.rules
        if content.evidence:
            trace["evidence"] = content.evidence
        return Card(
            summary=self._summary(content),
            indicator=content.indicator,
            source=Source(
                label=content.source_label or wording.source_label.format(version=version),
                url=content.source_url,
                topic=Coding(content.topic.code, TOPICS, content.topic.display),
            ),
            detail="\n\n".join((*self.first, *content.paragraphs, *more, footer)),
            uuid=self.new_id(),
            suggestions=tuple(self._suggestion(draft) for draft in content.drafts),
            selection_behavior=SelectionBehavior.ANY if content.drafts else None,
            override_reasons=self.reasons,
            links=(*content.links, *self._page()),
            extension={TRACE: trace, **({ORDERS: content.orders} if content.orders else {})},
        )

    def _page(self) -> tuple[Link, ...]:
        if self.app:
            return (Link(self.wording.link_label, self.app, LinkType.SMART),)
        return (Link(self.wording.link_label, self.explanation),) if self.explanation else ()

    def _summary(self, content: Content) -> str:
        wordings = [one_line(text) for text in (content.summary, *content.shorter)]
        fits = next((text for text in wordings if len(text) <= self.longest_summary), wordings[-1])
        return shorten_safely(fits, LONGEST_SUMMARY, self.wording.never_cut_off, content.topic.display)

    def _suggestion(self, draft: Draft) -> Suggestion:
        return Suggestion(
            label=draft.label,
            uuid=self.new_id(),
            actions=(Action(ActionType.CREATE, description=draft.label, resource=draft.resource),),
        )

    def evidence_words(self, facts: tuple[str, ...]) -> str:
        """Return what was read for these facts and when, as the lines of cards show it."""
        words = self._evidence.get(facts)
        if words is None:
            known = self.consultation.facts
            items = tuple(item for name in facts if name in known for item in known[name].evidence)
            words = self._evidence[facts] = evidence_words(items, self.wording)
        return words

    def evidence_of(self, facts: tuple[str, ...]) -> tuple[dict[str, object], ...]:
        """Return the evidence of these facts for the trace: which resource, which element, which day."""
        seen: dict[tuple[str, str, str], dict[str, object]] = {}
        for name in facts:
            fact = self.consultation.facts.get(name)
            for item in fact.evidence if fact is not None else ():
                row: dict[str, object] = {"fact": name, "reference": item.reference}
                if item.path:
                    row["path"] = item.path
                if item.date:
                    row["date"] = item.date.text
                seen.setdefault((name, item.reference, item.path), row)
        return tuple(row for row in seen.values() if row["reference"])


def bullets(heading: str, lines: list[str]) -> tuple[str, ...]:
    """Return the heading with its list as one paragraph; nothing where the list is empty."""
    return (heading + "\n\n" + "\n".join(lines),) if lines else ()
