"""Quantities, ranges and ratios as intervals with a unit, exactly as written; and the upper limit printed beside them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from msgspec.json import encode

from service.logic.interval import Interval
from service.logic.units import known_unit, one_unit, to_unit
from service.record.record import Amount
from service.record.tolerant import Json, Unreadable, mapping, mappings, text
from service.record.upper_limits import is_normal, one_limit

if TYPE_CHECKING:
    from service.record.vocabulary import Terms


def number(holder: Json, key: str, path: str) -> Decimal | None:
    """Return a JSON number exactly as written; None where it is missing."""
    value = holder.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Unreadable(path + key)
    return Decimal(str(value))


def amount_in(holder: Json, path: str) -> tuple[Amount | None, str]:
    """Return the amount that an observation or component has, and the element in which it stands."""
    if holder.get("valueQuantity") is not None:
        return _quantity(mapping(holder, "valueQuantity", path), f"{path}valueQuantity."), "valueQuantity"
    if holder.get("valueRange") is not None:
        return _range(mapping(holder, "valueRange", path), f"{path}valueRange."), "valueRange"
    if holder.get("valueRatio") is not None:
        return _ratio(mapping(holder, "valueRatio", path), f"{path}valueRatio."), "valueRatio"
    return None, ""


def _unit(quantity: Json, path: str) -> str:
    return one_unit(text(quantity, "code", path), text(quantity, "unit", path))


def _quantity(quantity: Json, path: str) -> Amount | None:
    value = number(quantity, "value", path)
    if value is None:
        return None
    return Amount(compared(value, text(quantity, "comparator", path), f"{path}comparator"), _unit(quantity, path))


def compared(value: Decimal, comparator: str, path: str) -> Interval:
    """Return the interval that a number with its comparator stands for."""
    try:
        return Interval.compared(value, comparator)
    except ValueError:
        raise Unreadable(path) from None


def _range(value: Json, path: str) -> Amount | None:
    low, high = mapping(value, "low", path), mapping(value, "high", path)
    least, most = number(low, "value", f"{path}low."), number(high, "value", f"{path}high.")
    units = {unit for unit in (_unit(low, f"{path}low."), _unit(high, f"{path}high.")) if unit}
    if (least is None and most is None) or len(units) > 1 or (least is not None and most is not None and least > most):
        raise Unreadable(path.rstrip("."))
    return Amount(Interval(least, most), units.pop() if units else "")


def _ratio(value: Json, path: str) -> Amount | None:
    above, below = mapping(value, "numerator", path), mapping(value, "denominator", path)
    top, bottom = number(above, "value", f"{path}numerator."), number(below, "value", f"{path}denominator.")
    if top is None or bottom is None or bottom <= 0:
        raise Unreadable(path.rstrip("."))
    over, under = _unit(above, f"{path}numerator."), _unit(below, f"{path}denominator.")
    if over != under:
        top, bottom = _share(top, over, path), _share(bottom, under, path)
    return Amount(compared(top / bottom, _comparator(above, below, path), f"{path}numerator.comparator"), "1", ratio=True)


def _share(value: Decimal, unit: str, path: str) -> Decimal:
    """Return one side of a ratio as a plain number; what it counts, cells for example, is no unit."""
    if not known_unit(unit):
        return value
    plain = to_unit(value, unit, "1")
    if plain is None:
        raise Unreadable(path.rstrip("."))
    return plain


_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def _comparator(above: Json, below: Json, path: str) -> str:
    """Return the comparator of a ratio; one below the line turns round."""
    over, under = text(above, "comparator", f"{path}numerator."), text(below, "comparator", f"{path}denominator.")
    if over and under:
        raise Unreadable(f"{path}denominator.comparator")
    if under and not number(above, "value", f"{path}numerator."):
        return ""  # none of however many is none
    return over or _TURNED.get(under, under)


def upper_limit_in(holder: Json, path: str, unit: str, terms: Terms) -> Decimal | None:
    """Return the upper limit printed with a result; one in another unit than the result is none."""
    found: list[tuple[Decimal, bool]] = []
    for position, item in mappings(holder, "referenceRange", path):
        here = f"{path}referenceRange[{position}]."
        limit = mapping(item, "high", here)
        high = number(limit, "value", f"{here}high.")
        if "type" in item and not is_normal(encode(item["type"]), terms):
            continue
        if high is not None and high > 0 and _unit(limit, f"{here}high.") in {"", unit}:
            found.append((high, "appliesTo" in item or "age" in item))
    return one_limit(found)
