"""One and the same answer, as each kind of client understands it: no advice is added, none is taken away."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from operator import is_
from typing import TYPE_CHECKING, Any

from cds_hooks import LinkType, SelectionBehavior, ServiceResponse
from service.cards.shortening import shorten_safely

if TYPE_CHECKING:
    from cds_hooks import Action, Card, Link, Suggestion
    from service.cards.profiles import ClientProfile
    from service.cards.wording import Wording

_PLAIN_TEXT = "text/plain"
# What our own texts use of markdown: bold, and a backslash before what the record brought along.
_MARKUP = re.compile(r"\*\*|\\([^\w\s])")


def shape(response: ServiceResponse, profile: ClientProfile, wording: Wording) -> ServiceResponse:
    """Return the answer for a client of this profile: the same cards with the same ids, in the same order."""
    cards = [_card(card, profile, wording) for card in response.cards]
    return response if _same(cards, response.cards) else replace(response, cards=tuple(cards))


def _card(card: Card, profile: ClientProfile, wording: Wording) -> Card:
    suggestions = [shaped for suggestion in card.suggestions if (shaped := _suggestion(suggestion, profile)) is not None]
    links = [kept for link in card.links if (kept := _link(link, profile)) is not None]
    selection = SelectionBehavior(profile.selection) if suggestions else None
    changed: dict[str, Any] = {}
    if profile.detail == "plain" and card.detail is not None:
        changed["detail"] = plain_text(card.detail)
        if profile.detail_type_in:
            changed["extension"] = {**card.extension, profile.detail_type_in: _PLAIN_TEXT}
    if len(card.summary) > profile.longest_summary:
        instead = card.source.topic.display if card.source.topic and card.source.topic.display else card.source.label
        changed["summary"] = shorten_safely(card.summary, profile.longest_summary, wording.never_cut_off, instead)
    if not _same(suggestions, card.suggestions):
        changed["suggestions"] = tuple(suggestions)
    if selection is not card.selection_behavior:
        changed["selection_behavior"] = selection
    if card.override_reasons and not profile.override_reasons:
        changed["override_reasons"] = ()
    if not _same(links, card.links):
        changed["links"] = tuple(links)
    return replace(card, **changed) if changed else card  # a card that is made anew is checked anew


def _same(shaped: Sequence[object], parts: Sequence[object]) -> bool:
    return len(shaped) == len(parts) and all(map(is_, shaped, parts))


def _suggestion(suggestion: Suggestion, profile: ClientProfile) -> Suggestion | None:
    """Return the suggestion, None where the client could not take it: the text of the card says the same in words."""
    if not suggestion.actions or (profile.one_action and len(suggestion.actions) != 1):
        return None
    for action in suggestion.actions:
        if action.resource is not None and str(action.resource.get("resourceType")) not in profile.suggests:
            return None
    recommended = suggestion.is_recommended
    if recommended is None and profile.recommended == "always":
        recommended = False
    actions = [_action(action, profile) for action in suggestion.actions]
    if recommended is suggestion.is_recommended and _same(actions, suggestion.actions):
        return suggestion
    return replace(suggestion, is_recommended=recommended, actions=tuple(actions))


def _action(action: Action, profile: ClientProfile) -> Action:
    if action.resource is None or not profile.also_coded:
        return action
    return replace(action, resource={name: _also_coded(value, profile.also_coded) for name, value in action.resource.items()})


def _also_coded(value: object, names: Mapping[str, str]) -> object:
    """Return a concept with its codes under the client's names of their systems too; anything else as it is."""
    codings = value.get("coding") if isinstance(value, Mapping) else None
    if not isinstance(value, Mapping) or not isinstance(codings, Sequence):
        return value
    more = [{**coding, "system": names[coding["system"]]} for coding in codings if coding.get("system") in names]
    return {**value, "coding": [*codings, *more]}


def _link(link: Link, profile: ClientProfile) -> Link | None:
    if profile.links == "none" or (profile.links == "absolute" and link.type is not LinkType.ABSOLUTE):
        return None
    context = link.app_context if profile.app_context else None
    launched = link.autolaunchable and profile.autolaunch
    if context == link.app_context and launched == link.autolaunchable:
        return link
    return replace(link, app_context=context, autolaunchable=launched)


def plain_text(markdown: str) -> str:
    """Return our markdown without its marks: what was bold or escaped stands there as it is read."""
    return _MARKUP.sub(lambda found: found[1] or "", markdown)
