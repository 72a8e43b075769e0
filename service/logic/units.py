"""The UCUM units met in this field, and exact conversions between them.

Every factor is exact by definition: SI prefixes, units of time of fixed length, the inch and the pound. What is not exact
is not converted: mass and amount of substance (no molar mass is exact), international units (each belongs to its assay),
months and days. `mL/min` and `mL/min/{1.73_m2}` measure different things.

Laboratories write counts as `K/uL`, `G/L`, `x10^9/l` and shares as `percent`; these are no UCUM and are read all the same,
wherever they can mean one thing only.
"""

from __future__ import annotations

import re
from decimal import Context, Decimal
from functools import lru_cache
from typing import NamedTuple


class _Scale(NamedTuple):
    """A unit: so many times the first unit of its dimension."""

    dimension: str
    factor: Decimal


# Dimension → UCUM unit → how many of the dimension's first unit it is.
_TABLE: dict[str, dict[str, str]] = {
    "share": {"1": "1", "%": "0.01", "[ppth]": "0.001", "[ppm]": "0.000001"},
    "count per volume": {
        "/L": "1",
        "/dL": "10",
        "/mL": "1000",
        "/cm3": "1000",
        "/uL": "1000000",
        "/mm3": "1000000",
        "/nL": "1000000000",
    },
    "mass concentration": {
        "g/L": "1",
        "g/dL": "10",
        "g/mL": "1000",
        "mg/mL": "1",
        "mg/dL": "0.01",
        "mg/L": "0.001",
        "ug/mL": "0.001",
        "ug/dL": "0.00001",
        "ug/L": "0.000001",
        "ng/mL": "0.000001",
        "ng/dL": "0.00000001",
        "ng/L": "0.000000001",
        "pg/mL": "0.000000001",
    },
    "molar concentration": {
        "mol/L": "1",
        "mmol/L": "0.001",
        "umol/L": "0.000001",
        "nmol/L": "0.000000001",
        "pmol/L": "0.000000000001",
    },
    # 1 U turns over 1 umol in a minute, 1 ukat 1 umol in a second.
    "catalytic concentration": {
        "U/L": "1",
        "kU/L": "1000",
        "U/mL": "1000",
        "mU/mL": "1",
        "mU/L": "0.001",
        "ukat/L": "60",
        "nkat/L": "0.06",
    },
    "international units per volume": {"[IU]/L": "1", "k[IU]/L": "1000", "[IU]/mL": "1000", "m[IU]/mL": "1", "m[IU]/L": "0.001"},
    "mass": {"g": "1", "kg": "1000", "mg": "0.001", "ug": "0.000001", "[lb_av]": "453.59237", "[oz_av]": "28.349523125"},
    "length": {"cm": "1", "m": "100", "mm": "0.1", "[in_i]": "2.54", "[ft_i]": "30.48"},
    "mass per area": {"kg/m2": "1", "g/cm2": "10"},
    "area": {"m2": "1", "dm2": "0.01", "cm2": "0.0001"},
    "time": {"s": "1", "ms": "0.001", "us": "0.000001", "min": "60", "h": "3600", "d": "86400", "wk": "604800"},
    "calendar time": {"mo": "1", "a": "12"},
    "flow": {"mL/min": "1", "L/min": "1000", "mL/s": "60"},
    "flow per body surface": {"mL/min/{1.73_m2}": "1", "mL/s/{1.73_m2}": "60"},
}
_SCALES = {unit: _Scale(dimension, Decimal(factor)) for dimension, units in _TABLE.items() for unit, factor in units.items()}

