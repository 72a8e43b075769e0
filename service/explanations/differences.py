"""Two assessments of one record compared, statement by statement."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Document = dict[str, Any]

_OF_THE_QUESTION = frozenset({"asOf", "knownBy", "knowledge"})
"""Members that repeat what was asked and of which knowledge: they differ because they must."""


@dataclass(frozen=True, slots=True)
class Change:
    """One statement that is not the same in both: `parts` are the members that differ; empty where one side lacks it all.

    `before` and `after` say in a word what it came to; "not there" where one side has no such statement.
    """

    kind: str
    name: str
    before: str
    after: str
    parts: tuple[str, ...] = ()


def changes_between(before: Document, after: Document) -> tuple[Change, ...]:
    """Return every statement that differs, in the order of the second document, then those that are gone."""
    earlier, later = dict(_statements(before)), dict(_statements(after))
    names = [*later, *(name for name in earlier if name not in later)]
    return tuple(_change(*name, earlier.get(name), later.get(name)) for name in names if earlier.get(name) != later.get(name))


def _statements(document: Document) -> Iterator[tuple[tuple[str, str], Mapping[str, Any]]]:
    """Yield each statement under its kind and name; what has no name of its own has a number behind it where it repeats."""
    for name, fact in document.get("facts", {}).items():
        yield ("fact", name), fact
    for system in document.get("riskGroups", ()):
        yield ("risk group", system["system"]), system
    for therapy in document.get("therapies", ()):
        yield ("therapy", f"{therapy['regulator']}/{therapy['product']}"), _without(therapy, "indications")
        for indication in therapy["indications"]:
            yield ("indication", indication["id"]), indication
    for trial in document.get("trials", ()):
        yield ("trial", trial["id"]), trial
    for need in document.get("needs", ()):
        yield ("need", need["fact"]), need
    yield from _numbered("problem", document.get("problems", ()), "code", "where")
    yield from _numbered("course", document.get("timeline", ()), "kind", "reference")
    known = {"facts", "riskGroups", "therapies", "trials", "needs", "problems", "timeline"} | _OF_THE_QUESTION
    for name, value in document.items():
        if name not in known:
            yield ("question", name), {"value": value}


def _numbered(kind: str, rows: Any, *members: str) -> Iterator[tuple[tuple[str, str], Mapping[str, Any]]]:  # noqa: ANN401 - JSON
    seen: Counter[str] = Counter()
    for row in rows:
        name = " ".join(str(row.get(member) or "") for member in members).strip()
        seen[name] += 1
        yield (kind, name if seen[name] == 1 else f"{name} ({seen[name]})"), row


def _change(kind: str, name: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> Change:
    parts = tuple(_differing(before, after, "")) if before is not None and after is not None else ()
    return Change(kind, name, _word(before), _word(after), parts)


def _differing(before: object, after: object, path: str) -> Iterator[str]:
    """Yield where two values differ, members of lists by their id where they have one."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in [*after, *(name for name in before if name not in after)]:
            if before.get(name) != after.get(name):
                yield from _differing(before.get(name), after.get(name), f"{path}.{name}" if path else name)
    elif (earlier := _by_id(before)) is not None and (later := _by_id(after)) is not None:
        yield from _differing(earlier, later, path)
    else:
        yield path


def _by_id(value: object) -> dict[str, Any] | None:
    """Return the members of a list by their ids; None where they have none, or one has that of another."""
    if not isinstance(value, list) or not all(isinstance(row, dict) and "id" in row for row in value):
        return None
    named = {str(row["id"]): row for row in value}
    return named if len(named) == len(value) else None


def _without(row: Mapping[str, Any], *members: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in members}


def _word(row: Mapping[str, Any] | None) -> str:
    """Return what a statement comes to."""
    if row is None:
        return "not there"
    if "fit" in row:
        recruitment = row.get("recruitment") or {}
        return f"{row['fit']}, {recruitment.get('status') or 'not seen'} (open: {recruitment.get('open')})"
    if "verdict" in row:
        return str(row["verdict"])
    if "value" in row:
        return " ".join(str(row[name]) for name in ("value", "unit") if name in row)
    if "state" in row:
        return " ".join(str(row[name]) for name in ("state", "gap", "group") if row.get(name))
    return str(row.get("gap") or row.get("date") or row.get("text") or "there")
