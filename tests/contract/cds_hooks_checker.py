"""The faults of a discovery or response document, found without any of our own code: what is checked must not be the checker.

Each fault begins with the item of the conformance list that it breaks. With `house_rules=False` only what the
specification demands is checked, so that other people's documents can be held against it too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
URL = re.compile(r"https?://[^\s/]+(/\S*)?")
SAFE_URL = re.compile(r"https://[^\s/]+(/\S*)?|http://(localhost|127\.0\.0\.1)(:\d+)?(/\S*)?")
RESOURCE_ID = re.compile(r"[A-Z][A-Za-z]+/[A-Za-z0-9.\-]{1,64}")
INDICATORS = ("info", "warning", "critical")


def discovery_faults(document: Any, *, house_rules: bool = True) -> list[str]:
    if not isinstance(document, dict) or not isinstance(document.get("services"), list):
        return ["CH-D-02 services: an array is required"]
    faults = list(_empties(document, "$", allowed={"$.services"}))
    seen = set()
    for place, service in enumerate(document["services"]):
        at = f"services[{place}]"
        faults += _texts(service, at, "CH-D-03", required=("hook", "id", "description"))
        faults += _texts(service, at, "CH-D-06", optional=("title", "usageRequirements", "version"))
        prefetch = service.get("prefetch", {})
        if not isinstance(prefetch, dict) or not all(isinstance(template, str) for template in prefetch.values()):
            faults.append(f"CH-D-05 {at}.prefetch: texts by key")
        if (service.get("id"), service.get("hook")) in seen:
            faults.append(f"CH-D-09 {at}: id and hook announced twice")
        seen.add((service.get("id"), service.get("hook")))
        faults += _object(service, at)
        if house_rules:
            if not re.fullmatch(r"2\.0\.\d+|3\.0\.0", str(service.get("version"))):
                faults.append(f"CH-D-07 {at}.version: version of the specification")
            if not re.fullmatch(r"[a-z0-9-]+", str(service.get("id"))):
                faults.append(f"CH-D-10 {at}.id: small letters, digits, hyphens")
            if "title" not in service:
                faults.append(f"CH-D-04 {at}.title: recommended")
    return faults


def response_faults(document: Any, *, house_rules: bool = True) -> list[str]:
    if not isinstance(document, dict) or not isinstance(document.get("cards"), list):
        return ["CH-C-01 cards: an array is required"]
    faults = [*_empties(document, "$", allowed={"$.cards"}), *_object(document, "$")]
    for place, card in enumerate(document["cards"]):
        faults += _card_faults(card, f"cards[{place}]")
        if house_rules and isinstance(card, dict):
            faults += _house_faults(card, f"cards[{place}]")
    for place, action in enumerate(document.get("systemActions", [])):
        faults += _action_faults(action, f"systemActions[{place}]")
    uuids = [card["uuid"] for card in document["cards"] if isinstance(card, dict) and "uuid" in card]
    if house_rules and len(set(uuids)) < len(uuids):
        faults.append("CH-C-02 cards.uuid: used twice")
    return faults


def _card_faults(card: Any, at: str) -> Iterator[str]:
    yield from _texts(card, at, "CH-C-03", required=("summary",), optional=("uuid", "detail"))
    if not isinstance(card, dict):
        return
    yield from _object(card, at)
    if len(str(card.get("summary", ""))) >= 140:
        yield f"CH-C-03 {at}.summary: 139 characters at most"
    if card.get("indicator") not in INDICATORS:
        yield f"CH-C-06 {at}.indicator: one of {INDICATORS}"
    yield from _source_faults(card.get("source"), f"{at}.source")
    for place, reason in enumerate(card.get("overrideReasons", [])):
        yield from _texts(reason, f"{at}.overrideReasons[{place}]", "CH-C-10", required=("code", "system", "display"))
    for place, link in enumerate(card.get("links", [])):
        yield from _link_faults(link, f"{at}.links[{place}]")
    yield from _suggestion_faults(card, at)


def _source_faults(source: Any, at: str) -> Iterator[str]:
    yield from _texts(source, at, "CH-C-07", required=("label",))
    if isinstance(source, dict):
        for name in sorted({"url", "icon"} & source.keys()):
            if not URL.fullmatch(str(source[name])):
                yield f"CH-C-08 {at}.{name}: absolute address"
        if "topic" in source:
            yield from _texts(source["topic"], f"{at}.topic", "CH-C-09", required=("code", "system"))


def _suggestion_faults(card: dict[str, Any], at: str) -> Iterator[str]:
    suggestions = card.get("suggestions", [])
    if bool(suggestions) != ("selectionBehavior" in card):
        yield f"CH-C-11 {at}.selectionBehavior: exactly when there are suggestions"
    if card.get("selectionBehavior", "any") not in ("any", "at-most-one"):
        yield f"CH-C-11 {at}.selectionBehavior: any or at-most-one"
    recommended = [suggestion.get("isRecommended", False) for suggestion in suggestions]
    if not all(isinstance(flag, bool) for flag in recommended):
        yield f"CH-S-03 {at}.suggestions.isRecommended: a boolean"
    if card.get("selectionBehavior") != "any" and sum(map(bool, recommended)) > 1:
        yield f"CH-S-03 {at}.suggestions: at most one recommended"
    for place, suggestion in enumerate(suggestions):
        here = f"{at}.suggestions[{place}]"
        yield from _texts(suggestion, here, "CH-S-01", required=("label",), optional=("uuid",))
        for number, action in enumerate(suggestion.get("actions", [])):
            yield from _action_faults(action, f"{here}.actions[{number}]")


def _link_faults(link: dict[str, Any], at: str) -> Iterator[str]:
    yield from _texts(link, at, "CH-L-01", required=("label", "url", "type"), optional=("appContext",))
    if not URL.fullmatch(str(link.get("url"))):
        yield f"CH-L-01 {at}.url: absolute address"
    if link.get("type") not in ("absolute", "smart"):
        yield f"CH-L-01 {at}.type: absolute or smart"
    if "appContext" in link and link.get("type") != "smart":
        yield f"CH-L-02 {at}.appContext: smart links only"
    if not isinstance(link.get("autolaunchable", False), bool):
        yield f"CH-L-03 {at}.autolaunchable: a boolean"


def _action_faults(action: dict[str, Any], at: str) -> Iterator[str]:
    yield from _texts(action, at, "CH-S-05", required=("description",))
    if action.get("type") not in ("create", "update", "delete"):
        yield f"CH-S-05 {at}.type: create, update or delete"
    elif action["type"] == "delete":
        if "resource" in action or not RESOURCE_ID.fullmatch(str(action.get("resourceId"))):
            yield f"CH-S-07 {at}: delete has a resourceId Type/id and no resource"
    elif not isinstance(action.get("resource"), dict) or "resourceType" not in action["resource"]:
        yield f"CH-S-06 {at}.resource: a whole resource, as an object"


def _house_faults(card: dict[str, Any], at: str) -> Iterator[str]:
    if not UUID.fullmatch(str(card.get("uuid"))):
        yield f"CH-C-02 {at}.uuid: always, lower case"
    topic = card.get("source", {}).get("topic", {})
    if not re.fullmatch(r"[A-Za-z0-9]{1,100}", str(topic.get("code", ""))):
        yield f"CH-C-09 {at}.source.topic.code: always, letters and digits"
    if re.search(r"</?[a-zA-Z][^>]*>|!\[", card.get("detail", "")):
        yield f"CH-C-04 {at}.detail: no HTML, no images"
    if len(card.get("overrideReasons", [])) > 6:
        yield f"CH-C-30 {at}.overrideReasons: six at most"
    for place, link in enumerate(card.get("links", [])):
        if not SAFE_URL.fullmatch(str(link.get("url"))):
            yield f"CH-L-01 {at}.links[{place}].url: https"


def _texts(part: Any, at: str, item: str, *, required: tuple[str, ...] = (), optional: tuple[str, ...] = ()) -> Iterator[str]:
    if not isinstance(part, dict):
        yield f"{item} {at}: an object is required"
        return
    for name in (*required, *(name for name in optional if name in part)):
        if not isinstance(part.get(name), str) or not part[name].strip():
            yield f"{item} {at}.{name}: a text that is not empty"


def _object(part: dict[str, Any], at: str) -> Iterator[str]:
    if not isinstance(part.get("extension", {}), dict):
        yield f"CH-E-01 {at}.extension: an object"


def _empties(value: Any, at: str, *, allowed: frozenset[str] | set[str] = frozenset()) -> Iterator[str]:
    """Null and empty members; resources have rules of their own and are passed over."""
    if value is None or (isinstance(value, str | list | dict) and not value and at not in allowed):
        yield f"CH-G-02 {at}: null or empty"
    elif isinstance(value, dict):
        for name, part in value.items():
            if name != "resource":
                yield from _empties(part, f"{at}.{name}", allowed=allowed)
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield from _empties(part, f"{at}[{place}]")
