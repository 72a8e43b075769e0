"""What users did with our cards, as their client tells it: accepted or overridden, and why.

Lenient where data would be lost otherwise: an acceptance that names no suggestion is kept and says so in `incomplete`,
a card we never sent is the caller's to flag, and the plural `overrideReasons` of one vendor is read like the singular.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

import msgspec

from cds_hooks.errors import InvalidMember, MissingMember
from cds_hooks.incoming import (
    NOTHING,
    decode_body,
    decode_member,
    extension_of,
    is_missing,
    optional_text,
    required_text,
)

# The vendor's names, the most telling first.
_SITE_REASON = tuple(
    f"com.epic.cdshooks.feedback.overrideReason.{name}" for name in ("reasonDisplay", "reasonTitle", "reasonCategory")
)

_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+\-]\d\d:\d\d)", re.IGNORECASE)


class Outcome(StrEnum):
    """What the user did. A card that was ignored brings no feedback at all."""

    ACCEPTED = "accepted"
    OVERRIDDEN = "overridden"


@dataclass(frozen=True, slots=True)
class GivenReason:
    """Why a card was overridden: one of our codes, the user's own words, or a reason built at the site (`extension`).

    The user's words may name a patient: the repr does not show them.
    """

    code: str | None = None
    system: str | None = None
    display: str | None = None
    user_comment: str | None = field(default=None, repr=False)
    extension: Mapping[str, msgspec.Raw] = field(default_factory=dict, repr=False)

    @property
    def site_reason(self) -> str | None:
        """The text of a reason that the site built for its users to pick; None where there is none, or no text."""
        for member in _SITE_REASON:
            try:
                text = msgspec.json.decode(self.extension.get(member, NOTHING), type=str).strip()
            except msgspec.MsgspecError:
                continue
            if text:
                return text
        return None


@dataclass(frozen=True, slots=True)
class Feedback:
    """One item of a batch; `outcome_timestamp` is in UTC. The same item may come twice."""

    card: str
    outcome: Outcome
    outcome_timestamp: datetime
    accepted_suggestions: tuple[str, ...] = ()
    override_reason: GivenReason | None = None

    @property
    def incomplete(self) -> bool:
        """Whether an acceptance fails to say what was accepted."""
        return self.outcome is Outcome.ACCEPTED and not self.accepted_suggestions


def decode_feedback(body: bytes) -> tuple[Feedback, ...]:
    """The items of the batch, in the order sent.

    Raises: IncomingError, naming the first member that cannot be used; the batch is refused as a whole.
    """
    sent = decode_body(body, _BATCH, typed_member="feedback")
    if sent.feedback is None:
        raise MissingMember("feedback", "an array of items is required here")
    return tuple(_item(raw, f"feedback[{place}]") for place, raw in enumerate(sent.feedback))


class _Batch(msgspec.Struct, gc=False):
    feedback: list[msgspec.Raw] | None = None


class _Item(msgspec.Struct, rename="camel", gc=False):
    card: msgspec.Raw = NOTHING
    outcome: msgspec.Raw = NOTHING
    outcome_timestamp: msgspec.Raw = NOTHING
    accepted_suggestions: msgspec.Raw = NOTHING
    override_reason: msgspec.Raw = NOTHING
    override_reasons: msgspec.Raw = NOTHING


class _Accepted(msgspec.Struct, gc=False):
    id: str


class _Reason(msgspec.Struct, rename="camel", gc=False):
    reason: msgspec.Raw = NOTHING
    user_comment: msgspec.Raw = NOTHING
    extension: msgspec.Raw = NOTHING


class _Coding(msgspec.Struct, gc=False):
    code: msgspec.Raw = NOTHING
    system: msgspec.Raw = NOTHING
    display: msgspec.Raw = NOTHING


_BATCH = msgspec.json.Decoder(_Batch)


def _item(raw: msgspec.Raw, where: str) -> Feedback:
    sent = decode_member(raw, _Item, where, "an object is expected here")
    return Feedback(
        card=required_text(sent.card, f"{where}.card"),
        outcome=_outcome(sent.outcome, f"{where}.outcome"),
        outcome_timestamp=_timestamp(sent.outcome_timestamp, f"{where}.outcomeTimestamp"),
        accepted_suggestions=_accepted(sent.accepted_suggestions, f"{where}.acceptedSuggestions"),
        override_reason=_reason(sent.override_reason, f"{where}.overrideReason")
        or _reason(sent.override_reasons, f"{where}.overrideReasons"),
    )


def _outcome(raw: msgspec.Raw, where: str) -> Outcome:
    try:
        return Outcome(required_text(raw, where))
    except ValueError:
        raise InvalidMember(where, "accepted or overridden is expected here") from None


def _timestamp(raw: msgspec.Raw, where: str) -> datetime:
    text = required_text(raw, where)
    try:
        if _RFC_3339.fullmatch(text):
            return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise InvalidMember(where, "an RFC 3339 instant is expected here, with Z or an offset")


def _accepted(raw: msgspec.Raw, where: str) -> tuple[str, ...]:
    if is_missing(raw):
        return ()
    accepted = decode_member(raw, list[_Accepted], where, "an array of objects with an id is expected here")
    return tuple(suggestion.id for suggestion in accepted if suggestion.id)


def _reason(raw: msgspec.Raw, where: str) -> GivenReason | None:
    if is_missing(raw):
        return None
    sent = decode_member(raw, _Reason, where, "an object is expected here")
    coding = _Coding()
    if not is_missing(sent.reason):
        coding = decode_member(sent.reason, _Coding, f"{where}.reason", "a Coding is expected here")
    given = GivenReason(
        code=optional_text(coding.code, f"{where}.reason.code"),
        system=optional_text(coding.system, f"{where}.reason.system"),
        display=optional_text(coding.display, f"{where}.reason.display"),
        user_comment=optional_text(sent.user_comment, f"{where}.userComment"),
        extension=extension_of(sent.extension, f"{where}.extension"),
    )
    return None if given == GivenReason() else given
