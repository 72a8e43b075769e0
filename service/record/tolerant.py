"""Looking into a decoded resource without trusting its shape: the wrong type raises, with the element path."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from service.logic.dates import PartialDate
from service.record.kinds import OLDER_NEGATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

Json = dict[str, object]

_SPACES = re.compile(r"\s{3,}")


class Unreadable(Exception):
    """An element does not have the shape that FHIR gives it; `path` names it."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


def text(holder: Json, key: str, path: str = "") -> str:
    """Return a string element; '' where it is missing. Long gaps in it are closed: they say nothing, and cost the reader."""
    value = holder.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Unreadable(path + key)
    return _SPACES.sub(_closed, value)


def _closed(gap: re.Match[str]) -> str:
    return "\n" if "\n" in gap[0] else " "


def mapping(holder: Json, key: str, path: str = "") -> Json:
    """Return an object element; an empty one where it is missing."""
    value = holder.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Unreadable(path + key)
    return value


def mappings(holder: Json, key: str, path: str = "") -> Iterator[tuple[int, Json]]:
    """Yield the objects of a list element with their positions; nothing where it is missing."""
    value = holder.get(key)
    if value is None:
        return
    if not isinstance(value, list):
        raise Unreadable(path + key)
    for position, item in enumerate(value):
        if not isinstance(item, dict):
            raise Unreadable(f"{path}{key}[{position}]")
        yield position, item


def day(holder: Json, key: str, path: str = "") -> PartialDate | None:
    """Return a date, dateTime or instant element; None where it is missing."""
    written = text(holder, key, path)
    if not written:
        return None
    parsed = PartialDate.parse(written)
    if parsed is None:
        raise Unreadable(path + key)
    return parsed


_DAYS_OF_BROKEN = (
    *("effectiveDateTime", "effectiveInstant", "recordedDate", "onsetDateTime"),
    *("performedDateTime", "authoredOn", "whenHandedOver"),
)


def day_of_broken(resource: Json) -> PartialDate | None:
    """Return the day of something that is broken elsewhere; None where it has none, or none that can be read."""
    written = next((value for key in _DAYS_OF_BROKEN if (value := resource.get(key)) is not None), None)
    return PartialDate.parse(written) if isinstance(written, str) else None


def period(holder: Json, key: str, path: str = "") -> tuple[PartialDate | None, PartialDate | None]:
    """Return start and end of a Period element; an end before its start is unreadable."""
    if key not in holder:
        return None, None
    value = mapping(holder, key, path)
    start, end = day(value, "start", f"{path}{key}."), day(value, "end", f"{path}{key}.")
    if start is not None and end is not None and end.high < start.low:
        raise Unreadable(path + key)
    return start, end


def note_texts(holder: Json) -> Iterator[str]:
    """Yield the texts of `note`."""
    return (text(item, "text", f"note[{position}].") for position, item in mappings(holder, "note"))


def notes(holder: Json) -> str:
    """Return the texts of `note`, joined."""
    return " ".join(note_texts(holder))


MISTAKEN = "entered-in-error"
MODIFIERS = ("modifierExtension", "implicitRules")
"""What may turn the sense of a resource, or of a part of it, and is not understood: none of these is on file."""


def refuse_modified(resource: Json, path: str = "") -> None:
    """Return nothing where a resource says no more than its R4 elements do.

    Raises: Unreadable where something may turn its sense: a modifier extension, rules of its own, or an element by which an older
    FHIR says that it was not done.
    """
    for key in MODIFIERS:
        if resource.get(key):
            raise Unreadable(path + key)
    if not OLDER_NEGATIONS.isdisjoint(resource):
        raise Unreadable(min(OLDER_NEGATIONS.intersection(resource)))
