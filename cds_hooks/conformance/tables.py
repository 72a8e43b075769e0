"""What documents may hold, as `documents.toml` says it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("documents.toml")


@dataclass(frozen=True, slots=True)
class Element:
    """One member of a document. The names of the fields are those of the file."""

    path: str
    min: int
    max: str
    type: str
    item: str
    needed: bool = False
    outside: bool = False
    keyed: bool = False
    may_be_empty: bool = False
    may_be_null: bool = False
    relative: bool = False
    longest: int = 0
    codes: str = ""
    like: str = ""
    model: str = ""

    @property
    def name(self) -> str:
        """The member's own name."""
        return self.path.rpartition(".")[2]

    @property
    def required(self) -> bool:
        """Whether it must be there."""
        return self.min > 0 or self.needed


@dataclass(frozen=True, slots=True)
class Rule:
    """An invariant as the file tells it; what it computes stands in the code under the same key."""

    key: str
    document: str
    at: str
    severity: str
    item: str
    says: str
    outside: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One kind of document: its elements by the path of what they stand in."""

    model: str
    elements: tuple[Element, ...]
    below: Mapping[str, tuple[Element, ...]]


@dataclass(frozen=True, slots=True)
class Tables:
    """All kinds of documents, contexts by their hook; lists of codes; rules between members."""

    documents: Mapping[str, Table]
    codes: Mapping[str, tuple[str, ...]]
    value_sets: Mapping[str, str]
    rules: tuple[Rule, ...]


@cache
def tables() -> Tables:
    """Return what the file says; it is read once."""
    with _FILE.open("rb") as file:
        sheet = tomllib.load(file)
    documents = {name: sheet[name] for name in ("response", "services", "request", "feedback")} | sheet["contexts"]
    return Tables(
        documents={name: _table(part) for name, part in documents.items()},
        codes={name: tuple(part["codes"]) for name, part in sheet["codes"].items()},
        value_sets={name: part["value_set"] for name, part in sheet["codes"].items()},
        rules=tuple(Rule(key=key, **part) for key, part in sheet["invariants"].items()),
    )


def _table(part: dict[str, Any]) -> Table:
    elements = tuple(Element(path=path, **row) for path, row in part["elements"].items())
    parents = {element.path.rpartition(".")[0] for element in elements}
    below = {
        parent: tuple(element for element in elements if element.path.rpartition(".")[0] == parent) for parent in sorted(parents)
    }
    return Table(part.get("model", ""), elements, below)
