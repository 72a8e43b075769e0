"""The ways a result can be written: each function returns the part of an Observation (or component) that holds it."""

from __future__ import annotations

from typing import Any

from service.synth.codes import UCUM, Code, concept

Json = dict[str, Any]

DATA_ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"


def quantity(number: float, unit: str, comparator: str = "") -> Json:
    """Return a number with its unit, which is a UCUM code."""
    made: Json = {"value": number}
    if comparator:
        made["comparator"] = comparator
    return {"valueQuantity": {**made, "unit": unit, "system": UCUM, "code": unit}}


def percent(number: float, comparator: str = "") -> Json:
    """Return a percentage."""
    return quantity(number, "%", comparator=comparator)


def ratio(numerator: int, denominator: int) -> Json:
    """Return one number in so many."""
    return {"valueRatio": {"numerator": {"value": numerator}, "denominator": {"value": denominator}}}


def coded(*codes: Code) -> Json:
    """Return a coded answer."""
    return {"valueCodeableConcept": concept(*codes)}


def words(text: str) -> Json:
    """Return an answer in prose."""
    return {"valueString": text}


def whole(number: int) -> Json:
    """Return a count."""
    return {"valueInteger": number}


def truth(answer: bool) -> Json:
    """Return true or false."""
    return {"valueBoolean": answer}


def moment(day: str) -> Json:
    """Return a date as the answer."""
    return {"valueDateTime": day}


def interpreted(code: Code) -> Json:
    """Return an answer that stands in the interpretation only."""
    return {"interpretation": [concept(code)]}


def absent(reason: str) -> Json:
    """Return the reason why there is no answer."""
    return {"dataAbsentReason": concept(Code(DATA_ABSENT, reason))}


def part(code: Code | str, value: Json) -> Json:
    """Return one component: a code, or words alone, and its value."""
    return {"code": concept(text=code) if isinstance(code, str) else concept(code), **value}


def parts(*components: Json) -> Json:
    """Return an answer made of components."""
    return {"component": list(components)}
