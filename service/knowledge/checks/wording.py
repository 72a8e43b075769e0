"""Sentences shown to clinicians: information, never an order; text, never markup; short where space is short."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from service.errors import Fault
from service.knowledge.schema import (
    Ask,
    Caution,
    Criterion,
    Definition,
    Dosing,
    Indication,
    OpenQuestion,
    RiskAllocation,
    RiskOverlay,
    RiskSystem,
    RiskVersion,
    Study,
    Suggestion,
    Therapy,
    UndecidedTest,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.knowledge.library import Library

# Row → its shown texts, each with the most characters it may have. A summary line of a card holds below 140 characters
# and composes a name or title with a verdict; a label is one button.
_SENTENCE, _PARAGRAPH, _NAME, _LABEL = 300, 1500, 60, 100
_SHOWN: dict[type, dict[str, int]] = {
    Therapy: {"name": _NAME, "brand": _NAME, "short": 10},
    Indication: {"says": _SENTENCE},
    Criterion: {"text": _SENTENCE, "note": _PARAGRAPH},
    Caution: {"text": _PARAGRAPH},
    Dosing: {"text": _PARAGRAPH},
    Suggestion: {"label": _LABEL, "text": _SENTENCE},
    Definition: {"says": _SENTENCE},
    UndecidedTest: {"undecided": _SENTENCE},
    Study: {"name": _LABEL, "line": _PARAGRAPH},
    OpenQuestion: {"question": _SENTENCE, "line": _PARAGRAPH},
    Ask: {"ask": _SENTENCE},
    RiskSystem: {"title": _LABEL},
    RiskVersion: {"not_applicable": _SENTENCE},
    RiskOverlay: {"question": _SENTENCE},
    RiskAllocation: {"says": _SENTENCE},
}
_ORDERS = re.compile(
    r"\b(?:give|administer|prescribe"
    r"|(?:should|must) (?:receive|be treated|be given)"
    r"|treat (?:with|the patient))\b",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"</?[A-Za-z][^<>]*>|<!--")


def check(library: Library) -> Iterator[Fault]:
    """Yield shown texts that give orders, hold HTML, or are too long for their place."""
    for place in library.places:
        for key, longest in _SHOWN.get(type(place.row), {}).items():
            text = getattr(place.row, key)
            if text:
                yield from _text(f"{place.where} / {key}", text, longest)
        if isinstance(place.row, RiskSystem):
            for group, question in place.row.questions.items():
                yield from _text(f"{place.where} / questions / {group}", question, _SENTENCE)


def _text(where: str, text: str, longest: int) -> Iterator[Fault]:
    if match := _ORDERS.search(text):
        yield Fault(where, f"tells a clinician what to do: `{match[0]}`", "say what is approved or was reported")
    if match := _MARKUP.search(text):
        yield Fault(where, f"holds HTML: `{match[0]}`", "plain text or Markdown without tags")
    if len(text) > longest:
        yield Fault(where, f"has {len(text)} characters, at most {longest} fit")
