"""Shares of cells in the words of a residual disease: percentages, powers of ten, limits."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from service.record.phrases import percent_in, signed

if TYPE_CHECKING:
    from service.logic.interval import Interval

_POWER = re.compile(
    r"(?<![-−–\d.,])(?P<limit><=|>=|<|>|≤|≥)?\s*+(?:(?:(?P<factor>\d+(?:[.,]\d+)?)\s*+[x×·*]\s*+)?10\s*+(?:\^|\*\*|E|e)?\s*+(?P<sign>[-−–])\s*+(?P<power>\d)(?!\d)"
    r"|(?P<mantissa>\d+(?:[.,]\d+)?)[eE](?P<esign>[-−–])(?P<epower>\d{1,2}))\s*+(?P<percent>%)?"
)


def share_in(words: str) -> Interval | None:
    """Return the one share in percent that words tell, as a percentage or as a power of ten.

    None for none or several, and where a percentage contradicts the power of ten beside it.
    """
    percent = percent_in(words)
    if not _POWER.search(words):
        return percent
    power = _power_in(words)
    return power if percent is None or percent == power else None


def limit_in(words: str) -> Decimal | None:
    """Return the limit that a negative result names, as in `negative (<0.01 %)`."""
    percent = percent_in(words)
    if percent is not None and percent.low is None:
        return percent.high
    return None


def _power_in(words: str) -> Interval | None:
    found = list(_POWER.finditer(words))
    if len(found) != 1:
        return None
    return signed(_value(found[0]), found[0]["limit"])


def _value(match: re.Match[str]) -> Decimal:
    """Return a power of ten in percent; a percent sign behind it says that it is one already."""
    hundred = 0 if match["percent"] else 2
    if match["power"] is not None:
        factor = Decimal((match["factor"] or "1").replace(",", "."))
        return factor.scaleb(hundred - int(match["power"]))
    return Decimal(match["mantissa"].replace(",", ".")).scaleb(hundred - int(match["epower"]))
