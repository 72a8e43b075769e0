"""What-if: values that are taken as given instead of read from the record, each checked against the catalogue of facts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING

from service.errors import RequestError
from service.facts import every_fact
from service.facts.catalogue import CATALOGUE, Kind
from service.facts.possible import bounds, lies_outside
from service.logic.dates import PartialDate, add_months
from service.logic.fact import Gap, known, unknown
from service.logic.interval import Interval

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date

    from service.consultation.consult import Question
    from service.facts.catalogue import FactSpec, Limits
    from service.logic.fact import Fact
    from service.record.record import PatientRecord

every_fact()

AS_OF, BIRTH_DATE, AGE = "as_of", "birth_date", "age_years"
"""What may be changed besides facts: the day asked about, and the birth date, given or by the age on that day."""

RULE = "supposed"
_NOT_BY_ITSELF = frozenset({"age_days", "age_at_diagnosis_days"})
_DAY = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_COMPARED = re.compile(r"(<=|>=|<|>|≤|≥)?\s*(\d{1,12}(?:\.\d{1,12})?)")
_COMPARATORS = {"≤": "<=", "≥": ">="}
_TRUTHS: Mapping[object, bool] = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Supposed:
    """What is taken as given: facts by name, another birth date, another day; `is_past`: that day is over."""

    facts: Mapping[str, Fact[object]] = field(default_factory=lambda: MappingProxyType({}))
    birth: PartialDate | None = None
    as_of: date | None = None
    is_past: bool = False

    def question(self, question: Question) -> Question:
        """Return the question, about the supposed day where there is one."""
        if self.as_of is None:
            return question
        return replace(question, as_of=self.as_of, is_past=self.is_past)

    def record(self, record: PatientRecord) -> PatientRecord:
        """Return the record, with the supposed birth date where there is one; every age follows from it."""
        return record if self.birth is None else replace(record, birth=self.birth)


NOTHING_SUPPOSED = Supposed()


def changeable() -> tuple[FactSpec, ...]:
    """Return the facts that may be supposed by themselves: all but ages and spans, which follow from dates."""
    return tuple(spec for spec in CATALOGUE.values() if spec.kind is not Kind.AGE and spec.name not in _NOT_BY_ITSELF)


def read_changes(
    changes: Sequence[tuple[str, object]], as_of: date, products: Collection[str], limits: Limits, today: date
) -> Supposed:
    """Return what the changes suppose; a value of None supposes that the fact is not known.

    `as_of`: the day asked about where no change names another. Values may be written as text.
    `products`: those of the knowledge files, which are words that a fact may have. `limits`: what numbers can be.
    `today`: a day before it is over.
    Raises: RequestError that says which change cannot be used, and what may be written instead.
    """
    names = [name for name, _ in changes]
    for place, name in enumerate(names):
        if name in names[:place]:
            raise RequestError("the fact is changed twice", where=f"changes[{place}].fact")
    if AGE in names and BIRTH_DATE in names:
        raise RequestError("age and birth date are changed at once", where="changes", hint="one follows from the other")
    day, birth, facts = None, None, {}
    for place, (name, value) in enumerate(changes):
        if name == AS_OF:
            day = _day(value, f"changes[{place}].value")
    for place, (name, value) in enumerate(changes):
        where = f"changes[{place}].value"
        if name == BIRTH_DATE:
            birth = _birth(value, day or as_of, where)
        elif name == AGE:
            birth = _born(value, day or as_of, where, limits)
        elif name != AS_OF:
            facts[name] = _fact(_spec(name, f"changes[{place}].fact"), value, where, products, limits)
    return Supposed(MappingProxyType(facts), birth, day, day is not None and day < today)


def _spec(name: str, where: str) -> FactSpec:
    spec = CATALOGUE.get(name)
    if spec is None:
        # What was sent is not repeated: it might be a name.
        raise RequestError("there is no such fact", where=where, hint="facts are listed under `facts` of an assessment")
    if spec not in changeable():
        hint = f"change {AGE} or {BIRTH_DATE}" if name.startswith("age") else "change the dates that it is counted from"
        raise RequestError("the fact follows from others", where=where, hint=hint)
    return spec


def _fact(spec: FactSpec, value: object, where: str, products: Collection[str], limits: Limits) -> Fact[object]:
    if value is None:
        return unknown(Gap.NOT_RECORDED, spec.name, rule=RULE)
    return known(_value(spec, value, where, spec.words(products), limits), rule=RULE, unit=spec.unit)


def _value(spec: FactSpec, value: object, where: str, words: tuple[str, ...], limits: Limits) -> object:
    """Return the value as the fact's kind has it. Raises: RequestError."""
    found: object = None
    match spec.kind:
        case Kind.TRUTH:
            found, hint = (
                _TRUTHS.get(value) if isinstance(value, str) else value if isinstance(value, bool) else None,
                "true or false",
            )
        case Kind.WORD:
            found, hint = value if value in words else None, f"one of {', '.join(words)}"
        case Kind.WORDS:
            found, hint = _words(value, words), f"a list of {', '.join(words)}"
        case Kind.NUMBER:
            lowest, highest = bounds(limits, spec.unit, spec.name)
            most = f" to {highest}" if highest is not None else ""
            found = _possible(_number(value), lowest, highest)
            hint = f"a number{f' in {spec.unit}' if spec.unit else ''} from {lowest}{most}, such as 1, 0.01 or < 0.01"
        case Kind.COUNT:
            number = _number(value)
            whole = number is not None and number.exact is not None and number.exact == number.exact.to_integral_value()
            found, hint = number if whole else None, "a whole number from 0"
        case _:
            found, hint = _date(value), "a date such as 2026-11-22, 2026-11 or 2026"
    if found is None:
        raise RequestError("the fact cannot have this value", where=where, hint=f"{hint}; null: not known")
    return found


