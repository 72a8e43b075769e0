"""What a service answers: cards and their parts.

Python's names here, those of the wire in `to_wire`. Every part is checked when it is made, so what exists can be sent.
Optional parts that are empty are left out, for the protocol forbids null and empty members.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from operator import attrgetter
from typing import Final

from cds_hooks.errors import Contradiction, InvalidValue, MissingValue, TooLong
from cds_hooks.outgoing import require_extension, require_link, require_public_address, require_text, require_uuid

LONGEST_SUMMARY: Final = 139
"""Characters: the protocol says fewer than 140."""

# Clients join a user's override to this code, and the strictest of them takes letters and digits only.
_TOPIC_CODE = re.compile(r"[A-Za-z0-9]{1,100}")
_RELATIVE_REFERENCE = re.compile(r"[A-Z][A-Za-z]+/[A-Za-z0-9.\-]+")


class Indicator(StrEnum):
    """How urgent a card is."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"

    @property
    def urgency(self) -> int:
        """0, 1 or 2: higher is more urgent, for sorting cards."""
        return _URGENCY[self._value_]


_URGENCY: Final = {indicator.value: place for place, indicator in enumerate(Indicator)}


class SelectionBehavior(StrEnum):
    """How many suggestions of one card the user may take."""

    AT_MOST_ONE = "at-most-one"
    ANY = "any"


class LinkType(StrEnum):
    """An ordinary page, or an app that is launched with SMART."""

    ABSOLUTE = "absolute"
    SMART = "smart"


class ActionType(StrEnum):
    """What an action does to the client's draft."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Coding:
    """A code and the system that gives it meaning."""

    code: str
    system: str
    display: str | None = None
    # Codings stand in many answers: they are written once, and what is written is shared.
    _wire: dict[str, object] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        require_text(self.code, "coding.code")
        require_text(self.system, "coding.system")
        wire: dict[str, object] = {"code": self.code, "system": self.system}
        if self.display:
            wire["display"] = self.display
        object.__setattr__(self, "_wire", wire)

    def to_wire(self) -> dict[str, object]:
        """The JSON object; not to be changed."""
        return self._wire


@dataclass(frozen=True, slots=True)
class OverrideReason(Coding):
    """A reason that the user may give for not following a card; here the display is required."""

    def __post_init__(self) -> None:
        Coding.__post_init__(self)
        require_text(self.display or "", "overrideReasons.display")


_CODE_OF: Final = attrgetter("code")


@dataclass(frozen=True, slots=True)
class Source:
    """Where the advice comes from; `topic` is the stable code of the advice itself."""

    label: str
    url: str | None = None
    icon: str | None = None
    topic: Coding | None = None
    _wire: dict[str, object] = field(init=False, repr=False, compare=False)  # as that of a coding

    def __post_init__(self) -> None:
        require_text(self.label, "source.label")
        if self.url:
            require_public_address(self.url, "source.url")
        if self.icon:
            require_link(self.icon, "source.icon")
        if self.topic and not _TOPIC_CODE.fullmatch(self.topic.code):
            raise InvalidValue("source.topic.code", "only letters and digits, at most 100")
        wire: dict[str, object] = {"label": self.label}
        if self.url:
            wire["url"] = self.url
        if self.icon:
            wire["icon"] = self.icon
        if self.topic:
            wire["topic"] = self.topic.to_wire()
        object.__setattr__(self, "_wire", wire)

    def to_wire(self) -> dict[str, object]:
        """The JSON object; not to be changed."""
        return self._wire


@dataclass(frozen=True, slots=True)
class Link:
    """A page or an app to open from a card. `app_context` reaches SMART apps only."""

    label: str
    url: str
    type: LinkType = LinkType.ABSOLUTE
    app_context: str | None = None
    autolaunchable: bool = False

    def __post_init__(self) -> None:
        require_text(self.label, "link.label")
        require_link(self.url, "link.url")
        if self.app_context and self.type is not LinkType.SMART:
            raise Contradiction("link.appContext", "only a smart link has an appContext")

    def to_wire(self) -> dict[str, object]:
        """The JSON object."""
        wire: dict[str, object] = {"label": self.label, "url": self.url, "type": str(self.type)}
        if self.app_context:
            wire["appContext"] = self.app_context
        if self.autolaunchable:
            wire["autolaunchable"] = True
        return wire


@dataclass(frozen=True, slots=True)
class Action:
    """One change in a suggestion: create and update carry the whole resource, delete a reference `Type/id`."""

    type: ActionType
    description: str
    resource: Mapping[str, object] | None = None
    resource_id: str | None = None
    extension: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        require_text(self.description, "action.description")
        require_extension(self.extension, "action.extension")
        if self.type is ActionType.DELETE:
            self._check_delete()
        else:
            self._check_resource()

    def _check_delete(self) -> None:
        if self.resource is not None:
            raise Contradiction("action.resource", "delete names a resourceId and carries no resource")
        if not self.resource_id:
            raise MissingValue("action.resourceId", "delete needs a resourceId")
        if not _RELATIVE_REFERENCE.fullmatch(self.resource_id):
            raise InvalidValue("action.resourceId", "a relative reference is needed: Type/id")

    def _check_resource(self) -> None:
        if self.resource_id is not None:
            raise Contradiction("action.resourceId", "only delete has a resourceId")
        if not self.resource:
            raise MissingValue("action.resource", "create and update carry the whole resource")
        if not isinstance(self.resource.get("resourceType"), str):
            raise InvalidValue("action.resource", "a FHIR resource is needed, with its resourceType")

    def to_wire(self) -> dict[str, object]:
        """The JSON object."""
        wire: dict[str, object] = {"type": str(self.type), "description": self.description}
        if self.resource:
            wire["resource"] = self.resource
        if self.resource_id:
            wire["resourceId"] = self.resource_id
        if self.extension:
            wire["extension"] = self.extension
        return wire


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A set of actions that the user takes together or not at all. `is_recommended` is sent where it is known, False too."""

    label: str
    uuid: str | None = None
    is_recommended: bool | None = None
    actions: tuple[Action, ...] = ()
    extension: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        require_text(self.label, "suggestion.label")
        if self.uuid:
            require_uuid(self.uuid, "suggestion.uuid")
        require_extension(self.extension, "suggestion.extension")

    def to_wire(self) -> dict[str, object]:
        """The JSON object."""
        wire: dict[str, object] = {"label": self.label}
        if self.uuid:
            wire["uuid"] = self.uuid
        if self.is_recommended is not None:
            wire["isRecommended"] = self.is_recommended
        if self.actions:
            wire["actions"] = [action.to_wire() for action in self.actions]
        if self.extension:
            wire["extension"] = self.extension
        return wire