# Spellings that are no UCUM, all in small letters.
_SPELLINGS = {
    **dict.fromkeys(("percent", "per cent", "pct", "prozent", "por ciento"), "%"),
    **dict.fromkeys(("fraction", "ratio", "{ratio}", "{fraction}"), "1"),
    **dict.fromkeys(("‰", "promille", "per mille", "por mil"), "[ppth]"),
    **dict.fromkeys(("ppm",), "[ppm]"),
    **dict.fromkeys(("lb", "lbs", "pound", "pounds"), "[lb_av]"),
    **dict.fromkeys(("oz", "ounce", "ounces"), "[oz_av]"),
    **dict.fromkeys(("in", "inch", "inches"), "[in_i]"),
    **dict.fromkeys(("ft", "foot", "feet"), "[ft_i]"),
    **dict.fromkeys(("iu/l",), "[IU]/L"),
    **dict.fromkeys(("iu/ml",), "[IU]/mL"),
    **dict.fromkeys(("miu/ml",), "m[IU]/mL"),
    **dict.fromkeys(("miu/l",), "m[IU]/L"),
    **dict.fromkeys(("gm", "gram", "grams"), "g"),
    **dict.fromkeys(("kgs", "kilogram", "kilograms"), "kg"),
    **dict.fromkeys(("sec", "second", "seconds"), "s"),
    **dict.fromkeys(("msec", "millisecond", "milliseconds"), "ms"),
    **dict.fromkeys(("minute", "minutes"), "min"),
    **dict.fromkeys(("hr", "hour", "hours"), "h"),
    **dict.fromkeys(("day", "days"), "d"),
    **dict.fromkeys(("week", "weeks"), "wk"),
    **dict.fromkeys(("month", "months"), "mo"),
    **dict.fromkeys(("year", "years", "yr", "yrs"), "a"),
}
# Words for powers of ten before a volume: `K/uL`, `Gpt/L`. A lone `G` is giga and a lone `g` gram, `M` mega and `m` milli.
_COUNT_WORDS = {"K": 3, "k": 3, "M": 6, "G": 9, "T": 12}
_COUNT_WORDS_ANY_CASE = {
    "tsd": 3,
    "thou": 3,
    "miles": 3,
    "thousand": 3,
    "mio": 6,
    "million": 6,
    "mpt": 6,
    "mrd": 9,
    "giga": 9,
    "gpt": 9,
    "tpt": 12,
}

