"""The rules between members that the logical models and the text of the specification name by a key."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from cds_hooks.conformance.faults import Fault, Findings, Level
from cds_hooks.conformance.tables import Rule, tables

_SELECTION = re.compile(r"\w+/[\w.\-]+")
# Tuples: what a document holds may be a list, which no set can be asked for.
_ACTION_SELECTION: Final = ("all", "any", "at-most-one")
_OUTCOMES: Final = ("accepted", "overridden")
_LEVELS: Final = {"error": Level.SHALL, "warning": Level.SHOULD}

Object = Mapping[str, object]


def _parts(value: object) -> list[Object]:
    return [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []


def _cds_resp_1(card: Object) -> bool:
    recommended = [part for part in _parts(card.get("suggestions")) if part.get("isRecommended") is True]
    return card.get("selectionBehavior") != "at-most-one" or len(recommended) <= 1


def _cds_resp_2(action: Object) -> bool:
    return action.get("type") != "delete" or ("resourceId" in action and "resource" not in action)


INVARIANTS: Final[Mapping[str, Callable[[Object], bool]]] = {
    "cds-r-1": lambda request: "fhirAuthorization" not in request or "fhirServer" in request,
    "cds-r-2": lambda token: "patient/" not in str(token.get("scope", "")).lower() or "patient" in token,
    "ord-1": lambda found: bool(_SELECTION.fullmatch(str(found.get("value")))),
    "cds-resp-1": _cds_resp_1,
    "cds-resp-2": _cds_resp_2,
    "cds-resp-3": lambda link: link.get("type") == "smart" or "appContext" not in link,
    "cds-resp-4": lambda reason: bool(reason.get("display")),
    "cds-resp-5": lambda suggestion: all(action.get("description") for action in _parts(suggestion.get("actions"))),
    "cds-resp-6": lambda card: not card.get("suggestions") or "selectionBehavior" in card,
    "cds-resp-7": lambda suggestion: suggestion.get("actionSelectionBehavior", "all") in _ACTION_SELECTION,
    "cds-fb-1": lambda feedback: feedback.get("outcome") in _OUTCOMES,
    "cds-fb-2": lambda feedback: feedback.get("outcome") != "accepted" or bool(feedback.get("acceptedSuggestions")),
    "cds-fb-3": lambda reason: bool(reason.get("reason") or reason.get("userComment")),
}
"""What each rule of the file computes: whether it holds."""


def hold_to_rules(document: object, kind: str, findings: Findings) -> None:
    """Add the broken rules of a document of this kind."""
    for rule in tables().rules:
        if rule.document == kind and isinstance(document, dict):
            _hold_to(document, rule, findings)


def _hold_to(document: dict[str, object], rule: Rule, findings: Findings) -> None:
    for where, part in _at(document, rule.at.split(".") if rule.at else [], ""):
        if not INVARIANTS[rule.key](part):
            findings.add(Fault(rule.item, where or "the document", f"{rule.says} ({rule.key})", _LEVELS[rule.severity]))


def _at(value: object, way: list[str], where: str) -> Iterator[tuple[str, Object]]:
    """Return each object at a path, with its place; a text in a list stands as the object {"value": text}."""
    if isinstance(value, list):
        for place, part in enumerate(value):
            yield from _at(part, way, f"{where}[{place}]")
    elif not way:
        if isinstance(value, dict):
            yield where, value
        elif isinstance(value, str):
            yield where, {"value": value}
    elif isinstance(value, dict) and way[0] in value:
        yield from _at(value[way[0]], way[1:], f"{where}.{way[0]}" if where else way[0])
