"""Amounts that stand in a string: one number with its unit and nothing else, its thousands and decimals told apart."""

from __future__ import annotations

import re
from decimal import Decimal

from service.logic.units import known_unit, to_unit
from service.record.record import Amount
from service.record.shares import SIGN, signed

_LONGEST = 60  # characters of an amount with its unit
_GROUP = "[ '’\u00a0\u2009\u202f]"  # parts thousands and nothing else
_AMOUNT = re.compile(
    rf"\s*+(?:({SIGN})\s*+)?(\d{{1,3}}(?:{_GROUP}\d{{3}}(?!\d))+(?:[.,]\d++)?|\d(?:[\d.,]*\d)?)(?![\d.,])\s*+(\S.*)?", re.DOTALL
)
_GROUPS, _SEPARATORS = re.compile(_GROUP), re.compile("[.,]")
_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:([.,])\d{3})(?:\1\d{3})*")
_ONE = Decimal(1)


def written_amount(text: str) -> tuple[Amount | None, bool]:
    """Return the amount that a string is, and whether there is none because it may be thousands or decimals.

    A number without a unit is an amount without one.
    """
    match = _AMOUNT.fullmatch(text) if text[:_LONGEST] == text else None
    if match is None:
        return None, False
    sign, number, unit = match[1], match[2], (match[3] or "").rstrip()
    if unit and not known_unit(unit):
        return None, False
    decimal, thousands = _read(number)
    value = decimal if thousands is None else thousands if decimal is None else _told_apart(decimal, thousands, unit)
    if value is None:
        return None, thousands is not None
    interval = signed(value, sign)
    return (None if interval is None else Amount(interval, unit)), False


def _read(number: str) -> tuple[Decimal | None, Decimal | None]:
    """Return a number as one whose only separator parts its decimals, and as one in which separators part its thousands."""
    grouped = _GROUPS.search(number) is not None
    last = max(number.rfind("."), number.rfind(","))
    if grouped or last < 0:
        return Decimal(_GROUPS.sub("", number).replace(",", ".")), None
    whole, decimals = number[:last], number[last + 1 :]
    thousands = Decimal(_SEPARATORS.sub("", number)) if _THOUSANDS.fullmatch(number) else None
    if not _SEPARATORS.search(whole):
        return Decimal(f"{whole}.{decimals}"), thousands
    if number[last] not in whole and _THOUSANDS.fullmatch(whole):
        return Decimal(f"{_SEPARATORS.sub('', whole)}.{decimals}"), None
    return None, thousands


def _told_apart(decimal: Decimal, thousands: Decimal, unit: str) -> Decimal | None:
    """Return which of two readings is meant: cells in the volume in which they are counted are whole, a share is at most one."""
    of_volume, share = to_unit(_ONE, unit, "/uL"), to_unit(thousands, unit, "1")
    if of_volume is not None and of_volume <= _ONE:
        return thousands
    return decimal if share is not None and share > _ONE else None
