"""Rules of cards and of announced services that no logical model has: of the text, and of what clients are known to accept."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cds_hooks.conformance.faults import Fault, Findings, Level

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TOPIC = re.compile(r"[A-Za-z0-9]{1,100}")
_MARKUP = re.compile(r"(?<!\\)</?[a-zA-Z][^>]*>|!\[")
_LINK_IN_TEXT = re.compile(r"\]\(|\]\[")
_SAFE_URL = re.compile(r"https://[^\s/]+(?:/\S*)?|http://(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?(?:/\S*)?")
_VERSION = re.compile(r"2\.0\.\d+|3\.0\.0")
_SERVICE_ID = re.compile(r"[a-z0-9\-]+")
_MOST_REASONS = 6


def hold_response(document: object, findings: Findings) -> None:
    """Add what is wrong with cards and actions beyond their members."""
    if not isinstance(document, dict):
        return
    cards = _objects(document.get("cards"))
    for place, card in cards:
        at = f"cards[{place}]"
        if "selectionBehavior" in card and not card.get("suggestions"):
            findings.add(Fault("CH-C-11", f"{at}.selectionBehavior", "only where there are suggestions"))
        for number, suggestion in _objects(card.get("suggestions")):
            _actions(suggestion.get("actions"), f"{at}.suggestions[{number}].actions", findings)
        for fault in _further_faults(card, at):
            findings.add(fault)
    _actions(document.get("systemActions"), "systemActions", findings)
    if cards:
        findings.examined |= {"CH-C-02", "CH-C-05", "CH-C-09", "CH-C-30"}
        uuids = [card["uuid"] for _, card in cards if isinstance(card.get("uuid"), str)]
        if len(set(uuids)) < len(uuids):
            findings.add(Fault("CH-C-02", "cards.uuid", "used twice", Level.US))


def hold_services(document: object, findings: Findings) -> None:
    """Add what is wrong with announced services beyond their members."""
    seen: list[tuple[object, object]] = []
    for place, service in _objects(document.get("services") if isinstance(document, dict) else None):
        at = f"services[{place}]"
        findings.examined |= {"CH-D-04", "CH-D-09", "CH-D-10"}
        key = (service.get("id"), service.get("hook"))
        if key in seen:
            findings.add(Fault("CH-D-09", at, "id and hook announced twice"))
        seen.append(key)
        if "title" not in service:
            findings.add(Fault("CH-D-04", f"{at}.title", "recommended", Level.SHOULD))
        if isinstance(service.get("version"), str) and not _VERSION.fullmatch(str(service["version"])):
            findings.add(Fault("CH-D-07", f"{at}.version", "the version of the specification: 2.0.x or 3.0.0", Level.US))
        if isinstance(service.get("id"), str) and not _SERVICE_ID.fullmatch(str(service["id"])):
            findings.add(Fault("CH-D-10", f"{at}.id", "small letters, digits and hyphens: it is typed by hand", Level.US))


def _objects(value: object) -> list[tuple[int, dict[str, object]]]:
    return [(place, part) for place, part in enumerate(value) if isinstance(part, dict)] if isinstance(value, list) else []


def _actions(value: object, at: str, findings: Findings) -> None:
    for place, action in _objects(value):
        where = f"{at}[{place}]"
        if action.get("type") not in ("create", "update"):
            continue
        findings.examined.add("CH-G-05")
        if "resource" not in action:
            findings.add(Fault("CH-S-06", f"{where}.resource", "the whole resource is required"))
        elif isinstance(action["resource"], str):
            findings.add(Fault("CH-G-05", f"{where}.resource", "a resource is an object, not a text"))


def _further_faults(card: dict[str, object], at: str) -> Iterator[Fault]:
    if "uuid" not in card:
        yield Fault("CH-C-02", f"{at}.uuid", "without it no feedback is possible", Level.US)
    elif isinstance(card["uuid"], str) and card["uuid"] and not _UUID.fullmatch(card["uuid"]):
        yield Fault("CH-C-02", f"{at}.uuid", "a UUID in small letters, without urn:uuid:", Level.US)
    source = card.get("source")
    topic = source.get("topic") if isinstance(source, dict) else None
    code = topic.get("code") if isinstance(topic, dict) else None
    if isinstance(source, dict) and topic is None:
        yield Fault("CH-C-09", f"{at}.source.topic", "some clients demand one", Level.US)
    elif isinstance(code, str) and code and not _TOPIC.fullmatch(code):
        yield Fault("CH-C-09", f"{at}.source.topic.code", "letters and digits, 100 at most: what every client takes", Level.US)
    detail = card.get("detail")
    if isinstance(detail, str) and _MARKUP.search(detail):
        yield Fault("CH-C-04", f"{at}.detail", "HTML or an image", Level.US)
    if isinstance(detail, str) and _LINK_IN_TEXT.search(detail) and not card.get("links"):
        yield Fault("CH-C-05", f"{at}.links", "links of the text are repeated here", Level.SHOULD)
    reasons = card.get("overrideReasons")
    if isinstance(reasons, list) and len(reasons) > _MOST_REASONS:
        yield Fault("CH-C-30", f"{at}.overrideReasons", "six at most", Level.US)
    for place, link in _objects(card.get("links")):
        url = link.get("url")
        if isinstance(url, str) and "://" in url and not _SAFE_URL.fullmatch(url):
            yield Fault("CH-L-01", f"{at}.links[{place}].url", "https", Level.US)