def _words(value: object, allowed: tuple[str, ...]) -> tuple[str, ...] | None:
    words = [word.strip() for word in value.split(",")] if isinstance(value, str) else value
    if not isinstance(words, list) or not words or not all(word in allowed for word in words):
        return None
    return tuple(dict.fromkeys(words))


def _number(value: object) -> Interval | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    written = _COMPARED.fullmatch(f"{value}".strip())
    if written is None:
        return None
    comparator, digits = written.groups()
    number = Decimal(digits)
    return Interval.point(number) if comparator is None else Interval.compared(number, _COMPARATORS.get(comparator, comparator))


def _possible(number: Interval | None, lowest: Decimal, highest: Decimal | None) -> Interval | None:
    """Return the number, None where all of it lies outside of what can be."""
    return None if number is None or lies_outside(number, lowest, highest) else number


def _date(value: object) -> PartialDate | None:
    return PartialDate.parse(value) if isinstance(value, str) and _DAY.fullmatch(value) else None


def _day(value: object, where: str) -> date:
    found = _date(value)
    if found is None or found.precision != "day":
        raise RequestError("not a day", where=where, hint="write it as 2026-11-22")
    return found.low


def _birth(value: object, as_of: date, where: str) -> PartialDate:
    found = _date(value)
    if found is None or found.low > as_of:
        raise RequestError("not a birth date", where=where, hint="a date such as 1990-05-14, not after the day asked about")
    return found


def _born(value: object, as_of: date, where: str, limits: Limits) -> PartialDate:
    """Return the birth date of somebody who has just completed so many years on the day."""
    number = _number(value)
    years, oldest = number.exact if number is not None else None, limits.number("age_highest")
    if years is None or years != years.to_integral_value() or years > oldest:
        raise RequestError("not an age", where=where, hint=f"completed years from 0 to {oldest}; for infants change {BIRTH_DATE}")
    return PartialDate.of_day(add_months(as_of, -12 * int(years)))
