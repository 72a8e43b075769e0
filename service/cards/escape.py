"""Text from a record, made harmless: it can neither become markup nor break the line it stands in."""

from __future__ import annotations

import re

# Control and format characters: line ends, and signs that turn the direction of what follows.
_INVISIBLE = re.compile(r"[\x00-\x20\x7f-\xa0\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]+")
_MARKUP = re.compile(r"([\\`*_\[\]<>|~])")
# Renderers make links of these without being asked.
_ADDRESS = re.compile(r"(?i)(?<=[a-z])(:)(?=//)|(?<=www)(\.)|(@)|(&)(?=[a-z#])")
# At the start of a list item these begin a heading, another list or a quotation.
_BLOCK_START = re.compile(r"\A(?:([#+\-=])(?=[\s#+\-=]|\Z)|(\d{1,9})([.)])(?=\s|\Z))")

LONGEST_TEXT = 200

# What most of our evidence looks like: words, numbers and dates in which nothing above can match.
_PLAIN = "[A-Za-z0-9,;/%()+−≥≤–-]*+"
_HARMLESS = re.compile(rf"(?:[A-Za-z]|[0-9]++(?!\))){_PLAIN}(?:(?:\ (?=[A-Za-z0-9%(≥≤])|:(?!/)|(?<=[0-9])\.(?=[0-9])){_PLAIN})*+")


def one_line(text: str) -> str:
    """Return the text on one line, without invisible characters and without blanks at its ends."""
    if text.isprintable() and "  " not in text:  # so of all that is looked for there can be single blanks only
        return text.strip()
    return _INVISIBLE.sub(" ", text).strip()


def shorten(text: str, longest: int) -> str:
    """Return the text cut at a word boundary so that it has at most so many characters, with an ellipsis where it was cut."""
    if len(text) <= longest:
        return text
    head = text[: longest - 1]
    boundary = head.rfind(" ")
    return (head[:boundary] if boundary > 0 else head).rstrip(" ,;:–-(") + "…"


def escape(text: str) -> str:
    """Return the text of a record for markdown: every character that markdown or HTML reads stands for itself."""
    if len(text) <= LONGEST_TEXT and _HARMLESS.fullmatch(text):
        return text
    return _escaped(text)


def _escaped(text: str) -> str:
    line = shorten(one_line(text), LONGEST_TEXT)
    line = _MARKUP.sub(r"\\\1", line)
    line = _ADDRESS.sub(lambda found: "\\" + found[0], line)
    return _BLOCK_START.sub(lambda found: f"\\{found[1]}" if found[1] else f"{found[2]}\\{found[3]}", line)
