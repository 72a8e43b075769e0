"""The items of the conformance list that can be tried from outside, as `items.toml` tells them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cds_hooks.conformance.faults import Level

_FILE = Path(__file__).with_name("items.toml")


@dataclass(frozen=True, slots=True)
class Item:
    """One item. `from_answers`: it is not asked for, but held against every answer that came."""

    id: str
    level: Level
    what: str
    hint: str
    from_answers: bool = False


@cache
def items() -> Mapping[str, Item]:
    """Return the items by id, in the order of the table."""
    with _FILE.open("rb") as file:
        sheet = tomllib.load(file)
    return {name: Item(id=name, **{**row, "level": Level(row["level"])}) for name, row in sheet.items()}
