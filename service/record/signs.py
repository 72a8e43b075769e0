"""The plus or minus that stands beside the name of a marker, in all the dashes that are printed for a minus."""

from __future__ import annotations

import re
import unicodedata

_DASH = "-–"  # an en dash is printed for a minus; between two words it is none
_SIGN = re.compile(
    rf"\s?(\(\+{{1,3}}\)|\+{{1,3}}(?:ve\b)?(?!/?[{_DASH}±])|\([{_DASH}]\)|[{_DASH}](?:ve\b|(?![A-Za-z0-9])(?!/\+)))"
)
_TORN = re.compile(rf"\s?\(?(?:\+/?[{_DASH}]|[{_DASH}]/?\+|±)")
_OR_NOT = re.compile(rf"[^\W\d_]\s?/\s?\(?[{_DASH}](?!\w)")
_RAISED = re.compile("⁻[⁰¹²³⁴-⁹]+")
_DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_TYPED = str.maketrans("−‐‑⁻⁺⋅∙", "----+··")  # noqa: RUF001 - each is one key of a keyboard; these hyphens never part words


def plain(text: str) -> str:
    """Return the text without accents, with the minus and the plus of a keyboard and no raised powers, as long as it was."""
    if text.isascii():
        return text
    if "⁻" in text:
        text = _RAISED.sub(lambda power: power[0].translate(_DIGITS), text)
    return "".join(unicodedata.normalize("NFD", sign)[0] for sign in text.translate(_TYPED))


def nothing_said(joined: str) -> re.Pattern[str]:
    """Return the pattern of where nothing is said; `joined`: of a word that joins two clauses."""
    return re.compile(rf"\s*+(?:\Z|[,;.)/|\n]|{joined}|[cs]?CD\d+\w*\s[{_DASH}+])")


def sign_beside(after: str, nothing: re.Pattern[str]) -> re.Match[str] | None:
    """Return the sign directly behind a marker; None also for a dash that parts the marker from what is said of it.

    A dash with a space before it is a sign only where `nothing` is said behind it: `CD22 -` is one, `CD22 - positive` has none.
    """
    sign = _SIGN.match(after)
    if sign is None or sign[1] not in _DASH or sign.start(1) == 0:
        return sign
    return sign if nothing.match(after, sign.end()) else None


def is_perhaps_not(text: str) -> bool:
    """Return whether a minus stands behind a word and a stroke, as in `dim/-`."""
    return "/" in text and _OR_NOT.search(text) is not None


def is_torn(after: str) -> bool:
    """Return whether a sign behind a marker says both, as `+/-` does."""
    return _TORN.match(after) is not None
