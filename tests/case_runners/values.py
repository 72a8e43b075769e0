"""Values as case files write them: intervals, dates, ages, and facts made of them."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from service.facts.catalogue import CATALOGUE, FactSpec, Kind
from service.logic.dates import Age, PartialDate, Span, add_months
from service.logic.fact import Fact, conflicting, known, unknown
from service.logic.interval import Interval

_BETWEEN = re.compile(r"([\[(])\s*([^,\s]*)\s*,\s*([^,\s]*)\s*([\])])")
_AGE = re.compile(r"(.*?)(?:([+-])\s*(\d+)\s*d)?")


def interval(written: object) -> Interval:
    """Read `5`, `<0.01`, `>=2`, `[1, 2]`, `(0, 0.01)`; an empty end of a pair is open."""
    text = str(written).strip()
    pair = _BETWEEN.fullmatch(text)
    if pair is not None:
        low, high = (Decimal(part) if part else None for part in pair.group(2, 3))
        return Interval(low, high, pair[1] == "[", pair[4] == "]")
    for sign in ("<=", ">=", "<", ">"):
        if text.startswith(sign):
            number = Decimal(text.removeprefix(sign))
            return Interval(None, number, high_inclusive="=" in sign) if "<" in sign else Interval(number, None, "=" in sign)
    return Interval.point(Decimal(text))


def birth_for(age: str, on: date) -> date:
    """Return a birth date that makes a patient exactly so old: `26 a`, `26 a - 1 d`, `25 a + 1 d`, `6 mo`."""
    match = _AGE.fullmatch(age.strip())
    assert match is not None, age
    span = Span.parse(match[1])
    shift = timedelta(days=int(match[3] or 0) * (-1 if match[2] == "-" else 1))
    reached = on - shift
    birth = add_months(reached, -span.months) - timedelta(days=span.days)
    assert span.after(birth) == reached, f"no birth date makes {age} on {on}"
    return birth


def partial(written: object) -> PartialDate:
    """Read a date of day, month or year."""
    parsed = PartialDate.parse(str(written))
    assert parsed is not None, written
    return parsed


def fact_of(spec: FactSpec, written: object) -> Fact[object]:
    """Return the fact that a case writes; `unknown` and `conflicting` are states."""
    if written == "unknown":
        return unknown()
    if written == "conflicting":
        return conflicting(())
    match spec.kind:
        case Kind.TRUTH:
            assert isinstance(written, bool), f"{spec.name} is true or false, not {written!r}"
            return known(written)
        case Kind.WORD:
            assert written in spec.values, f"{spec.name} is never {written!r}"
            return known(written)
        case Kind.WORDS:
            assert isinstance(written, list)
            return known(tuple(written))
        case Kind.NUMBER | Kind.COUNT:
            return known(interval(written))
        case Kind.DATE:
            return known(partial(written))
        case Kind.AGE:
            raise AssertionError(f"{spec.name} follows from `age` or `birth`")


def facts_of(given: Mapping[str, Any], on: date) -> dict[str, Fact[object]]:
    """Return every fact of the catalogue: those given, what follows from `age`, `birth` or the MRD, all others unknown."""
    facts: dict[str, Fact[object]] = {name: unknown() for name in CATALOGUE}
    birth = PartialDate.of_day(birth_for(given["age"], on)) if given.get("age", "unknown") != "unknown" else None
    if "birth" in given:
        birth = partial(given["birth"])
    if birth is not None:
        age = Age(birth, PartialDate.of_day(on))
        facts["age_years"] = known(age)
        if CATALOGUE["age_days"].kind is Kind.AGE:
            facts["age_days"] = known(age)
    # by an assay of which nothing is told
    assayed = {"mrd_by_sensitive_assay_percent": given["mrd_percent"]} if "mrd_percent" in given else {}
    for name, written in {**assayed, **given}.items():
        if name not in {"age", "birth"}:
            facts[name] = fact_of(CATALOGUE[name], written)
    return facts
