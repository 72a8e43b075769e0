"""What of an answer and of feedback is kept: which advice, when, to which client. Nothing of a patient, words only sealed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from flask import g

from service.cards.parts import TRACE
from service.explanations.comments import seal_comment
from service.stores.kept import GivenFeedback, ShownCard

if TYPE_CHECKING:
    from cds_hooks import Card, Feedback, GivenReason, ServiceResponse
    from service.stores.vault import Vault

OPEN = "open"
"""The client of a service that asks nobody who they are."""

_OUR_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,99}")
_SYSTEM = re.compile(r"(?:https?://|urn:)[A-Za-z0-9._:/-]{1,190}")
_LONGEST_REASON = 100
_LONGEST_CLIENT = 200


@dataclass(frozen=True, slots=True)
class Call:
    """Which service was called, by which hook, by whom and when."""

    service: str
    hook: str
    client: str
    moment: datetime


def caller() -> str:
    """Return the authenticated client of this request, or `open` where nobody was asked."""
    client: str = g.get("client") or OPEN
    return client[:_LONGEST_CLIENT]


def shown_cards(answer: ServiceResponse, call: Call) -> tuple[ShownCard, ...]:
    """Return what is kept of an answer: ids, rules and topics of its cards; no text, no evidence, no context."""
    return tuple(_shown(card, call) for card in answer.cards if card.uuid)


def _shown(card: Card, call: Call) -> ShownCard:
    trace = card.extension.get(TRACE)
    trace = trace if isinstance(trace, Mapping) else {}
    rules = trace.get("rules")
    return ShownCard(
        card=card.uuid or "",
        suggestions=tuple(suggestion.uuid for suggestion in card.suggestions if suggestion.uuid),
        rules=tuple(dict.fromkeys(str(rule["id"]) for rule in rules)) if isinstance(rules, Sequence) else (),
        topic=card.source.topic.code if card.source.topic else "",
        service=call.service,
        hook=call.hook,
        knowledge_digest=str(trace.get("knowledgeDigest", "")),
        client=call.client,
        shown_at=call.moment,
    )


def given_feedback(
    items: Sequence[Feedback], client: str, moment: datetime, vault: Vault | None = None
) -> tuple[GivenFeedback, ...]:
    """Return what is kept of a batch. The user's own words may name a patient: without a vault only that there were some."""
    return tuple(_given(item, client, moment, vault) for item in items)


def _given(item: Feedback, client: str, moment: datetime, vault: Vault | None) -> GivenFeedback:
    reason = item.override_reason
    code, system, text = _reason(reason) if reason is not None else ("", "", "")
    words = reason.user_comment if reason is not None else None
    given = GivenFeedback(
        card=_id(item.card),
        outcome=item.outcome.value,
        given_at=item.outcome_timestamp,
        client=client,
        received_at=moment,
        suggestions=tuple(dict.fromkeys(_id(suggestion) for suggestion in item.accepted_suggestions)),
        reason_code=code,
        reason_system=system,
        reason_text=text,
        commented=bool(words),
    )
    return seal_comment(given, words, vault) if words and vault is not None else given


def _id(sent: str) -> str:
    """Return an id of ours as we wrote it, any other as its digest: it may be long, or hold what we must not keep."""
    ours = sent.strip().lower().removeprefix("urn:uuid:")
    return ours if _OUR_ID.fullmatch(ours) else f"sha256:{hashlib.sha256(sent.encode('utf-8', 'replace')).hexdigest()}"


def _reason(reason: GivenReason) -> tuple[str, str, str]:
    """Return code and system of a reason that was picked, and the site's text for one of its own; free words are none of them."""
    code = reason.code if reason.code and _CODE.fullmatch(reason.code) else ""
    system = reason.system if code and reason.system and _SYSTEM.fullmatch(reason.system) else ""
    text = "".join(sign if sign.isprintable() else " " for sign in reason.site_reason or "")
    return code, system, " ".join(text.split())[:_LONGEST_REASON].strip()
