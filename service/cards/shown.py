"""Facts and their evidence as a clinician reads them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from service.cards.escape import one_line
from service.consultation.document import plain
from service.logic.fact import State
from service.logic.interval import Interval

if TYPE_CHECKING:
    from service.cards.wording import Wording
    from service.logic.fact import Fact


def value_words(fact: Fact[object], wording: Wording) -> str:
    """Return the value of a known fact with its unit, on one line, not escaped."""
    bare = bare_words(fact, wording)
    unit = wording.units.get(fact.unit, fact.unit)
    return f"{bare} {unit}" if unit else bare


def bare_words(fact: Fact[object], wording: Wording) -> str:
    """Return the value of a known fact without its unit."""
    value = fact.value
    if isinstance(value, str):
        return one_line(wording.values.get(value, value))
    if isinstance(value, bool):
        return wording.true_word if value else wording.false_word
    return _interval(value) if isinstance(value, Interval) else _words(plain(value), wording)


def state_words(fact: Fact[object], wording: Wording) -> str:
    """Return the value of a fact, or why there is none."""
    if fact.is_known:
        return value_words(fact, wording)
    if fact.state is State.CONFLICTING:
        return wording.contradictory
    return wording.gaps.gaps.get(fact.gap.value if fact.gap else "", wording.not_found)


def _words(value: object, wording: Wording) -> str:
    match value:
        case str():
            return one_line(wording.values.get(value, value))
        case list():
            return ", ".join(_words(item, wording) for item in value)
        case {"low": low, "high": high}:  # an age known within a year
            return f"{low}–{high}"
        case _:
            return str(value)


def _number(value: Decimal) -> str:
    return format(value.normalize(), "f")


def _interval(value: Interval) -> str:
    if value.exact is not None:
        return _number(value.exact)
    low = value.low if value.low is not None and (value.low > 0 or value.high is None) else None
    if low is None:
        return "?" if value.high is None else f"{'≤' if value.high_inclusive else '<'} {_number(value.high)}"
    if value.high is None:
        return f"{'≥' if value.low_inclusive else '>'} {_number(low)}"
    return f"{_number(low)}–{_number(value.high)}"