_SIGNS = str.maketrans({"µ": "u", "μ": "u", "×": "x", "²": "2", "³": "3", "−": "-", "\u00a0": " "})
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_RAISED_POWER = re.compile(r"(?<=10)[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_POWER = re.compile(r"(?:x ?|\* ?)?10 ?(?:\*\*|\^|\*) ?\+?(-?[0-9]{1,2})", re.IGNORECASE)
_POWER_E = re.compile(r"(?:x ?|\* ?)?10E\+?([0-9]{1,2})", re.IGNORECASE)  # `10E9/L` means 10*9/L; `10e-4` is not clear
_ONE_E = re.compile(r"1E(-[0-9]{1,2})\Z", re.IGNORECASE)
_PER_SURFACE = re.compile(r"(m[Ll]/(?:min|s))/\{?1\.73[ _*]?m\^?2\}?\Z")
_MICRO_WORDS = re.compile(r"\bmc(?=[gL]\b)")
_LITRE = re.compile(r"(?<=[/dmun])l\b|(?<![A-Za-z])l\b")
_CUBE = re.compile(r"(?:mm\^3|cu ?mm|cmm)\b")
_COUNTED = re.compile(r"^(?:cells?|leu[ck]ocytes|blasts)(?=/)|\{[^{}]*\}", re.IGNORECASE)
_TENS = re.compile(r"10\*(-?[0-9]{1,2})(/[A-Za-z]+3?)?\Z")
_PER_TENS = re.compile(r"/10\*([0-9]{1,2})\Z")
_WORD_COUNT = re.compile(r"([A-Za-z]+)\.?(/[A-Za-z]+3?)\Z")
_MASS_OR_SUBSTANCE = {"mass concentration", "molar concentration"}  # one of the two is meant, and they differ by far
_PRECISE = Context(prec=50)


def to_unit(value: Decimal, unit: str, wanted: str) -> Decimal | None:
    """Return the value in the wanted unit; None where either unit is unknown or they measure different things."""
    given, target = _scale(unit), _scale(wanted)
    if given is None or target is None or given.dimension != target.dimension:
        return None
    if given.factor == target.factor:
        return value
    return _PRECISE.divide(_PRECISE.multiply(value, given.factor), target.factor)


@lru_cache(maxsize=1024)
def one_unit(code: str, text: str) -> str:
    """Return the unit of a quantity by its code, else by its text; both, which is no unit, where they contradict each other.

    They do where they differ by a factor, or as mass and amount of substance.
    """
    if not code or not text or code == text:
        return code or text
    coded, written = _scale(code), _scale(text)
    if coded is None or written is None or (coded.dimension == written.dimension and coded.factor == written.factor):
        return code
    apart = coded.dimension == written.dimension or {coded.dimension, written.dimension} == _MASS_OR_SUBSTANCE
    return f"{code} ({text})" if apart else code


def known_unit(unit: str) -> bool:
    """Return whether the unit can be read."""
    return _scale(unit) is not None


@lru_cache(maxsize=1024)
def _scale(unit: str) -> _Scale | None:
    text = _plain(unit)
    # With braces first: in `mL/min/{1.73_m2}` they matter, elsewhere they only say what was counted.
    for form in (text, _COUNTED.sub("", text)):
        found = _SCALES.get(form) or _SCALES.get(_SPELLINGS.get(form.lower(), "")) or _power_of_ten(form) or _any_case(form)
        if found is not None:
            return found
    return None


def _plain(unit: str) -> str:
    """Return the unit with its signs and powers of ten written as UCUM writes them."""
    text = _RAISED_POWER.sub(lambda power: "*" + power[0].translate(_RAISED), unit.strip()).translate(_SIGNS)
    text = _CUBE.sub("mm3", text).replace("m^2", "m2").replace(" /", "/").replace("/ ", "/")
    text = _LITRE.sub("L", text)
    text = _MICRO_WORDS.sub("u", text)
    text = _PER_SURFACE.sub(lambda flow: flow[1].replace("ml", "mL") + "/{1.73_m2}", text)
    text = _POWER.sub(r"10*\1", text)
    text = _POWER_E.sub(r"10*\1", text)
    return _ONE_E.sub(r"10*\1", text)


def _power_of_ten(text: str) -> _Scale | None:
    if match := _TENS.match(text):
        return _tens_of(int(match[1]), match[2])
    if match := _PER_TENS.match(text):
        return _tens_of(-int(match[1]), None)
    if text == "/100":
        return _tens_of(-2, None)
    if match := _WORD_COUNT.match(text):
        tens = _COUNT_WORDS.get(match[1]) or _COUNT_WORDS_ANY_CASE.get(match[1].lower())
        return None if tens is None else _tens_of(tens, match[2])
    return None


def _tens_of(tens: int, per_volume: str | None) -> _Scale | None:
    one = _SCALES["1"] if per_volume is None else _SCALES.get(per_volume) or _any_case(per_volume)
    if one is None or one.dimension not in {"share", "count per volume"}:
        return None
    return _Scale(one.dimension, one.factor.scaleb(tens))


def _any_case(text: str) -> _Scale | None:
    """Return the one unit that is meant when upper and lower case are not told apart; None where several could be."""
    return _IN_ANY_CASE.get(text.lower()) if len(text) > 1 else None  # a lone S is siemens, M a prefix


def _by_lower_case() -> dict[str, _Scale]:
    found: dict[str, set[str]] = {}
    for unit in _SCALES:
        found.setdefault(unit.lower(), set()).add(unit)
    return {lower: _SCALES[units.pop()] for lower, units in found.items() if len(units) == 1}


_IN_ANY_CASE = _by_lower_case()