@dataclass(frozen=True, slots=True)
class Card:
    """One piece of advice. The summary is plain text, the detail GitHub-flavoured markdown."""

    summary: str
    indicator: Indicator
    source: Source
    detail: str | None = None
    uuid: str | None = None
    suggestions: tuple[Suggestion, ...] = ()
    selection_behavior: SelectionBehavior | None = None
    override_reasons: tuple[OverrideReason, ...] = ()
    links: tuple[Link, ...] = ()
    extension: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        require_text(self.summary, "card.summary")
        if len(self.summary) > LONGEST_SUMMARY:
            raise TooLong("card.summary", f"at most {LONGEST_SUMMARY} characters")
        if "\n" in self.summary or "\r" in self.summary:
            raise InvalidValue("card.summary", "one sentence on one line")
        if self.uuid:
            require_uuid(self.uuid, "card.uuid")
        require_extension(self.extension, "card.extension")
        if self.suggestions or self.selection_behavior:
            self._check_selection()
        if len(set(map(_CODE_OF, self.override_reasons))) < len(self.override_reasons):
            self._check_reasons()

    def _check_reasons(self) -> None:
        if len({(reason.system, reason.code) for reason in self.override_reasons}) < len(self.override_reasons):
            raise Contradiction("card.overrideReasons", "a reason is offered once")

    def _check_selection(self) -> None:
        if not self.suggestions:
            raise Contradiction("card.selectionBehavior", "there are no suggestions to select from")
        if not self.selection_behavior:
            raise Contradiction("card.selectionBehavior", "required beside suggestions")
        recommended = sum(suggestion.is_recommended is True for suggestion in self.suggestions)
        if recommended > 1 and self.selection_behavior is not SelectionBehavior.ANY:
            raise Contradiction("card.suggestions.isRecommended", "at most one, unless any number may be selected")

    def to_wire(self) -> dict[str, object]:
        """The JSON object."""
        wire: dict[str, object] = {"summary": self.summary, "indicator": str(self.indicator), "source": self.source.to_wire()}
        if self.uuid:
            wire["uuid"] = self.uuid
        if self.detail:
            wire["detail"] = self.detail
        if self.suggestions:
            wire["suggestions"] = [suggestion.to_wire() for suggestion in self.suggestions]
        if self.selection_behavior:
            wire["selectionBehavior"] = str(self.selection_behavior)
        if self.override_reasons:
            wire["overrideReasons"] = [reason.to_wire() for reason in self.override_reasons]
        if self.links:
            wire["links"] = [link.to_wire() for link in self.links]
        if self.extension:
            wire["extension"] = self.extension
        return wire


@dataclass(frozen=True, slots=True)
class ServiceResponse:
    """The answer to one call; no cards is a complete answer too."""

    cards: tuple[Card, ...] = ()
    extension: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        require_extension(self.extension, "extension")
        uuids = [card.uuid for card in self.cards if card.uuid]
        if len(set(uuids)) < len(uuids):
            raise Contradiction("cards.uuid", "two cards share a uuid: feedback could not tell them apart")

    def to_wire(self) -> dict[str, object]:
        """The JSON object; `cards` is there even when empty."""
        wire: dict[str, object] = {"cards": [card.to_wire() for card in self.cards]}
        if self.extension:
            wire["extension"] = self.extension
        return wire
