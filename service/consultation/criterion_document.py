"""One criterion of a label or a trial as JSON-ready values."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from service.decisions.verdicts import CriterionResult

    Json = dict[str, object]


def criterion_document(result: CriterionResult, **more: object) -> Json:
    """Return the criterion with its truth and what it rests on; `more` are values that only one of both kinds has."""
    shown: Json = {
        "id": result.id,
        "text": result.text,
        "kind": result.kind,
        "truth": result.truth.word,
        "facts": list(result.facts),
        "evidence": list(result.evidence),
        "needs": list(result.needs),
        **more,
    }
    if result.flags:
        shown["flags"] = list(result.flags)
    if result.note:
        shown["note"] = result.note
    if result.reasons:
        shown["undecided"] = list(result.reasons)
    return shown
