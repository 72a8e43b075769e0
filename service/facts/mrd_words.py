"""Shares of cells in the words of a residual disease: percentages, powers of ten, counts in a million, limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal

    from service.logic.interval import Interval
    from service.record.shares import Shares


def share_in(shares: Shares, words: str) -> Interval | None:
    """Return the one share in percent that words tell, as a percentage, as a power of ten or as so many in a million.

    None for none or several, and where one way of telling it contradicts another beside it.
    """
    percent = shares.percent_in(words)
    told = [share for share, any_told in (shares.power_in(words), shares.count_in(words)) if any_told]
    if percent is not None:
        told.append(percent)
    return told[0] if told and all(share == told[0] for share in told) else None


def counted_in(shares: Shares, words: str) -> Interval | None:
    """Return the one percentage that words tell, else the one share that is told as so many in a million."""
    percent = shares.percent_in(words)
    return percent if percent is not None else shares.count_in(words)[0]


def limit_in(shares: Shares, words: str) -> Decimal | None:
    """Return the limit that a negative result names, as in `negative (<0.01 %)` and `negative (<10^-4)`."""
    share = counted_in(shares, words) or shares.power_in(words)[0]
    return share.high if share is not None and share.low is None else None


def contradicts_negative(shares: Shares, words: str, below: Decimal) -> bool:
    """Return whether a negative result names a number that is not its limit: a share, or a power of ten not `below` one."""
    share = counted_in(shares, words)
    if share is not None:
        return bool(share.low)
    return any(
        power is None or (power.low is not None and (power.high is None or power.low >= below))
        for power in shares.powers_in(words)
    )
