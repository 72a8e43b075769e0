"""Texts of a record or a knowledge file on a page: on one line, not too long, never an address that does something else."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from service.cards.escape import one_line, shorten

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LONGEST = 300
_ADDRESS = re.compile(r"https?://[^\s\"'<>\\^`{|}\x00-\x1f\x7f]+", re.IGNORECASE)
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9_-]+")
_LONGEST_NAME = 80


def shown(value: object, longest: int = LONGEST) -> tuple[str, bool]:
    """Return a text on one line without invisible characters, and whether it had to be cut."""
    text = str(value)
    if len(text) <= longest and text.isprintable() and text == text.strip():
        return text, False  # nearly all of them: nothing in it is invisible
    # Far too long is cut before it is looked at: a megabyte costs nothing then.
    line = one_line(text[: longest * 4])
    cut = len(line) > longest or len(text) > longest * 4
    return (shorten(line, longest) if len(line) > longest else f"{line}…" if cut else line), cut


def web_address(text: object) -> str:
    """Return an http or https address as it is; empty for everything else, `javascript:` included."""
    return text if isinstance(text, str) and _ADDRESS.fullmatch(text) else ""


def anchor(kind: str, name: object) -> str:
    """Return a name for a place on the page: letters, digits, hyphens."""
    cleaned = _NOT_IN_A_NAME.sub("-", str(name)[:_LONGEST_NAME]).strip("-")
    # Two names that look alike once cleaned stay two places.
    digest = "" if cleaned == str(name) else f"-{hashlib.sha256(str(name).encode(errors='surrogatepass')).hexdigest()[:8]}"
    return f"{kind}-{cleaned}{digest}"


def texts(value: object) -> tuple[str, ...]:
    """Return a list of the document as texts; nothing where it is none."""
    return tuple(map(str, value)) if isinstance(value, list | tuple) else ()


def rows(value: object) -> Sequence[Mapping[str, object]]:
    """Return a list of objects of the document; nothing where it is none."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list | tuple) else []


def part(value: object) -> Mapping[str, object]:
    """Return an object of the document; an empty one where it is none."""
    return value if isinstance(value, dict) else {}


def text(value: object) -> str:
    """Return a text of the document; empty for null."""
    return "" if value is None else str(value)
