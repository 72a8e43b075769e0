"""Values that are not used though they stand there: one beside the reason why there is none, one whose sense may be turned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from service.record.codes import coded
from service.record.tolerant import MODIFIERS, Json

if TYPE_CHECKING:
    from service.record.vocabulary import Terms

_JUDGEMENTS = frozenset({"dataAbsentReason", "interpretation", *MODIFIERS})


class Unused(NamedTuple):
    """Why a value is not used, as a problem tells it, and the element that says so."""

    severity: Literal["warning", "error"]
    code: str
    element: str
    said: str


_DENIED = Unused(
    "warning", "value-and-reason-why-none", "dataAbsentReason", "A value stands beside the reason why there is none; not used"
)
_TURNED = Unused(
    "error", "unreadable", "modifierExtension", "This may turn the sense of a part of the result, which is set aside"
)


def why_unused(holder: Json, path: str, terms: Terms) -> Unused | None:
    """Return why the value of a result or of a part of it is not used; None where it is.

    A whole result with a modifier extension is not read at all.
    """
    if path and holder.get(_TURNED.element):
        return _TURNED
    return _DENIED if _denies_its_value(holder, path, terms) else None


def without_its_value(holder: Json) -> Json:
    """Return a result or a part of it without its value and what is said of it."""
    return {key: said for key, said in holder.items() if not key.startswith("value") and key not in _JUDGEMENTS}


def _denies_its_value(holder: Json, path: str, terms: Terms) -> bool:
    """Return whether a value stands beside the coded reason why there is none."""
    if holder.get("dataAbsentReason") is None or not any(key.startswith("value") for key in holder):
        return False
    absent = coded(holder, "dataAbsentReason", terms, path)
    return bool(absent.codings) and "absent-as-text" not in absent.concepts
