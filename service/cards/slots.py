"""A text of the wording with places in it, taken apart once: filled by position, without names and without a look at the text."""

from __future__ import annotations

from string import Formatter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def slots(text: str, *names: str, **known: str) -> Callable[..., str]:
    """Return a function that fills the text with values for `names`, in their order; what is `known` already is filled in."""
    parts = []
    for literal, name, _, _ in Formatter().parse(text):
        parts.append(_literal(literal))
        if name is not None:
            parts.append(_literal(known[name]) if name in known else f"{{{names.index(name)}}}")
    return "".join(parts).format


def _literal(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
