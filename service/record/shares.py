"""Shares of cells as texts write them: percentages, powers of ten, so many cells in a thousand or a million."""

from __future__ import annotations

import re
from decimal import Decimal

from service.logic.interval import Interval
from service.record.signs import plain

_COMPARATORS = {"≤": "<=", "≥": ">=", "=<": "<=", "</=": "<=", ">/=": ">="}
_UNCLEAR = ("=>", "~", "≈", "≅", "±", "\u223c")  # an arrow or a comparator, or about so much
SIGN = "|".join(("<=", ">=", *_COMPARATORS, *_UNCLEAR, "<", ">"))
"""What may stand before a number."""
# whitespace is read once, behind a comparator only, and each run of digits once, so that no text takes longer than it is long
_BELOW = r"(?<!\w)(?i:below|less\sthan|unter|kleiner(?:\sals)?|menor\s(?:de|que)|inferior\sa)\s"
_AT_LEAST = r"(?<!\w)(?i:at\sleast|mindestens|al\smenos|por\slo\smenos)\s"
# `no more than` is another limit, and the words that are left of it then tell that something is not understood
_ABOVE = (
    r"(?<!\w)(?<!\bno\s)(?<!\bnot\s)(?<!\bnicht\s)"
    r"(?i:more\sthan|greater\sthan|over|above|[uü]ber|mehr\sals|gr[oö](?:ss|ß)er(?:\sals)?|m[aá]s\sdel?|mayor\s(?:del?|que)|superior\sal?)\s"
)
_COMPARING = tuple((re.compile(words), sign) for words, sign in ((_BELOW, "<"), (_AT_LEAST, ">="), (_ABOVE, ">")))
_LIMIT = rf"(?:({SIGN}|{_BELOW}|{_AT_LEAST}|{_ABOVE})\s*+)?"
# `.2` and the raised point of `0·15`, which is no product
_NUMBER = r"(0·\d++|\d{1,3}(?:[.,]\d++)?|\.\d++)"
# the 4 of 1E-4 % and of 10^-4 % is no share of its own, nor is the 10 of 2 x 10-3 %
_NOT_IN_A_POWER = r"(?<![\w.,^*~±])(?<![\w^)*][-−–])(?<![\w^)*] [-−–])(?<![x×·*]\s)"
_PERCENT = re.compile(rf"{_NOT_IN_A_POWER}{_LIMIT}{_NUMBER}\s*+(?:(?:-|–|to|bis)\s*+(\d{{1,3}}(?:[.,]\d++)?)\s*+)?([%‰])")
_ANY_POWER = re.compile(rf"{_LIMIT}(?<!\d)\d++(?:[.,]\d++)?\s*+(?:[x×·*]\s*+10)?\s*+(?:\^|\*\*|E|e)?\s*+[-−–]\s*+\d++")
_POWER = re.compile(
    rf"(?<![-−–\d.,]){_LIMIT}(?<!\d)"
    r"(?:(?:(?P<factor>\d++(?:[.,]\d++)?)\s*+[x×·*]\s*+)?10\s*+(?:\^|\*\*|E|e)?\s*+(?P<sign>[-−–])\s*+(?P<power>\d)(?!\d)"
    r"|(?P<mantissa>\d++(?:[.,]\d++)?)[eE](?P<esign>[-−–])(?P<epower>\d{1,2}))\s*+(?P<percent>%)?"
)
_GAP = r"[.,'\s]?"  # between the thousands of a denominator
# in front of a denominator a number with three decimals may be thousands or not, and is not read
_COUNT = re.compile(
    rf"(?<![\w.,/:^*-])(?<!\d\s){_LIMIT}(?P<number>0[.,]\d{{1,6}}|\d{{1,7}}(?:[.,]\d{{1,2}})?)(?![\d.,])"
    r"(?P<of_what>(?:\s(?!percent)[^\W\d_]{1,15}){0,3}?)\s?(?:[/:]|\b(?:per|in|of|pro|auf|por|de)\b(?:\scada\b)?)\s?"
    rf"(?:(?P<million>(?:one |1 |un |eine )?(?:million|millon|millionen)\b)"
    rf"|1(?P<zeros>0{{0,2}}{_GAP}000(?:{_GAP}000)?)(?!{_GAP}\d)|1(?:0\s?(?:\^|\*{{1,2}})\s?|0?e)(?P<power>[3-6])(?![\d.,]))",
    re.IGNORECASE,
)


def decimal_of(written: str) -> Decimal:
    """Return a number written with a decimal point, a raised one, or a comma."""
    return Decimal(written.replace(",", ".").replace("·", "."))


def signed(value: Decimal, sign: str | None) -> Interval | None:
    """Return the interval that a number in a text stands for, with the sign or the word before it; None beside an unclear one."""
    if sign in _UNCLEAR:
        return None
    if sign is not None and sign[0].isalpha():
        sign = next(found for words, found in _COMPARING if words.match(sign))
    return Interval.compared(value, _COMPARATORS.get(sign or "", sign or ""))


def percent_in(text: str) -> Interval | None:
    """Return the one percentage in a text, a range included; None for none or several different ones."""
    found = {_interval(*match.groups()) for match in _PERCENT.finditer(text)}
    return found.pop() if len(found) == 1 else None


def _interval(comparator: str | None, written: str, upper: str | None, sign: str) -> Interval | None:
    tens = -1 if sign == "‰" else 0
    value = decimal_of(written).scaleb(tens)
    if upper is not None:
        return Interval(value, decimal_of(upper).scaleb(tens))
    return signed(value, comparator)


def without_percentages(text: str) -> str:
    """Return a text without its percentages."""
    return _PERCENT.sub(" ", text)


def power_in(text: str) -> tuple[Interval | None, bool]:
    """Return the one power of ten in a text, in percent, and whether there is any."""
    found = list(_POWER.finditer(plain(text)))
    return (signed(_of_power(found[0]), found[0][1]) if len(found) == 1 else None), bool(found)


def _of_power(match: re.Match[str]) -> Decimal:
    """Return a power of ten in percent; a percent sign behind it says that it is one already."""
    hundred = 0 if match["percent"] else 2
    if match["power"] is not None:
        return decimal_of(match["factor"] or "1").scaleb(hundred - int(match["power"]))
    return decimal_of(match["mantissa"]).scaleb(hundred - int(match["epower"]))


def count_in(text: str) -> tuple[Interval | None, bool]:
    """Return the one share in a text that is told as so many in a thousand or more, in percent, and whether there is any."""
    found = list(_COUNT.finditer(plain(text)))
    shares = {signed(decimal_of(match["number"]).scaleb(2 - _zeros(match)), match[1]) for match in found}
    return (shares.pop() if len(shares) == 1 else None), bool(found)


def _zeros(match: re.Match[str]) -> int:
    """Return how many zeros a denominator has."""
    if match["million"] is not None:
        return 6
    return int(match["power"]) if match["power"] is not None else match["zeros"].count("0")


def words_without_shares(text: str, counted: re.Pattern[str]) -> str:
    """Return the words of a text beside its percentages, powers of ten and counts, without the cells that are `counted`."""
    return _ANY_POWER.sub(" ", counted.sub(" ", _COUNT.sub(_of_what, without_percentages(text))))


def _of_what(match: re.Match[str]) -> str:
    """Return what is counted: `clonal cells` in `100 clonal cells per million`."""
    return f" {match['of_what']} "
