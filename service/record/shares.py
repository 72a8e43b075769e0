"""Shares of cells as texts write them: percentages, powers of ten, so many cells in a thousand or a million."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from service.logic.interval import Interval
from service.record.signs import plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_COMPARATORS = {"≤": "<=", "≥": ">=", "=<": "<=", "</=": "<=", ">/=": ">="}
_UNCLEAR = ("=>", "~", "≈", "≅", "±", "\u223c")  # an arrow or a comparator, or about so much
SIGN = "|".join(("<=", ">=", *_COMPARATORS, *_UNCLEAR, "<", ">"))
"""What may stand before a number."""
# `.2` and the raised point of `0·15`, which is no product
_NUMBER = r"(0·\d++|\d{1,3}(?:[.,]\d++)?|\.\d++)"
# the 4 of 1E-4 % and of 10^-4 % is no share of its own, nor is the 10 of 2 x 10-3 %
_NOT_IN_A_POWER = r"(?<![\w.,^*~±])(?<![\w^)*][-−–])(?<![\w^)*] [-−–])(?<![x×·*]\s)"
_PARTS = ("range_to", "one_in", "each", "percent", "one", "million")
_GAP = r"[.,'\s]?"  # between the thousands of a denominator


def decimal_of(written: str) -> Decimal:
    """Return a number written with a decimal point, a raised one, or a comma."""
    return Decimal(written.replace(",", ".").replace("·", "."))


def signed(value: Decimal, sign: str | None) -> Interval | None:
    """Return the interval that a number in a text stands for, with the sign before it; None beside an unclear one."""
    return None if sign in _UNCLEAR else Interval.compared(value, _COMPARATORS.get(sign or "", sign or ""))


class Shares:
    """The shares that texts tell, with the words of `language.yaml` that set a limit."""

    def __init__(self, words: Mapping[str, Sequence[str]]) -> None:
        """Compile the words once; matching never changes them."""
        below, at_least, above = (_before_a_number(words[name]) for name in ("below", "at_least", "above"))
        # `no more than` is another limit, and the words that are left of it then tell that something is not understood
        above = "".join(rf"(?<!\b{re.escape(word)}\s)" for word in words["not_above"]) + above
        self._comparing = tuple((re.compile(words), sign) for words, sign in ((below, "<"), (at_least, ">="), (above, ">")))
        limit = rf"(?:({SIGN}|{below}|{at_least}|{above})\s*+)?"
        to, per, each, percent, one, million = (_either(words[part]) for part in _PARTS)
        self._percent = re.compile(
            rf"{_NOT_IN_A_POWER}{limit}{_NUMBER}\s*+(?:(?:-|–|{to})\s*+(\d{{1,3}}(?:[.,]\d++)?)\s*+)?([%‰])"
        )
        self.written = rf"{_NOT_IN_A_POWER}(?:(?:{SIGN}|{below}|{at_least}|{above})\s*+)?\d{{1,3}}(?:[.,]\d++)?\s*+%"  # a pattern
        self._any_power = re.compile(
            rf"{limit}(?<!\d)\d++(?:[.,]\d++)?\s*+(?:[x×·*]\s*+10)?\s*+(?:\^|\*\*|E|e)?\s*+[-−–]\s*+\d++"
        )
        self._power = re.compile(
            rf"(?<![-−–\d.,]){limit}(?<!\d)"
            r"(?:(?:(?P<factor>\d++(?:[.,]\d++)?)\s*+[x×·*]\s*+)?10\s*+(?:\^|\*\*|E|e)?\s*+(?P<sign>[-−–])\s*+(?P<power>\d)(?!\d)"
            r"|(?P<mantissa>\d++(?:[.,]\d++)?)[eE](?P<esign>[-−–])(?P<epower>\d{1,2}))\s*+(?P<percent>%)?"
        )
        # in front of a denominator a number with three decimals may be thousands or not, and is not read
        self._count = re.compile(
            rf"(?<![\w.,/:^*-])(?<!\d\s){limit}(?P<number>0[.,]\d{{1,6}}|\d{{1,7}}(?:[.,]\d{{1,2}})?)(?![\d.,])"
            rf"(?P<of_what>(?:\s(?!{percent})[^\W\d_]{{1,15}}){{0,3}}?)\s?(?:[/:]|\b{per}\b(?:\s{each}\b)?)\s?"
            rf"(?:(?P<million>(?:{one}\s)?{million}\b)"
            rf"|1(?P<zeros>0{{0,2}}{_GAP}000(?:{_GAP}000)?)(?!{_GAP}\d)|1(?:0\s?(?:\^|\*{{1,2}})\s?|0?e)(?P<power>[3-6])(?![\d.,]))",
            re.IGNORECASE,
        )

    def _signed(self, value: Decimal, sign: str | None) -> Interval | None:
        """Return the interval that a number stands for, with the sign or the word before it; None beside an unclear one."""
        if sign is not None and sign[0].isalpha():
            sign = next(found for words, found in self._comparing if words.match(sign))
        return signed(value, sign)

    def percent_in(self, text: str) -> Interval | None:
        """Return the one percentage in a text, a range included; None for none or several different ones."""
        found = {self._interval(*match.groups()) for match in self._percent.finditer(text)}
        return found.pop() if len(found) == 1 else None

    def _interval(self, comparator: str | None, written: str, upper: str | None, sign: str) -> Interval | None:
        tens = -1 if sign == "‰" else 0
        value = decimal_of(written).scaleb(tens)
        if upper is not None:
            end = decimal_of(upper).scaleb(tens)
            return Interval(value, end) if value <= end else None  # `0.1 to 0.01 %` is a change
        return self._signed(value, comparator)

    def without_percentages(self, text: str) -> str:
        """Return a text without its percentages."""
        return self._percent.sub(" ", text)

    def power_in(self, text: str) -> tuple[Interval | None, bool]:
        """Return the one power of ten in a text, in percent, and whether there is any."""
        found = self.powers_in(text)
        return (found[0] if len(found) == 1 else None), bool(found)

    def powers_in(self, text: str) -> list[Interval | None]:
        """Return all powers of ten in a text, in percent; None for one beside an unclear sign."""
        return [self._signed(_of_power(match), match[1]) for match in self._power.finditer(plain(text))]

    def count_in(self, text: str) -> tuple[Interval | None, bool]:
        """Return the one share in a text that is told as so many in a thousand or more, in percent, and whether there is any."""
        found = list(self._count.finditer(plain(text)))
        shares = {self._signed(decimal_of(match["number"]).scaleb(2 - _zeros(match)), match[1]) for match in found}
        return (shares.pop() if len(shares) == 1 else None), bool(found)

    def words_without(self, text: str, counted: re.Pattern[str]) -> str:
        """Return the words of a text beside its percentages, powers of ten and counts, without the cells that are `counted`."""
        return self._any_power.sub(" ", counted.sub(" ", self._count.sub(_of_what, self.without_percentages(text))))


def _before_a_number(words: Sequence[str]) -> str:
    """Return the pattern of words in front of a number, with their accents or without.

    Whitespace is read once, behind a comparator only, and each run of digits once, so that no text takes longer than it is long.
    """
    return rf"(?<!\w){_either(words)}\s"


def _either(words: Sequence[str]) -> str:
    """Return the pattern of one of these words in any case of letters, the longest first."""
    written = sorted({*words, *map(plain, words)}, key=lambda word: (-len(word), word))
    return "(?i:" + "|".join(re.escape(word).replace(r"\ ", r"\s") for word in written) + ")"


def _of_power(match: re.Match[str]) -> Decimal:
    """Return a power of ten in percent; a percent sign behind it says that it is one already."""
    hundred = 0 if match["percent"] else 2
    if match["power"] is not None:
        return decimal_of(match["factor"] or "1").scaleb(hundred - int(match["power"]))
    return decimal_of(match["mantissa"]).scaleb(hundred - int(match["epower"]))


def _zeros(match: re.Match[str]) -> int:
    """Return how many zeros a denominator has."""
    if match["million"] is not None:
        return 6
    return int(match["power"]) if match["power"] is not None else match["zeros"].count("0")


def _of_what(match: re.Match[str]) -> str:
    """Return what is counted: `clonal cells` in `100 clonal cells per million`."""
    return f" {match['of_what']} "
