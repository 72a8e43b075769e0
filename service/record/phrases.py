"""What free text says of a marker: explicit patterns only, negation included; in doubt it says nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from service.logic.interval import Interval

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Answer = Literal["positive", "negative", "dim", "indeterminate"]

_PERCENT = re.compile(r"(<=|>=|<|>|≤|≥)?\s*(\d{1,3}(?:[.,]\d+)?)\s*(?:(?:-|–|to|bis)\s*(\d{1,3}(?:[.,]\d+)?)\s*)?%")
_CLAUSE_END = re.compile(r"[;|\n]|[.,](?!\d)|\b(?:and|und|y)\b|(?=\b[cs]?CD\d)")
_SENTENCE_START = re.compile(r"[;|\n]|\.(?!\d)|:\s")
# possessive: a list of markers is read once, without trying every way to divide it
_LIST = re.compile(
    r"(?>[\s,/&()]+|(?:and|und|y|or|oder|also|the|surface)\b|HLA-?DR|c?s?(?:CD|cyCD)\d+\w*[+-]?|[A-Za-z]{1,4}[A-Z]\w{0,5})*+\Z"
)
_SIGN = re.compile(r"\s?(\(\+{1,3}\)|\+{1,3}|\(-\)|-(?![A-Za-z0-9]))")
_COMPARATORS = {"≤": "<=", "≥": ">="}


@dataclass(frozen=True, slots=True)
class Finding:
    """What a text says of one marker: an answer, a percentage, or both; `contradictory` where it says two things."""

    answer: Answer | None
    percent: Interval | None
    contradictory: bool = False
    cytoplasmic: bool = False


def decimal_of(written: str) -> Decimal:
    """Return a number written with a decimal point or comma."""
    return Decimal(written.replace(",", "."))


def percent_in(text: str) -> Interval | None:
    """Return the one percentage in a text, a range included; None for none or several different ones."""
    found = {_interval(*match.groups()) for match in _PERCENT.finditer(text)}
    return found.pop() if len(found) == 1 else None


def _interval(comparator: str | None, written: str, upper: str | None) -> Interval:
    value = decimal_of(written)
    if upper is not None:
        return Interval(value, decimal_of(upper))
    match _COMPARATORS.get(comparator or "", comparator):
        case "<":
            return Interval(None, value, high_inclusive=False)
        case "<=":
            return Interval(None, value)
        case ">":
            return Interval(value, None, low_inclusive=False)
        case ">=":
            return Interval(value, None)
        case _:
            return Interval.point(value)


class Phrases:
    """The words of `language.yaml` as patterns."""

    def __init__(self, words: Mapping[str, Sequence[str]]) -> None:
        """Compile the words once; matching never changes them."""
        self._negative = _any_of(words["negative_after"])
        self._positive = _any_of(words["positive_after"])
        self._dim = _any_of(words["dim_after"])
        self._doubtful = _any_of(words["doubtful"])
        self._positive_before = _any_of(words["positive_before"])
        self._negative_before = _any_of(words["negative_before"])
        self._subset = _any_of(words["lymphocyte_subset"])
        self._not_quantifiable = _any_of(words["not_quantifiable"])
        self._sensitivity = re.compile(
            "(?:"
            + "|".join(map(re.escape, words["sensitivity"]))
            + r")\D{0,20}?(1\s*[x×·*]\s*)?10\s*(?:\^|\*\*|E|e)?\s*[-−–]\s*(\d)",
            re.IGNORECASE,
        )
        self._resistance = _any_of(words["tki_resistance"])
        self._intolerance = _any_of(words["tki_intolerance"])

    def answer(self, text: str) -> Answer | None:
        """Return what a text says of the one thing it is about; None where it says nothing or two things."""
        return self._answer(text)[0]

    def _answer(self, text: str) -> tuple[Answer | None, bool]:
        if self._doubtful.search(text):
            return "indeterminate", False
        rest = self._negative.sub(" ", text)
        negative = rest != text
        dim = bool(self._dim.search(rest))
        positive = bool(self._positive.search(self._dim.sub(" ", rest)))
        if negative and (dim or positive):
            return None, True
        if negative:
            return "negative", False
        if dim:
            return "dim", False
        return ("positive", False) if positive else (None, False)

    def finding(self, text: str, marker: re.Pattern[str]) -> Finding | None:
        """Return what a text says of a marker; None where the marker does not stand in it."""
        found = [self._at(text, match) for match in marker.finditer(text)]
        if not found:
            return None
        answers = {item.answer for item in found if item.answer is not None}
        percents = {item.percent for item in found if item.percent is not None}
        settled = "dim" if answers == {"dim", "positive"} else next(iter(answers), None) if len(answers) == 1 else None
        return Finding(
            settled,
            percents.pop() if len(percents) == 1 else None,
            contradictory=(len(answers) > 1 and settled is None) or any(item.contradictory for item in found),
            cytoplasmic=all(item.cytoplasmic for item in found),
        )

    def _at(self, text: str, match: re.Match[str]) -> Finding:
        after = text[match.end() :]
        cytoplasmic = match.group(0)[:1] == "c"
        sign = _SIGN.match(after)
        ending = _CLAUSE_END.search(after, sign.end() if sign else 0)
        clause = after[: ending.start()] if ending else after
        percent = percent_in(clause)
        if sign is not None:
            return Finding("positive" if "+" in sign[1] else "negative", percent, cytoplasmic=cytoplasmic)
        answer, contradictory = self._answer(clause)
        if answer is None and not contradictory:
            answer = self._before(text[: match.start()])
        return Finding(answer, percent, contradictory, cytoplasmic)

    def _before(self, before: str) -> Answer | None:
        starts = [match.end() for match in _SENTENCE_START.finditer(before)]
        sentence = before[starts[-1] :] if starts else before
        for words, answer in ((self._negative_before, "negative"), (self._positive_before, "positive")):
            for match in reversed(list(words.finditer(sentence))):
                if _LIST.match(sentence[match.end() :]):
                    return "negative" if answer == "negative" else "positive"
        return None

    def is_lymphocyte_subset(self, text: str) -> bool:
        """Return whether the name of a test tells of lymphocytes rather than blasts."""
        return bool(self._subset.search(text))

    def is_not_quantifiable(self, text: str) -> bool:
        """Return whether a text says positive, but below the range in which the number counts."""
        return bool(self._not_quantifiable.search(text))

    def sensitivity_percent(self, text: str) -> Decimal | None:
        """Return the stated sensitivity in percent; None where none is stated."""
        match = self._sensitivity.search(text)
        return Decimal(100).scaleb(-int(match[2])) if match else None

    def tells_resistance(self, text: str) -> bool:
        """Return whether a reason for stopping names resistance or relapse."""
        return bool(self._resistance.search(text)) and not self._intolerance.search(text)


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    ordered = sorted(words, key=len, reverse=True)
    return re.compile(
        r"(?<![\w])(?:" + "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in ordered) + r")(?![\w])", re.IGNORECASE
    )


def marker_pattern(names: Iterable[str], prefix: str = "") -> re.Pattern[str]:
    """Return the pattern of a marker's names as whole words; `prefix` allows letters such as c for cytoplasmic."""
    ordered = sorted(names, key=len, reverse=True)
    return re.compile(
        r"(?<![A-Za-z0-9:/-])"
        + prefix
        + "(?:"
        + "|".join(re.escape(name) for name in ordered)
        + r")(?![A-Za-z0-9]|-like|\slike)",
        re.IGNORECASE,
    )
